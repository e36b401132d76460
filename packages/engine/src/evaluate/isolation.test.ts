import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { JsonObject, JsonValue } from '@halyard/json';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../compile/compile.ts';
import { explain } from '../explain/explain.ts';
import type { Facts } from '../facts.ts';
import { planFacts } from '../plan/plan-facts.ts';
import { Program } from '../program/program.ts';
import type { EvaluationRequest } from '../request.ts';
import type { Evaluation } from '../result.ts';
import {
  definitions,
  dependsOn,
  FAILURE,
  facts,
  flag,
  inCohort,
  NOON,
  person,
  request,
  result,
} from '../scenario.cases.ts';
import { evaluate } from './evaluate.ts';

const ofGroup = (key: string, value: JsonValue, operator = 'exact'): JsonObject => ({
  key,
  value,
  operator,
  type: 'group',
  group_type_index: 0,
});
const halves = { variants: ['a', 'b'].map((key) => ({ key, rollout_percentage: 50 })) };
const cohort = (id: number, type: string, values: JsonValue[]): JsonObject => ({
  id,
  filters: { properties: { type, values } },
});

/** A flag for each kind of thing that a request brings along. */
const everything = definitions(
  [
    flag('plan', { groups: [{ properties: [person('plan', 'pro')] }, { rollout_percentage: 50 }] }, { id: 1 }),
    flag(
      'text',
      { groups: [{ properties: [person('plan', 'r', 'icontains'), person('plan', '^p', 'regex')] }] },
      { id: 2 },
    ),
    flag('filled', { groups: [{ properties: [person('$initial_os', ['iOS', 'Android'])] }] }, { id: 3 }),
    flag('since', { groups: [{ properties: [person('seen', '7d', 'is_date_after')] }] }, { id: 4 }),
    flag('team', { aggregation_group_type_index: 0, groups: [{ rollout_percentage: 50 }] }, { id: 5 }),
    flag('tier', { groups: [{ properties: [ofGroup('tier', 'gold')] }], multivariate: halves }, { id: 6 }),
    flag('sticky', { groups: [{ rollout_percentage: 50 }] }, { id: 7, ensure_experience_continuity: true }),
    flag('device', { groups: [{ rollout_percentage: 50 }] }, { id: 8, bucketing_identifier: 'device_id' }),
    flag('members', { groups: [{ properties: [inCohort(1)] }] }, { id: 9 }),
    flag('customers', { groups: [{ properties: [inCohort(2), inCohort(3, 'not_in')] }] }, { id: 10 }),
    flag('broken', { groups: [{ properties: [inCohort(4)] }] }, { id: 11 }),
    flag('broken-too', { groups: [{ properties: [inCohort(4, 'not_in')] }, {}] }, { id: 12 }),
    flag('after', { groups: [{ properties: [dependsOn(1, true), dependsOn(5, false)] }, {}] }, { id: 13 }),
    flag('after-broken', { groups: [{ properties: [dependsOn(11, true)] }], early_exit: true }, { id: 14 }),
    flag('early', { feature_enrollment: true, groups: [{ rollout_percentage: 50 }] }, { id: 15 }),
    flag('held', { groups: [{}], multivariate: halves, holdout: { id: 7, exclusion_percentage: 50 } }, { id: 16 }),
    flag('super', { groups: [{}], super_groups: [{ properties: [person('beta', 'true')] }] }, { id: 17 }),
    flag('mixed', { groups: [{ properties: [person('plan', 'pro'), ofGroup('tier', 'gold', 'is_not')] }] }, { id: 18 }),
  ],
  {
    groupTypeMapping: { '0': 'org' },
    cohorts: [
      { id: 1, is_static: true },
      cohort(2, 'OR', [person('plan', 'pro'), person('seats', 3, 'gt')]),
      cohort(3, 'AND', [inCohort(1), inCohort(2)]),
      cohort(4, 'AND', [person('plan', 'pro'), { type: 'XOR', values: [] }]),
    ],
  },
);

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const word = fc.constantFrom<JsonValue>('pro', 'free', 'gold', 'true', 'iOS', '2025-12-30', '', 7, null);
const name = fc.constantFrom(
  'plan',
  'seats',
  'seen',
  'beta',
  '$os',
  '$os_name',
  '$initial_os',
  'tier',
  '$feature_enrollment/early',
);
const properties = fc.dictionary(name, word, { maxKeys: 5 });
const someone = fc.constantFrom('ada', 'bob', 'cleo', 'user-61', 'user-105', '');
const org = fc.constantFrom<JsonValue>('acme', 'globex', 42, '');
const asking: fc.Arbitrary<EvaluationRequest> = fc.record({
  distinctId: someone,
  now: fc.constantFrom(NOON, NOON - 30 * 86_400_000),
  deviceId: maybe(someone),
  anonDistinctId: maybe(someone),
  groups: maybe(fc.dictionary(fc.constantFrom('org', 'team'), org)),
  personProperties: maybe(properties),
  groupProperties: maybe(fc.dictionary(fc.constantFrom('org'), properties)),
  flagKeys: maybe(fc.subarray(['after', 'broken-too', 'tier', 'sticky'])),
  onlyUseOverridePersonProperties: maybe(fc.boolean()),
});
const known: fc.Arbitrary<Facts | null> = fc.option(
  fc.record({
    person: fc.oneof(
      properties.map((stored) => facts(stored).person),
      properties.map((stored) => facts(stored, { staticCohorts: new Set([1]) }).person),
      fc.constantFrom(null, FAILURE),
    ),
    groups: fc.oneof(
      properties.map((stored) => new Map([[0, stored]])),
      fc.constantFrom(new Map(), FAILURE),
    ),
    stickyKeys: fc.oneof(
      someone.map((key) => new Map([['sticky', key]])),
      fc.constantFrom(null, FAILURE),
    ),
  }),
);

/** All that can be seen of an answer but the numbers of the results, which depend on who asked first. */
function seen({ results, errors }: Evaluation): unknown {
  return { errors, results: results.map(({ id: _id, ...rest }) => rest) };
}

function explained(program: Program, asked: EvaluationRequest, stored: Facts | null): string {
  return JSON.stringify(explain(program, asked, stored), (key, value: unknown) => (key === 'id' ? undefined : value));
}

describe('a request owns its evaluation', () => {
  it('answers a request the same whoever asked before (E1)', () => {
    const shared = compile(everything);
    fc.assert(
      fc.property(asking, known, asking, known, (first, firstFacts, second, secondFacts) => {
        const fresh = compile(everything);
        const alone = seen(evaluate(fresh, second, secondFacts));
        const aloneExplained = explained(fresh, second, secondFacts);
        evaluate(shared, first, firstFacts);
        expect(seen(evaluate(shared, second, secondFacts))).toEqual(alone);
        explain(shared, first, firstFacts);
        expect(explained(shared, second, secondFacts)).toBe(aloneExplained);
        expect(planFacts(shared, second)).toEqual(planFacts(fresh, second));
      }),
      { numRuns: 200 },
    );
  });

  it('explains every answer as it gives it', () => {
    const program = compile(everything);
    fc.assert(
      fc.property(asking, known, (asked, stored) => {
        const { results, errors } = evaluate(program, asked, stored);
        const explanation = explain(program, asked, stored);
        expect(explanation.errors).toBe(errors);
        expect(explanation.flags.map((one) => one.result)).toEqual(results);
      }),
      { numRuns: 200 },
    );
  });

  it('keeps an evaluation inside another one apart', () => {
    const program = compile(everything);
    fc.assert(
      fc.property(asking, known, asking, known, (outer, outerFacts, inner, innerFacts) => {
        const alone = seen(evaluate(program, outer, outerFacts));
        const innerAlone = seen(evaluate(program, inner, innerFacts));
        const inside: unknown[] = [];
        const { plan = 'free' } = outer.personProperties ?? {};
        const nosy = {
          ...outer.personProperties,
          get plan() {
            inside.push(seen(evaluate(program, inner, innerFacts)));
            explain(program, inner, innerFacts);
            return plan;
          },
        };
        const withPlan = { ...outer, personProperties: { ...outer.personProperties, plan } };
        const got = seen(evaluate(program, { ...outer, personProperties: nosy }, outerFacts));
        expect(got).toEqual(
          outer.personProperties?.['plan'] === undefined ? seen(evaluate(program, withPlan, outerFacts)) : alone,
        );
        for (const one of inside) expect(one).toEqual(innerAlone);
      }),
      { numRuns: 200 },
    );
  });

  it('leaves nothing behind when a property throws midway', () => {
    const shared = compile(everything);
    const broken = {
      plan: 'pro',
      get seen(): string {
        throw new Error('no such property today');
      },
    };
    fc.assert(
      fc.property(asking, known, known, (asked, before, stored) => {
        const groups = { org: 'acme' };
        const throwing = { ...asked, flagKeys: undefined, groups, personProperties: broken };
        if (before === null || before.person !== FAILURE) {
          expect(() => evaluate(shared, throwing, before)).toThrow('no such property today');
          expect(() => explain(shared, throwing, before)).toThrow('no such property today');
        }
        expect(seen(evaluate(shared, asked, stored))).toEqual(seen(evaluate(compile(everything), asked, stored)));
      }),
      { numRuns: 200 },
    );
  });

  it('meets the failure of a cohort again in the next flag that uses it (E161)', () => {
    const got = evaluate(compile(everything), request(), facts({ plan: 'pro' }));
    expect(result(got, 'broken').reason.code).toBe('cohort_filters_parsing_error');
    expect(result(got, 'broken-too').reason.code).toBe('cohort_filters_parsing_error');
  });
});

describe('a Program at rest', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;

  it('keeps nothing of a request or of its facts alive', async () => {
    const program = compile(everything);
    const held: Record<string, WeakRef<object>> = {};
    const hold = <T extends object>(what: string, value: T): T => {
      held[what] = new WeakRef(value);
      return value;
    };
    const ask = (throwing: boolean): void => {
      const asked = {
        ...request({ distinctId: 'ada', deviceId: 'phone', anonDistinctId: 'anon' }),
        groups: hold('groups', { org: 'acme' }),
        personProperties: hold('person properties', {
          plan: hold('a person property', ['secret']),
          get seen() {
            if (throwing) throw new Error('midway');
            return '2025-12-30';
          },
        }),
        groupProperties: hold('group properties', { org: { tier: hold('a group property', ['gold']) } }),
      };
      const stored = {
        person: facts({ seats: hold('a stored property', [4]) }).person,
        groups: hold('stored groups', new Map([[0, { tier: hold('a stored group property', ['x']) }]])),
        stickyKeys: hold('sticky keys', new Map([['sticky', 'bob']])),
      };
      const work = [planFacts, evaluate, explain];
      for (const each of work) {
        if (throwing && each !== planFacts) expect(() => each(program, asked, stored)).toThrow('midway');
        else each(program, asked, stored);
      }
    };
    for (const throwing of [false, true]) {
      ask(throwing);
      await nextTurn();
      collect();
      const alive = Object.keys(held).filter((what) => held[what]?.deref() !== undefined);
      expect(alive).toEqual([]);
    }
    // The Program itself has to be alive for this to mean anything.
    expect(evaluate(program, request()).results.length).toBeGreaterThan(0);
  });

  it('can be frozen to the ground: nothing writes to it', () => {
    const frozen = compile(everything);
    freezeDeep(frozen);
    freezeDeep(Program.partsOf(frozen));
    fc.assert(
      fc.property(asking, known, (asked, stored) => {
        const fresh = compile(everything);
        expect(seen(evaluate(frozen, asked, stored))).toEqual(seen(evaluate(fresh, asked, stored)));
        expect(planFacts(frozen, asked)).toEqual(planFacts(fresh, asked));
        expect(explained(frozen, asked, stored)).toBe(explained(fresh, asked, stored));
      }),
      { numRuns: 100 },
    );
  });

  it('shows its flags, its problems and what it refers to, and nothing that belongs to the engine', () => {
    const program = compile(everything);
    const shown = ['figures', 'flagKeys', 'flags', 'problems', 'reads', 'refersTo', 'teamId'];
    expect(Object.keys(program).sort()).toEqual(shown);
    expect(() => (program.reads.person as string[]).push('more')).toThrow(TypeError);
    expect(program.flags[0]).toEqual({ id: 1, key: 'plan', version: 0, hasExperiment: false, configVersion: 1 });
    expect(program.refersTo).toEqual({ cohorts: true, groupTypes: true });
    expect(() => Object.assign(program, { teamId: 2 })).toThrow(TypeError);
  });
});

/** Freezes all that can be reached by reading, and takes from maps and sets what changes them. */
function freezeDeep(value: unknown, done: Set<unknown> = new Set()): void {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || done.has(value)) return;
  done.add(value);
  if (ArrayBuffer.isView(value)) return; // packed texts, which cannot be frozen
  if (value instanceof Map || value instanceof Set) {
    for (const method of ['set', 'add', 'delete', 'clear']) {
      Object.defineProperty(value, method, { value: () => expect.unreachable(`${method} on a frozen Program`) });
    }
    for (const entry of value.entries()) for (const one of entry) freezeDeep(one, done);
  }
  Object.freeze(value);
  for (const key of Reflect.ownKeys(value)) freezeDeep((value as Record<PropertyKey, unknown>)[key], done);
}
