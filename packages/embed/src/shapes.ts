import { type TableFeatures, tableFeaturesFromRow, tableFeaturesStatement } from '@halyard/data/statements';
import { type PoolName, rowsOf, type StepResults } from './steps.ts';

const shapes = new Map<string, TableFeatures>();

/**
 * What the tables behind a pool look like (D30): asked once per store, whose number the host chooses, and pool.
 *
 * @throws {StepNeeded}
 * @throws {StoreError}
 */
export function shapeOf(store: number, pool: PoolName, results: StepResults | undefined): TableFeatures {
  const name = `${store} ${pool}`;
  let shape = shapes.get(name);
  if (shape === undefined) {
    shape = tableFeaturesFromRow(
      rowsOf(results, { step: `shape of ${pool}`, pool, statement: tableFeaturesStatement })[0],
    );
    shapes.set(name, shape);
  }
  return shape;
}
