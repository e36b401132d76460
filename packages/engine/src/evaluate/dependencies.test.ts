import { describe, expect, it } from 'vitest';
import { compile } from '../compile/compile.ts';
import { ExactNumber, type JsonObject, type JsonValue } from '@halyard/json';
import { planFacts } from '../plan/plan-facts.ts';
import {
  definitions,
  dependsOn,
  everyone,
  FAILURE,
  facts,
  flag,
  inCohort,
  outcome,
  person,
  request,
  result,
  run,
} from '../scenario.cases.ts';

function asking(key: string, id: number, filters: JsonValue[], rest: JsonObject = {}): JsonObject {
  return flag(key, { groups: [{ properties: filters }], ...rest }, { id });
}

describe('flags that depend on flags', () => {
  const split = flag(
    'split',
    { groups: [{ properties: [] }], multivariate: { variants: [{ key: 'a', rollout_percentage: 100 }] } },
    { id: 1 },
  );

  it.each<[JsonValue, boolean]>([
    [true, true],
    ['a', true],
    ['A', false],
    ['b', false],
    [false, false],
    [1, false],
    [null, false],
  ])('E135: a target with variant a passes a filter on %j: %s', (value, passes) => {
    expect(result(run([split, asking('f', 2, [dependsOn(1, value)])]), 'f').enabled).toBe(passes);
  });

  it('E135: another operator than flag_evaluates_to misses', () => {
    const filter = { ...dependsOn(1, true), operator: 'exact' };
    expect(outcome(run([split, asking('f', 2, [filter])]), 'f')).toBe('false no_condition_match 0');
  });

  it('E136: an edge runs from every condition, whatever its rollout, and a key that is no integer makes none', () => {
    const groups = [{ properties: [] }, { properties: [dependsOn(404, true)], rollout_percentage: 0 }];
    expect(outcome(run([flag('f', { groups })]), 'f')).toBe('false missing_dependency none');
    const odd = { ...dependsOn(404, true), key: 'not-an-id' };
    expect(outcome(run([asking('f', 1, [odd])]), 'f')).toBe('false no_condition_match 0');
    expect(outcome(run([flag('f', { groups: [{ properties: [odd] }, { properties: [] }] })]), 'f')).toBe(
      'true condition_match 1',
    );
  });

  it('E137: inside a layer flags come by id', () => {
    const flags = [
      everyone('z', { id: 7 }),
      asking('late', 1, [dependsOn(7, true)]),
      everyone('a', { id: 9 }),
      everyone('m', { id: 3 }),
    ];
    expect(run(flags).results.map((one) => one.flag.id)).toEqual([3, 7, 9, 1]);
  });

  it('E137: targets are evaluated first, whatever the stored order', () => {
    const flags = [
      asking('c', 1, [dependsOn(2, true)]),
      asking('b', 2, [dependsOn(3, true)]),
      everyone('a', { id: 3 }),
    ];
    expect(run(flags).results.map((one) => one.flag.key)).toEqual(['a', 'b', 'c']);
    expect(run(flags).results.every((one) => one.enabled)).toBe(true);
  });

  it('E138: flags in a cycle or behind one vanish and raise the marker, also when not asked for', () => {
    const flags = [
      asking('a', 1, [dependsOn(2, true)]),
      asking('b', 2, [dependsOn(1, true)]),
      asking('behind', 3, [dependsOn(1, false)]),
      everyone('free', { id: 4 }),
    ];
    const got = run(flags, { flagKeys: ['free'] });
    expect(got.results.map((one) => one.flag.key)).toEqual(['free']);
    expect(got.errors).toBe(true);
  });

  it('E138: a cycle among flags of another runtime is no error', () => {
    const client = (key: string, id: number, target: number): JsonObject => ({
      ...asking(key, id, [dependsOn(target, true)]),
      evaluation_runtime: 'client',
    });
    expect(run([client('a', 1, 2), client('b', 2, 1)], { runtime: 'server' }).errors).toBe(false);
  });

  it('E139: a dropped flag counts only if it could have taken part', () => {
    const cycle = (row: JsonObject): JsonObject[] => [
      { ...asking('a', 1, [dependsOn(2, true)]), ...row },
      { ...asking('b', 2, [dependsOn(1, true)]), active: false },
    ];
    const got = run([...cycle({}), everyone('free', { id: 3 })]);
    expect(got.results.map((one) => one.flag.key)).toEqual(['free']);
    expect(got.errors).toBe(true);
    expect(run([...cycle({ active: false }), everyone('free', { id: 3 })]).errors).toBe(false);
  });

  it('E165: a flag left out is not evaluated, so neither its errors nor its needs matter', () => {
    const broken = asking('broken', 1, [inCohort(404), person('plan', 'pro')]);
    const sticky = { ensure_experience_continuity: true };
    for (const out of [{ active: false }, { evaluation_runtime: 'client' }, { evaluation_contexts: ['web'] }]) {
      const flags = [{ ...broken, ...sticky, ...out }, asking('f', 2, [dependsOn(1, false)])];
      const asked = { runtime: 'server', evaluationContexts: ['app'] } as const;
      expect(planFacts(compile(definitions(flags)), request({ ...asked, anonDistinctId: 'anon' }))).toBeNull();
      const got = run(flags, asked, { person: FAILURE, groups: FAILURE, stickyKeys: null });
      expect(outcome(got, 'f')).toBe('true condition_match 0');
      expect(got.results).toHaveLength(1);
      expect(got.errors).toBe(false);
    }
  });

  it('E140: a missing target spreads, without an error', () => {
    const got = run([asking('a', 1, [dependsOn(99, true)]), asking('b', 2, [dependsOn(1, false)])]);
    expect(outcome(got, 'a')).toBe('false missing_dependency none');
    expect(outcome(got, 'b')).toBe('false missing_dependency none');
    expect(got.errors).toBe(false);
  });

  it('E9, E140: a malformed target counts as missing', () => {
    const broken = flag('broken', { groups: null }, { id: 1 });
    const got = run([broken, asking('f', 2, [dependsOn(1, false)])]);
    expect(outcome(got, 'f')).toBe('false missing_dependency none');
  });

  it('E141: inactive and filtered-out targets read as false', () => {
    const flags = [
      everyone('off', { id: 1, active: false }),
      everyone('elsewhere', { id: 2, evaluation_runtime: 'client' }),
      asking('f', 3, [dependsOn(1, false), dependsOn(2, false)]),
      asking('g', 4, [dependsOn(2, true)]),
    ];
    const got = run(flags, { runtime: 'server' });
    expect(outcome(got, 'f')).toBe('true condition_match 0');
    expect(outcome(got, 'g')).toBe('false no_condition_match 0');
  });

  it('E142: flag keys bring their direct and indirect targets along', () => {
    const flags = [
      everyone('a', { id: 1 }),
      asking('b', 2, [dependsOn(1, true)]),
      asking('c', 3, [dependsOn(2, true)]),
      everyone('d', { id: 4 }),
    ];
    expect(run(flags, { flagKeys: ['c', 'nonsense'] }).results.map((one) => one.flag.key)).toEqual(['a', 'b', 'c']);
  });

  it('E140: a deleted target is missing, whatever the filter wants', () => {
    const got = run([everyone('gone', { id: 1, deleted: true }), asking('f', 2, [dependsOn(1, false)])]);
    expect(outcome(got, 'f')).toBe('false missing_dependency none');
  });

  it('E142: flag keys bring targets along through an inactive flag', () => {
    const flags = [
      everyone('a', { id: 1 }),
      { ...asking('b', 2, [dependsOn(1, true)]), active: false },
      asking('c', 3, [dependsOn(2, false)]),
    ];
    expect(run(flags, { flagKeys: ['c'] }).results.map((one) => one.flag.key)).toEqual(['a', 'c']);
  });

  it('E144, E171: a version-2 flag fails and reads as false', () => {
    const got = run([flag('v2', { version: 2 }), asking('f', 2, [dependsOn(1, false)])]);
    expect(outcome(got, 'v2')).toBe('false flag_data_parsing_error none');
    expect(outcome(got, 'f')).toBe('true condition_match 0');
    expect(got.errors).toBe(true);
  });

  it.each<[JsonValue]>([[1], [new ExactNumber('1.0', 1)]])('E4: version %j is the first', (version) => {
    expect(outcome(run([flag('f', { version, groups: [{ properties: [] }] })]), 'f')).toBe('true condition_match 0');
  });

  it.each<[JsonValue]>([[3], [true], ['1'], [null]])('E4: version %j is unsupported', (version) => {
    expect(outcome(run([flag('f', { version, groups: [] })]), 'f')).toBe('false flag_data_parsing_error none');
  });
});

describe('a target that failed', () => {
  // Asks for a cohort that does not exist, so it fails; its value is unknown.
  const failing = asking('failing', 1, [inCohort(404)]);
  const rest = (groups: JsonValue[], more: JsonObject = {}): JsonObject => flag('f', { groups, ...more }, { id: 2 });
  const evaluation = (row: JsonObject) => run([failing, row], { personProperties: {} }, facts());

  it('E143: fails the flag when the answer hangs on it', () => {
    const got = evaluation(rest([{ properties: [dependsOn(1, true)] }]));
    expect(outcome(got, 'f')).toBe('false dependency_failed none');
    expect(result(got, 'f').reason.description).toContain('failing');
  });

  it('E143: does not matter when a later condition gives the same answer', () => {
    expect(outcome(evaluation(rest([{ properties: [dependsOn(1, true)] }, { properties: [] }])), 'f')).toBe(
      'true condition_match 1',
    );
  });

  it('E143: does not matter when another filter of the condition misses', () => {
    const groups = [{ properties: [dependsOn(1, true), person('plan', 'pro')] }];
    expect(outcome(evaluation(rest(groups)), 'f')).toBe('false no_condition_match 0');
  });

  it('E143: filters that no single value can satisfy miss', () => {
    const groups = [{ properties: [dependsOn(1, true), dependsOn(1, false)] }];
    expect(outcome(evaluation(rest(groups)), 'f')).toBe('false no_condition_match 0');
  });

  it('E143: a rollout miss under early exit is remembered as no match', () => {
    const groups = [{ properties: [dependsOn(1, true)], rollout_percentage: 0 }, { properties: [] }];
    expect(outcome(evaluation(rest(groups, { early_exit: true })), 'f')).toBe('false dependency_failed none');
  });

  it('E143: a different variant is a different answer', () => {
    const multivariate = {
      variants: [
        { key: 'a', rollout_percentage: 100 },
        { key: 'b', rollout_percentage: 0 },
      ],
    };
    const groups = [{ properties: [dependsOn(1, true)], variant: 'b' }, { properties: [] }];
    expect(outcome(evaluation(rest(groups, { multivariate })), 'f')).toBe('false dependency_failed none');
  });
});

describe('cohorts', () => {
  const cohort = (id: number, values: JsonValue[], type = 'AND'): JsonObject => ({
    id,
    filters: { properties: { type, values } },
  });
  const member = (cohorts: JsonValue[], filter: JsonObject, properties: JsonObject = {}, statics: number[] = []) =>
    run(
      definitions([asking('f', 1, [filter])], { cohorts }),
      {},
      facts(properties, { staticCohorts: new Set(statics) }),
    );

  it.each<[JsonValue, string]>([
    [5, 'true condition_match 0'],
    ['5', 'true condition_match 0'],
    [5.5, 'false cohort_filters_parsing_error none'],
    ['five', 'false cohort_filters_parsing_error none'],
    [null, 'false cohort_filters_parsing_error none'],
  ])('E120: a cohort named %j gives %s', (id, expected) => {
    expect(outcome(member([cohort(5, [person('plan', 'pro')])], inCohort(id), { plan: 'pro' }), 'f')).toBe(expected);
  });

  it('E121: not_in is the complement; any other operator is false', () => {
    const cohorts = [cohort(5, [person('plan', 'pro')])];
    expect(result(member(cohorts, inCohort(5, 'not_in'), { plan: 'free' }), 'f').value).toBe(true);
    expect(result(member(cohorts, inCohort(5, 'exact'), { plan: 'pro' }), 'f').value).toBe(false);
  });

  it('E125: static membership comes from the store; without a person nobody is in', () => {
    const cohorts = [{ id: 5, is_static: true, filters: { properties: 'broken' } }];
    expect(result(member(cohorts, inCohort(5), {}, [5]), 'f').value).toBe(true);
    const nobody = { person: null, groups: new Map(), stickyKeys: null };
    expect(
      result(run(definitions([asking('f', 1, [inCohort(5, 'not_in')])], { cohorts }), {}, nobody), 'f').value,
    ).toBe(true);
  });

  it('E126: an empty OR is false, an empty AND true', () => {
    expect(result(member([cohort(5, [], 'OR')], inCohort(5)), 'f').value).toBe(false);
    expect(result(member([cohort(5, [], 'AND')], inCohort(5)), 'f').value).toBe(true);
  });

  it('E126: a root of the wrong shape fails the flag', () => {
    const got = member([{ id: 5, filters: { properties: { type: 'XOR', values: [] } } }], inCohort(5));
    expect(outcome(got, 'f')).toBe('false cohort_filters_parsing_error none');
  });

  it('E126: an inner type that is neither AND nor OR fails the flag only when reached', () => {
    const odd = { type: 'XOR', values: [] };
    const cohorts = [cohort(5, [person('plan', 'pro'), odd])];
    expect(outcome(member(cohorts, inCohort(5), { plan: 'free' }), 'f')).toBe('false no_condition_match 0');
    expect(outcome(member(cohorts, inCohort(5), { plan: 'pro' }), 'f')).toBe('false cohort_filters_parsing_error none');
  });

  it('E126: a tree deeper than 64 levels is unreadable', () => {
    let tree: JsonValue = { type: 'AND', values: [] };
    for (let depth = 0; depth < 70; depth++) tree = { type: 'AND', values: [tree] };
    const got = member([{ id: 5, filters: { properties: tree } }], inCohort(5));
    expect(outcome(got, 'f')).toBe('false cohort_filters_parsing_error none');
  });

  it('E127: a negated leaf whose comparison errors is true', () => {
    const leaf = { ...person('age', 5, 'gt'), negation: true };
    expect(result(member([cohort(5, [leaf])], inCohort(5), { age: 'old' }), 'f').value).toBe(true);
  });

  it('E128: an unsupported leaf never grants membership, negated or not', () => {
    const leaf = { type: 'behavioral', key: '$pageview', value: 'performed_event', negation: true };
    const got = member([cohort(5, [leaf])], inCohort(5));
    expect(result(got, 'f').value).toBe(false);
    expect(result(got, 'f').reason.description).toContain('cohort'); // E129
  });

  it('E130: a legacy list of groups is an OR of ANDs', () => {
    const legacy = {
      id: 5,
      filters: null,
      groups: [
        {
          properties: [
            { key: 'plan', value: 'pro' },
            { key: 'seats', value: 3, type: 'event' },
          ],
        },
        { properties: { plan: 'team' } },
      ],
    };
    expect(result(member([legacy], inCohort(5), { plan: 'pro', seats: 3 }), 'f').value).toBe(true);
    expect(result(member([legacy], inCohort(5), { plan: 'pro' }), 'f').value).toBe(false);
    expect(result(member([legacy], inCohort(5), { plan: 'team' }), 'f').value).toBe(true);
  });

  it('E132: cohorts nest, and a false one does not veto an OR', () => {
    const cohorts = [
      cohort(1, [person('plan', 'pro')]),
      cohort(2, [inCohort(1), person('vip', true)], 'OR'),
      cohort(3, [{ ...inCohort(2), negation: true }]),
    ];
    expect(result(member(cohorts, inCohort(2), { vip: true }), 'f').value).toBe(true);
    expect(result(member(cohorts, inCohort(3), { vip: true }), 'f').value).toBe(false);
    expect(result(member(cohorts, inCohort(3), {}), 'f').value).toBe(true);
  });

  it('E133: a cohort that contains itself fails its flag alone', () => {
    const cohorts = [cohort(1, [inCohort(2)]), cohort(2, [inCohort(1)]), cohort(3, [inCohort(3)])];
    const flags = [asking('f', 1, [inCohort(1)]), asking('g', 2, [inCohort(3)]), everyone('h', { id: 3 })];
    const got = run(definitions(flags, { cohorts }), {}, facts());
    expect(outcome(got, 'f')).toBe('false dependency_cycle_cohort none');
    expect(outcome(got, 'g')).toBe('false dependency_cycle_cohort none');
    expect(outcome(got, 'h')).toBe('true condition_match 0');
    expect(got.errors).toBe(true);
  });

  it('E133: a nested cohort that does not exist fails the flag', () => {
    expect(outcome(member([cohort(1, [inCohort(2)])], inCohort(1)), 'f')).toBe(
      'false dependency_not_found_cohort none',
    );
  });

  it('E124: memberships that nobody asked for miss, also the negative ones', () => {
    const flags = [flag('f', { groups: [{ properties: [inCohort(5, 'not_in')], rollout_percentage: 0 }] })];
    const got = run(definitions(flags, { cohorts: [{ id: 5, is_static: true }] }), { distinctId: '' });
    expect(outcome(got, 'f')).toBe('false no_condition_match 0');
  });

  it('E122: cohorts are resolved only when the other filters passed', () => {
    const row = asking('f', 1, [inCohort(404), person('plan', 'pro')]);
    expect(outcome(run([row], {}, facts({ plan: 'free' })), 'f')).toBe('false no_condition_match 0');
    expect(outcome(run([row], {}, facts({ plan: 'pro' })), 'f')).toBe('false dependency_not_found_cohort none');
  });

  it('E123: cohorts are about persons, also in a condition about a group', () => {
    const about = (tier: string): string => {
      const groups = [{ properties: [inCohort(5)], aggregation_group_type_index: 0 }];
      const all = definitions([flag('f', { groups })], {
        cohorts: [cohort(5, [person('tier', 'gold')])],
        groupTypeMapping: { '0': 'company' },
      });
      const asked = { groups: { company: 'acme' }, groupProperties: { company: { tier: 'gold' } } };
      return outcome(run(all, asked, facts({ tier })), 'f');
    };
    expect(about('gold')).toBe('true condition_match 0');
    expect(about('silver')).toBe('false no_condition_match 0');
  });

  it('E161: an error ends its flag, unless an earlier condition has matched', () => {
    const lost = { properties: [inCohort(404)] };
    const of = (...groups: JsonValue[]): string => outcome(run([flag('f', { groups })], {}, facts()), 'f');
    expect(of(lost, { properties: [] })).toBe('false dependency_not_found_cohort none');
    expect(of({ properties: [] }, lost)).toBe('true condition_match 0');
    expect(of({ properties: [], rollout_percentage: 0 }, lost)).toBe('false dependency_not_found_cohort none');
  });

  it('E160: cohorts that could not be loaded fail the flags that test them', () => {
    const got = run(
      definitions([asking('f', 1, [inCohort(5)]), everyone('g', { id: 2 })], { cohorts: FAILURE }),
      {},
      facts(),
    );
    expect(outcome(got, 'f')).toBe('false database_unavailable none');
    expect(outcome(got, 'g')).toBe('true condition_match 0');
  });
});
