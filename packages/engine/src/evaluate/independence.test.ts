import type { JsonObject, JsonValue } from '@halyard/json';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../compile/compile.ts';
import { evaluate } from './evaluate.ts';
import type { Facts } from '../facts.ts';
import type { EvaluationRequest } from '../request.ts';
import { definitions, dependsOn, facts, flag, inCohort, person, request } from '../scenario.cases.ts';

const word = fc.constantFrom('pro', 'free', '7');
const filter = fc.oneof(
  fc.tuple(fc.constantFrom('plan', 'seats'), word).map(([key, value]) => person(key, value)),
  word.map((value): JsonObject => ({ key: 'tier', value, operator: 'exact', type: 'group', group_type_index: 0 })),
  fc.constantFrom(1, 2, 404).map((id) => inCohort(id)),
  fc.integer({ min: 1, max: 6 }).map((id) => dependsOn(id, true)),
);
const condition = fc.record({
  properties: fc.array(filter, { maxLength: 2 }),
  rollout_percentage: fc.constantFrom(0, 50, 100),
  aggregation_group_type_index: fc.constantFrom(null, 0),
});
const flags = fc.array(
  fc.record({
    groups: fc.array(condition, { maxLength: 3 }),
    early_exit: fc.boolean(),
    row: fc.constantFrom<JsonObject>(
      {},
      { ensure_experience_continuity: true },
      { bucketing_identifier: 'device_id' },
      { active: false },
    ),
  }),
  { minLength: 1, maxLength: 6 },
);
const asked: fc.Arbitrary<Partial<EvaluationRequest>> = fc.record(
  {
    distinctId: fc.constantFrom('user-1', 'user-2', ''),
    deviceId: fc.constantFrom('device-1', ''),
    anonDistinctId: fc.constantFrom('anon-1', 'anon-2'),
    groups: fc.constantFrom<JsonObject>({ company: 'acme' }, { company: '' }, {}),
    personProperties: fc.dictionary(fc.constantFrom('plan', 'seats'), word),
    groupProperties: word.map((tier) => ({ company: { tier } })),
  },
  { requiredKeys: [] },
);
const stored: fc.Arbitrary<Facts> = fc
  .record({ plan: word, member: fc.boolean(), hashKey: fc.option(fc.constantFrom('anon-1', 'anon-3')) })
  .map(({ plan, member, hashKey }) => ({
    ...facts({ plan }, { staticCohorts: new Set(member ? [1] : []) }),
    stickyKeys: hashKey === null ? null : new Map([['f1', hashKey]]),
  }));

const cohorts: JsonValue[] = [
  { id: 1, is_static: true },
  { id: 2, filters: { properties: { type: 'OR', values: [inCohort(1), person('plan', 'pro')] } } },
];

describe('one evaluation', () => {
  it('E1: a flag has the value it would have alone, whatever was asked before and beside it', () => {
    fc.assert(
      fc.property(flags, fc.array(fc.tuple(asked, stored), { minLength: 2, maxLength: 4 }), (given, requests) => {
        const rows = given.map(({ row, ...filters }, i) => flag(`f${i + 1}`, filters, { id: i + 1, ...row }));
        const all = definitions(rows, { cohorts, groupTypeMapping: { '0': 'company' } });
        const shared = compile(all);
        for (const [asking, loaded] of requests) {
          const { results } = evaluate(shared, request(asking), loaded);
          for (const one of results) {
            const alone = evaluate(compile(all), request({ ...asking, flagKeys: [one.flag.key] }), loaded).results;
            const same = alone.find((other) => other.flag.key === one.flag.key);
            // A result's own id counts what this Program has given so far.
            expect({ ...same, id: 0 }).toEqual({ ...one, id: 0 });
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});
