import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { compile, type Definitions, evaluate, fromLocalEvaluation, type Program } from '@halyard/engine';
import type { JsonValue } from '@halyard/json';
import { expect, it } from 'vitest';
import { estimateBytes } from './size-estimate.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const FLAGS = 500;

async function heapUsed(): Promise<number> {
  // Behind whatever this turn still holds.
  await nextTurn();
  for (let i = 0; i < 3; i++) collectGarbage();
  return process.memoryUsage().heapUsed;
}

function estimate(definitions: Definitions): number {
  const pieces = estimateBytes(definitions);
  for (;;) {
    const { done, value } = pieces.next();
    if (done === true) return value;
  }
}

const filter = (key: string, value: unknown, operator = 'exact') => ({ key, type: 'person', operator, value });

/** The filters of the flag of that number, in projects of different kinds. */
const kinds: Readonly<Record<string, (i: number) => object[]>> = {
  'no filters': () => [],
  'values and texts': (i) => [filter('plan', ['pro', 'team', `v${i}`]), filter('email', '@x.com', 'icontains')],
  'long lists': (i) => [
    filter(
      'id',
      Array.from({ length: 50 }, (_, k) => `user-${i}-${k}`),
    ),
  ],
  patterns: (i) => [filter('email', `^user${i}[a-z]+@(foo|bar)\\.com$`, 'regex')],
};

it.each(Object.keys(kinds))('the estimate is near to what a used project really takes: %s', async (kind) => {
  const read = () =>
    fromLocalEvaluation(
      JSON.parse(
        JSON.stringify({
          flags: Array.from({ length: FLAGS }, (_, i) => ({
            id: i + 1,
            key: `${kind} ${i}`,
            name: '',
            active: true,
            filters: { groups: [{ properties: kinds[kind]?.(i), rollout_percentage: 100 }] },
          })),
        }),
      ) as JsonValue,
    );
  const use = (program: Program) => {
    for (let i = 0; i < 30; i++) {
      const personProperties = {
        plan: `v${i}`,
        id: `user-1-${i}`,
        email: `user${i}${'abcdefghij'.slice(i % 10)}@foo.com`,
      };
      evaluate(program, { distinctId: `user ${i}`, now: 1, personProperties });
    }
    return program;
  };
  use(compile(read())); // what the process learns once
  const programs: Program[] = [];
  const sizes: number[] = [];
  for (let i = 0; i < 5; i++) {
    const before = await heapUsed();
    programs.push(use(compile(read())));
    sizes.push((await heapUsed()) - before);
  }
  expect(programs.flatMap(({ problems }) => problems)).toEqual([]);
  // What else the process makes or gives up meanwhile falls into one or two of the five.
  const taken = sizes.sort((a, b) => a - b)[2] ?? 0;
  // The texts of answers, which the service keeps, are part of the estimate and missing here: they are about a third.
  expect(estimate(read()) / taken).toBeGreaterThan(0.9);
  expect(estimate(read()) / taken).toBeLessThan(2.5);
});
