import type { JsonObject, JsonValue } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import { bucketingHash } from '../bucketing/bucketing.ts';
import { compile } from '../compile/compile.ts';
import { evaluate } from '../evaluate/evaluate.ts';
import { planFacts } from '../plan/plan-facts.ts';
import { definitions, dependsOn, FAILURE, facts, flag, outcome, request, result, run } from '../scenario.cases.ts';
import { configuration, decided, experiment, release, rollout, ruledFlag, typedOutcome, uuid } from './rules.cases.ts';

const is = (key: string, value: JsonValue, more: JsonObject = {}): JsonObject => ({
  key,
  type: 'person',
  value,
  ...more,
});
const pro = is('plan', 'pro');
const typed = (rules: readonly JsonObject[], asked = {}, stored = facts()) =>
  typedOutcome(decided(configuration(rules), asked, stored));
const named = (distinctId: string) => ({ distinctId });

describe('E179: the subject', () => {
  // Who is in at 50 %, by the formula of E15 alone.
  const isIn = (id: string) => bucketingHash('seed.', id, '') <= 0.5;
  const expected = (id: string) => (isIn(id) ? 'targeting_match 0 "on"' : 'rollout_miss 0 "default"');
  const ids = Array.from({ length: 20 }, (_, i) => `user-${i}`);

  it('is the distinct id, whatever else the request, the row or the store says', () => {
    const row = { ensure_experience_continuity: true, bucketing_identifier: 'device_id' };
    for (const id of ids) {
      const asked = { distinctId: id, deviceId: 'd', anonDistinctId: 'a', groups: { organization: 'g' } };
      const stored = { ...facts(), stickyKeys: new Map([['ruled', 'sticky']]) };
      const evaluation = run([ruledFlag('ruled', [rollout()], row)], asked, stored);
      expect(typedOutcome(result(evaluation, 'ruled'))).toBe(expected(id));
    }
    expect(new Set(ids.map(isIn)).size).toBe(2);
  });

  it('is cut to its first 200 scalar values', () => {
    const flags = '🚩'.repeat(200);
    for (const long of ['a'.repeat(200), flags, `${'a'.repeat(199)}🚩`]) {
      expect(typed([rollout()], named(long))).toBe(expected(long));
      for (const more of ['b', '🚩', 'bcdef']) expect(typed([rollout()], named(long + more))).toBe(expected(long));
    }
    expect(typed([rollout()], named('e\u0301'))).toBe(expected('e\u0301')); // no normalisation
  });

  it('E181: in at 100 % without a hash, and never when it is empty, not even then', () => {
    const all = { rollout_percentage: 100 };
    expect(typed([rollout(all)], named('x'))).toBe('targeting_match 0 "on"');
    expect(typed([rollout(all)], named(''))).toBe('rollout_miss 0 "default"');
    const holdout = { id: null, seed: 'h', exclusion_percentage: 100 };
    expect(typed([experiment({ holdout })], named('x'))).toBe('holdout 0 "default"');
    expect(typed([experiment({ holdout })], named(''))).toBe('rollout_miss 0 "default"');
    expect(typed([release()], named(''))).toBe('targeting_match 0 "on"');
  });

  it('E181: a seed equal to a flag key has the buckets of version 1', () => {
    const conditions = flag('seed', { groups: [{ properties: [], rollout_percentage: 50 }] }, { id: 2 });
    for (const id of ids) {
      const evaluation = run([ruledFlag('ruled', [rollout()]), conditions], named(id));
      expect(result(evaluation, 'ruled').value === 'on').toBe(result(evaluation, 'seed').enabled);
    }
  });
});

describe('E180, E185: the order of rules', () => {
  it('the first rule whose predicates all pass counts; without one it is the default', () => {
    const rules = [release({ value: 'first' }, [pro, is('age', 30)]), release({ id: uuid(9), value: 'second' }, [pro])];
    expect(typed(rules, { personProperties: { plan: 'pro', age: 30 } })).toBe('targeting_match 0 "first"');
    expect(typed(rules, { personProperties: { plan: 'pro', age: 31 } })).toBe('targeting_match 1 "second"');
    expect(typed(rules)).toBe('no_rule_match none "default"');
    expect(decided(configuration(rules)).typed?.rule).toBeNull();
  });

  it('negation turns a match into a miss and a miss into a match', () => {
    const rules = [release({}, [{ ...pro, negation: true }])];
    expect(typed(rules, { personProperties: { plan: 'pro' } })).toBe('no_rule_match none "default"');
    expect(typed(rules, { personProperties: { plan: 'free' } })).toBe('targeting_match 0 "on"');
    expect(typed(rules)).toBe('targeting_match 0 "on"'); // not set is no match (E89)
  });
});

describe('E181, E182: what a rule does when its targeting passed', () => {
  const never = { rollout_percentage: 0 };
  const last = release({ id: uuid(9), value: 'last' });

  it('a rollout miss returns the default or goes on without a trace', () => {
    expect(typed([rollout({ ...never, on_rollout_miss: 'return_default' }), last])).toBe('rollout_miss 0 "default"');
    expect(typed([rollout({ ...never, on_rollout_miss: 'continue' }), last])).toBe('targeting_match 1 "last"');
    expect(typed([rollout({ ...never, on_rollout_miss: 'continue' })])).toBe('no_rule_match none "default"');
    expect(typed([experiment({ ...never, on_rollout_miss: 'continue' }), last])).toBe('targeting_match 1 "last"');
  });

  it('a paused experiment ends the flag before its holdout; a holdout before the rollout, whatever a miss does', () => {
    const holdout = { id: null, seed: 'h', exclusion_percentage: 100 };
    const open = { ...never, on_rollout_miss: 'continue', holdout };
    expect(typed([experiment({ ...open, paused: true }), last])).toBe('experiment_paused 0 "default"');
    expect(typed([experiment(open), last])).toBe('holdout 0 "default"');
    expect(typed([experiment({ ...open, paused: true }, [pro]), last])).toBe('targeting_match 1 "last"');
  });

  it('holdouts hash seed and subject without a dot, to the inclusive border', () => {
    const point = bucketingHash('hold', 'user-1', '') * 100;
    const held = (exclusion_percentage: number) =>
      typed([experiment({ holdout: { id: null, seed: 'hold', exclusion_percentage } })], named('user-1'));
    expect(held(Math.ceil(point * 100) / 100)).toBe('holdout 0 "default"');
    expect(held(Math.floor(point * 100) / 100)).toContain('targeting_match');
  });

  it('E18: every variant has its share, and one of no weight nobody', () => {
    const tenths = Array.from({ length: 10 }, (_, i) => ({ key: `v${i}`, weight: 10, value: `${i}` }));
    const rules = [experiment({ variants: [...tenths, { key: 'last', weight: 0, value: 'last' }] })];
    const seen = new Set(Array.from({ length: 200 }, (_, i) => typed(rules, named(`user-${i}`))));
    expect(seen.size).toBe(10);
    expect(seen).not.toContain('targeting_match 0 "last"');
  });
});

describe('E183: predicates that cannot be decided', () => {
  const olderThan = is('age', 30, { operator: 'gt' });
  const broken = is('plan', '(', { operator: 'regex' });
  const heavy = is('plan', '.*\\bbot\\b.*', { operator: 'regex' });
  const rules = (predicate: JsonObject) => [release({}, [pro, predicate]), release({ id: uuid(9), value: 'rest' })];

  it.each<[name: string, predicate: JsonObject, properties: JsonObject, text: string]>([
    ['a property that is no number', olderThan, { age: 'old' }, 'Rule 1 cannot compare the property'],
    [
      'a bound that is no number',
      is('age', 'many', { operator: 'lt' }),
      { age: 3 },
      'Rule 1 cannot compare the property',
    ],
    ['a pattern that does not compile', broken, {}, 'Rule 1 has a pattern that cannot be searched for'],
    [
      'a search that is too long',
      { ...heavy, key: 'text' },
      { text: 'x'.repeat(400) },
      'Rule 1 has a pattern that cannot be searched for',
    ],
  ])('%s fails the flag once it is reached, and negation makes no match of it', (_, predicate, properties, text) => {
    const reached = { personProperties: { plan: 'pro', ...properties } };
    for (const negation of [false, true]) {
      const ruled = decided(configuration(rules({ ...predicate, negation })), reached);
      expect(ruled).toMatchObject({ failed: true, enabled: false, variant: null, value: false });
      expect(ruled.reason).toEqual({ code: 'error', conditionIndex: null, description: text });
      expect(ruled.typed).toBeUndefined();
    }
    // The predicate before it misses, or the rule before it decides.
    expect(typed(rules(predicate), { personProperties: { ...properties, plan: 'free' } })).toBe(
      'targeting_match 1 "rest"',
    );
    expect(typed([release({ id: uuid(8) }), ...rules(predicate)], reached)).toBe('targeting_match 0 "on"');
  });

  it.each<[operator: string, value: JsonValue]>([
    ['semver_gt', '1.2.3'],
    ['is_date_after', '2024-01-01'],
  ])('E185a: a property that %s cannot read is a miss', (operator, value) => {
    expect(typed([release({}, [is('age', value, { operator })])], { personProperties: { age: 'old' } })).toBe(
      'no_rule_match none "default"',
    );
  });

  it('a property that is not set is decided before the pattern is looked at (E89)', () => {
    expect(typed([release({}, [broken])])).toBe('no_rule_match none "default"');
    expect(typed([release({}, [is('plan', '(', { operator: 'not_regex' })])])).toBe('targeting_match 0 "on"');
  });

  it('E143: a flag that depends on one that failed fails where that could matter', () => {
    const child = flag('child', { groups: [{ properties: [dependsOn(1, true)] }] }, { id: 2 });
    const evaluation = run([ruledFlag('ruled', [release({}, [olderThan])]), child], {
      personProperties: { age: 'old' },
    });
    expect(outcome(evaluation, 'child')).toBe('false dependency_failed none');
  });
});

describe('E184: what is known of the person', () => {
  const filters = configuration([release({}, [pro])]);
  const isSet = configuration([release({}, [is('plan', null, { operator: 'is_not_set' })])]);

  it('complete: what was looked up and is not there, is not set', () => {
    for (const stored of [facts(), { ...facts(), person: null }]) {
      expect(typedOutcome(decided(filters, {}, stored))).toBe('no_rule_match none "default"');
      expect(typedOutcome(decided(isSet, {}, stored))).toBe('targeting_match 0 "on"');
    }
    expect(typedOutcome(decided(filters, { onlyUseOverridePersonProperties: true }, null))).toBe(
      'no_rule_match none "default"',
    );
    expect(typedOutcome(decided(filters, {}, facts({ plan: 'pro' })))).toBe('targeting_match 0 "on"');
  });

  it('partial: what the request says is known, and anything else fails the flag', () => {
    expect(typedOutcome(decided(filters, { personProperties: { plan: 'pro' } }, null))).toBe('targeting_match 0 "on"');
    for (const personProperties of [{ age: 1 }, undefined]) {
      const ruled = decided(filters, { personProperties }, null);
      expect(ruled.reason).toMatchObject({ code: 'error', description: 'Rule 1 needs a property that is not known' });
      expect(decided(isSet, { personProperties }, null).failed).toBe(true);
    }
    expect(typedOutcome(decided(configuration([release({}, [is('distinct_id', 'user-1')])]), {}, null))).toBe(
      'targeting_match 0 "on"',
    );
  });

  it('a configuration without predicates needs none', () => {
    expect(typedOutcome(decided(configuration([release()]), {}, null))).toBe('targeting_match 0 "on"');
  });

  it('E151: stored data are asked for when the request lacks a key of a predicate', () => {
    const plan = (rules: readonly JsonValue[], personProperties = {}) =>
      planFacts(compile(definitions([ruledFlag('ruled', rules)])), request({ personProperties }));
    const rules = [rollout({ rollout_percentage: 0 }, [pro]), release({}, [is('age', 3)])];
    expect(plan(rules)?.person?.keys).toEqual(['age', 'plan']);
    expect(plan(rules, { plan: 'x' })?.person?.keys).toEqual(['age', 'plan']);
    expect(plan(rules, { plan: 'x', age: null })).toBeNull();
    expect(plan([release({}, [is('distinct_id', 'x')])])).toBeNull();
    expect(plan([release()])).toBeNull();
  });

  it('E160: a flag whose stored data could not be loaded fails with the error’s code; others answer', () => {
    const stored = { ...facts(), person: FAILURE };
    const rules = [release({}, [pro])];
    const flags = [ruledFlag('asks', rules), ruledFlag('says', [release()], { id: 2 })];
    const evaluation = run(flags, {}, stored);
    expect(outcome(evaluation, 'asks')).toBe('false database_unavailable none');
    expect(typedOutcome(result(evaluation, 'says'))).toBe('targeting_match 0 "on"');
    const told = run(flags, { personProperties: { plan: 'pro' } }, stored);
    expect(typedOutcome(result(told, 'asks'))).toBe('targeting_match 0 "on"');
    // E158: experience continuity is version 1's alone.
    const sticky = { ...facts(), stickyKeys: FAILURE };
    const row = { ensure_experience_continuity: true };
    expect(result(run([ruledFlag('says', [release()], row)], {}, sticky), 'says').failed).toBe(false);
  });
});

describe('E186, E187: the result in both vocabularies', () => {
  const all = { rollout_percentage: 100 };
  const holdout = { id: null, seed: 'h', exclusion_percentage: 100 };
  const none = { rollout_percentage: 0 };

  it.each<[rules: readonly JsonObject[], typedReason: string, oldReason: string]>([
    [
      [release({ id: uuid(8) }, [pro]), rollout(all)],
      'targeting_match 1 Matched rule 2',
      'condition_match 1 Matched condition set 2',
    ],
    [[rollout(none)], 'rollout_miss 0 Rule 1 rollout miss', 'out_of_rollout_bound 0 Out of rollout bound'],
    [
      [experiment({ paused: true })],
      'experiment_paused 0 Rule 1 is paused',
      'no_condition_match 0 No matching condition set',
    ],
    [[experiment({ holdout })], 'holdout 0 Rule 1 holdout', 'holdout_condition_value 0 Holdout condition value'],
    [[release({}, [pro])], 'no_rule_match none No rule matched', 'no_condition_match none No matching condition set'],
  ])('%#: %s', (rules, typedReason, oldReason) => {
    const ruled = decided(configuration(rules));
    const text = ({ code, conditionIndex, description }: (typeof ruled)['reason']) =>
      `${code} ${conditionIndex ?? 'none'} ${description ?? ''}`;
    expect(text(ruled.typed?.reason ?? ruled.reason)).toBe(typedReason);
    expect(text(ruled.reason)).toBe(oldReason);
    const index = ruled.typed?.reason.conditionIndex ?? null;
    const rule = index === null ? null : { id: rules[index]?.['id'], type: rules[index]?.['rule_type'] };
    expect(ruled.typed?.rule).toEqual(rule);
    expect(JSON.stringify(ruled)).not.toContain('seed');
  });

  it.each<[type: string, value: JsonValue, seen: object]>([
    ['boolean', true, { enabled: true, variant: null, value: true, payload: undefined }],
    ['boolean', false, { enabled: false, variant: null, value: false, payload: undefined }],
    ['string', 'blue', { enabled: true, variant: 'blue', value: 'blue', payload: undefined }],
    ['number', 0, { enabled: true, variant: null, value: true, payload: '0' }],
    ['number', 1.5, { enabled: true, variant: null, value: true, payload: '1.5' }],
    ['object', {}, { enabled: true, variant: null, value: true, payload: '{}' }],
    ['object', { b: 1, a: [true] }, { enabled: true, variant: null, value: true, payload: '{"a":[true],"b":1}' }],
  ])('older shapes see the %s %j', (return_type, value, seen) => {
    const filters = configuration([release({ value })], { return_type, default_value: null });
    const ruled = decided(filters);
    expect(ruled).toMatchObject(seen);
    // The code follows the rule, not the value.
    expect(ruled.reason).toMatchObject({ code: 'condition_match', conditionIndex: 0 });
    expect(ruled.typed?.value).toEqual(value);
    expect(ruled.flag.configVersion).toBe(2);
  });

  it('older shapes see null as off, and the default like any value', () => {
    const seen = (default_value: JsonValue) => decided(configuration([], { default_value, return_type: 'string' }));
    expect(seen(null)).toMatchObject({
      enabled: false,
      variant: null,
      value: false,
      failed: false,
      typed: { value: null },
    });
    expect(seen('x')).toMatchObject({ enabled: true, variant: 'x', reason: { code: 'no_condition_match' } });
  });

  it('a flag of conditions sees what older shapes see', () => {
    const parent = ruledFlag('ruled', [release({ value: 'blue' }, [pro])]);
    const asks = (id: number, value: JsonValue) =>
      flag(`child ${id}`, { groups: [{ properties: [dependsOn(1, value)] }] }, { id });
    const evaluation = run([parent, asks(2, 'blue'), asks(3, true), asks(4, 'default')], {
      personProperties: { plan: 'pro' },
    });
    expect(evaluation.results.map(({ value }) => value)).toEqual(['blue', true, true, false]);
  });

  it('a Program asked twice gives the same result, and another subject another one', () => {
    const program = compile(definitions([ruledFlag('ruled', [rollout()])]));
    const ask = (distinctId: string) => evaluate(program, request({ distinctId }), facts()).results[0];
    const answers = Array.from({ length: 20 }, (_, i) => ask(`user-${i}`));
    expect(new Set(answers).size).toBe(2);
    for (const [i, answer] of answers.entries()) expect(ask(`user-${i}`)).toBe(answer);
  });
});
