import { type Shape, shapeFromRow, shapeStatement } from '@halyard/data/statements';
import { type PoolName, rowsOf, type StepResults } from './steps.ts';

const shapes = new Map<string, Shape>();

/**
 * What the tables behind a pool look like (D30): asked once per store, whose number the host chooses, and pool.
 *
 * @throws {StepNeeded}
 * @throws {StoreError}
 */
export function shapeOf(store: number, pool: PoolName, results: StepResults | undefined): Shape {
  const name = `${store} ${pool}`;
  let shape = shapes.get(name);
  if (shape === undefined) {
    shape = shapeFromRow(rowsOf(results, { step: `shape of ${pool}`, pool, statement: shapeStatement })[0]);
    shapes.set(name, shape);
  }
  return shape;
}
