import type { JsonValue } from '@halyard/json';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../compile/compile.ts';
import { evaluate } from '../evaluate/evaluate.ts';
import { definitions, dependsOn, facts, flag, outcome, person, request, run } from '../scenario.cases.ts';

const anything = fc.jsonValue({ maxDepth: 6 }) as fc.Arbitrary<JsonValue>;
const likelyFilter = fc.record({
  key: fc.string(),
  type: fc.constantFrom('person', 'group', 'cohort', 'flag', 'x'),
  value: anything,
  operator: fc.constantFrom('exact', 'regex', 'gt', 'semver_gt', 'is_date_after', 'in', 'between'),
});
const likelyCondition = fc.record({ properties: fc.array(fc.oneof(anything, likelyFilter)) });
const likelyFlag = fc.record({
  id: fc.oneof(fc.integer(), anything),
  key: fc.oneof(fc.string(), anything),
  active: fc.constant(true),
  filters: fc.oneof(anything, fc.record({ groups: fc.array(fc.oneof(anything, likelyCondition)) })),
}) as fc.Arbitrary<JsonValue>;
const likelyCohort = fc.record({
  id: fc.integer({ min: 0, max: 3 }),
  filters: anything,
  groups: anything,
}) as fc.Arbitrary<JsonValue>;

describe('hostile definitions', () => {
  it('any JSON at all compiles and evaluates without a throw', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(anything, likelyFlag)),
        fc.array(fc.oneof(anything, likelyCohort)),
        anything,
        (flags, cohorts, value) => {
          const program = compile(definitions(flags, { cohorts }));
          const got = evaluate(program, request({ personProperties: { a: value } }), facts());
          expect(got.results.length).toBeLessThanOrEqual(flags.length);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('a thousand flags in one dependency chain are evaluated in order', () => {
    const chain = Array.from({ length: 1000 }, (_, i) =>
      flag(`f${i}`, { groups: [{ properties: i === 0 ? [] : [dependsOn(i, true)] }] }, { id: i + 1 }),
    ).reverse();
    const got = run(chain);
    expect(got.results).toHaveLength(1000);
    expect(got.results.every((one) => one.enabled)).toBe(true);
    expect(run(chain, { flagKeys: ['f999'] }).results).toHaveLength(1000);
  });

  it('a thousand cohorts in one chain are resolved', () => {
    const cohorts = Array.from({ length: 1000 }, (_, i) => ({
      id: i,
      filters: {
        properties: {
          type: 'AND',
          values: [i === 0 ? person('plan', 'pro') : { key: 'id', type: 'cohort', value: i - 1 }],
        },
      },
    }));
    const asks = flag('f', { groups: [{ properties: [{ key: 'id', type: 'cohort', value: 999 }] }] });
    expect(outcome(run(definitions([asks], { cohorts }), {}, facts({ plan: 'pro' })), 'f')).toBe(
      'true condition_match 0',
    );
  });
});
