import { describe, expect, it } from 'vitest';
import { ExactNumber, type JsonObject, type JsonValue } from '@halyard/json';
import { definitions, everyone, FAILURE, facts, flag, outcome, person, result, run } from '../scenario.cases.ts';

const MISS = { properties: [person('plan', 'never')], rollout_percentage: 100 };
const NOBODY = { properties: [], rollout_percentage: 0 };
const EVERYBODY = { properties: [], rollout_percentage: 100 };
const GROUP = { ...EVERYBODY, aggregation_group_type_index: 0 };

describe('reported reason', () => {
  it.each<[string, JsonValue[], string]>([
    ['filters missed twice reports the later', [MISS, MISS], 'false no_condition_match 1'],
    ['a rollout miss outranks a filter miss after it', [NOBODY, MISS], 'false out_of_rollout_bound 0'],
    ['a rollout miss outranks a filter miss before it', [MISS, NOBODY], 'false out_of_rollout_bound 1'],
    ['a filter miss outranks a skipped group', [GROUP, MISS], 'false no_condition_match 1'],
    ['skipped groups report the later', [GROUP, GROUP], 'false no_group_type 1'],
    ['no conditions at all', [], 'false no_group_type none'],
    ['a match stops the search', [MISS, EVERYBODY, EVERYBODY], 'true condition_match 1'],
  ])('E27: %s', (_name, groups, expected) => {
    expect(outcome(run([flag('f', { groups })]), 'f')).toBe(expected);
  });

  it('E28: a flag without a groups list is off with no_group_type', () => {
    expect(outcome(run([flag('f', {})]), 'f')).toBe('false no_group_type none');
  });

  it('E29: filters missed beside a skipped group says that groups were not evaluated', () => {
    const { reason } = result(run([flag('f', { groups: [GROUP, MISS] })]), 'f');
    expect(reason.description).toContain('no group type was provided');
  });
});

describe('enrollment and holdout', () => {
  const enrolling = (row: JsonObject = {}): JsonObject =>
    flag('beta', { groups: [EVERYBODY], feature_enrollment: true, payloads: { true: '"hi"' }, ...row });

  it.each<[JsonValue, boolean]>([
    ['true', true],
    [true, true],
    ['True', false],
    ['false', false],
    [1, false],
    [null, false],
  ])('E51: enrollment property %j decides %s', (value, expected) => {
    const got = run([enrolling()], { personProperties: { '$feature_enrollment/beta': value } });
    expect(outcome(got, 'beta')).toBe(`${expected} super_condition_value 0`);
    expect(result(got, 'beta').payload).toBe('"hi"'); // E52
  });

  it('E51: without the property the conditions decide', () => {
    expect(outcome(run([enrolling()]), 'beta')).toBe('true condition_match 0');
  });

  it('E53: a held-out subject gets the holdout variant before any condition', () => {
    const held = flag('x', {
      groups: [MISS],
      holdout: { id: 7, exclusion_percentage: 10 },
      payloads: { 'holdout-7': 1 },
    });
    const got = run([held], { distinctId: 'user-31' });
    expect(outcome(got, 'x')).toBe('holdout-7 holdout_condition_value none');
    expect(result(got, 'x').payload).toBe(1);
  });

  it.each([
    [92, false],
    [93, true],
  ])('E55: the empty subject hashes the bare prefix: %d %% holds it out: %s', (percentage, heldOut) => {
    const held = flag('x', { groups: [EVERYBODY], holdout: { id: 7, exclusion_percentage: percentage } });
    expect(result(run([held], { distinctId: '' }), 'x').value === 'holdout-7').toBe(heldOut);
  });

  it('E22: a stored hash key does not move a subject into or out of a holdout', () => {
    const sticky = { ensure_experience_continuity: true };
    const held = flag('x', { groups: [EVERYBODY], holdout: { id: 7, exclusion_percentage: 10 } }, sticky);
    const stored = { ...facts(), stickyKeys: new Map([['x', 'user-77']]) };
    expect(result(run([held], { distinctId: 'user-31' }, stored), 'x').value).toBe('holdout-7');
    // The anonymous id of the request does count.
    expect(result(run([held], { distinctId: 'user-31', anonDistinctId: 'user-77' }, stored), 'x').value).toBe(true);
  });

  it('E22: a group flag without a usable key hashes the bare prefix for its holdout', () => {
    const filters = {
      groups: [EVERYBODY],
      holdout: { id: 7, exclusion_percentage: 92 },
      aggregation_group_type_index: 0,
    };
    const all = definitions([flag('x', filters)], { groupTypeMapping: { '0': 'company' } });
    expect(outcome(run(all, { distinctId: 'user-31' }), 'x')).toBe('false no_group_type 0');
    const inside = definitions([flag('x', { ...filters, holdout: { id: 7, exclusion_percentage: 93 } })], {
      groupTypeMapping: { '0': 'company' },
    });
    expect(outcome(run(inside, { distinctId: 'user-77' }), 'x')).toBe('holdout-7 holdout_condition_value none');
  });

  it('E53: an exclusion beyond 100 counts as 100', () => {
    const held = flag('x', { groups: [EVERYBODY], holdout: { id: 7, exclusion_percentage: 400 } });
    expect(result(run([held]), 'x').value).toBe('holdout-7');
  });
});

describe('conditions', () => {
  it('E61: early exit ends at a rollout miss', () => {
    const groups = [NOBODY, EVERYBODY];
    expect(outcome(run([flag('f', { groups, early_exit: true })]), 'f')).toBe('false out_of_rollout_bound 0');
    expect(outcome(run([flag('f', { groups })]), 'f')).toBe('true condition_match 1');
  });

  it('E61: early exit does not end at a filter miss', () => {
    expect(outcome(run([flag('f', { groups: [MISS, EVERYBODY], early_exit: true })]), 'f')).toBe(
      'true condition_match 1',
    );
  });

  it.each<[JsonValue, boolean]>([
    ['acme', true],
    [42, true],
    [0, true],
    ['', false],
    [true, false],
    [null, false],
    [['acme'], false],
    [{ key: 'acme' }, false],
  ])('E66: group key %j is usable: %s', (key, usable) => {
    const mapping = { groupTypeMapping: { '0': 'company' } };
    const got = run(definitions([flag('f', { groups: [GROUP] })], mapping), { groups: { company: key } });
    expect(outcome(got, 'f')).toBe(usable ? 'true condition_match 0' : 'false no_group_type 0');
  });

  it('E5: a condition with a null aggregation is about persons, whatever the flag says', () => {
    const filters = { aggregation_group_type_index: 0, groups: [{ ...EVERYBODY, aggregation_group_type_index: null }] };
    expect(outcome(run([flag('f', filters)]), 'f')).toBe('true condition_match 0');
  });

  const variants = {
    variants: [
      { key: 'control', rollout_percentage: 50 },
      { key: 'compact', rollout_percentage: 25 },
      { key: 'spacious', rollout_percentage: 25 },
    ],
  };
  const layout = flag('checkout-layout', {
    groups: [{ properties: [person('plan', 'enterprise')], variant: 'spacious' }, EVERYBODY],
    multivariate: variants,
  });

  it.each([
    ['user-61', 'free', 'compact condition_match 1'],
    ['user-61', 'enterprise', 'spacious condition_match 0'],
    ['user-17', 'free', 'control condition_match 1'],
  ])('E72: %s on plan %s', (distinctId, plan, expected) => {
    expect(outcome(run([layout], { distinctId, personProperties: { plan } }), 'checkout-layout')).toBe(expected);
  });

  it('E71: an undeclared override falls back to the hash', () => {
    const groups = [{ ...EVERYBODY, variant: 'gigantic' }];
    const got = run([flag('checkout-layout', { groups, multivariate: variants })], { distinctId: 'user-61' });
    expect(outcome(got, 'checkout-layout')).toBe('compact condition_match 0');
  });

  it('E19: an empty distinct id is inside a rollout of 0 and gets the first variant', () => {
    const got = run([flag('f', { groups: [NOBODY], multivariate: variants })], { distinctId: '' });
    expect(outcome(got, 'f')).toBe('control condition_match 0');
  });

  it('E60: a device-bucketed flag without a device id is out of rollout', () => {
    const device = { bucketing_identifier: 'device_id' };
    const half = flag('f', { groups: [{ properties: [], rollout_percentage: 50 }] }, device);
    expect(outcome(run([half], { deviceId: '' }), 'f')).toBe('false out_of_rollout_bound 0');
  });
});

describe('properties', () => {
  it('E145: a request value wins over a stored one, also when it is null', () => {
    const set = flag('f', { groups: [{ properties: [person('plan', 'pro')] }] });
    expect(result(run([set], {}, facts({ plan: 'pro' })), 'f').value).toBe(true);
    expect(result(run([set], { personProperties: { plan: null } }, facts({ plan: 'pro' })), 'f').value).toBe(false);
  });

  it('E146: distinct_id is always a property; an explicit one wins', () => {
    const mine = flag('f', { groups: [{ properties: [person('distinct_id', 'user-1')] }] });
    expect(result(run([mine], {}, facts({ distinct_id: 'stored' })), 'f').value).toBe(true);
    expect(result(run([mine], { personProperties: { distinct_id: 'other' } }), 'f').value).toBe(false);
  });

  it.each<[string, JsonObject, JsonObject]>([
    ['$os', { $os_name: 'iOS' }, {}],
    ['$os_name', {}, { $os: 'iOS' }],
    ['$initial_os', { $os_name: 'iOS' }, {}],
    ['$initial_os_name', { $os: 'iOS' }, {}],
    ['$initial_utm_source', { utm_source: 'iOS' }, {}],
    ['$initial__kx', {}, { _kx: 'iOS' }],
    ['$initial_browser', { $browser: 'iOS' }, {}],
  ])('E147, E148: %s is filled from %j over %j', (key, sent, stored) => {
    const asks = flag('f', { groups: [{ properties: [person(key, 'iOS')] }] });
    expect(result(run([asks], { personProperties: sent }, facts(stored)), 'f').value).toBe(true);
  });

  it.each(
    (
      '$app_build $app_name $app_namespace $app_version $browser $browser_version $device_type $current_url $pathname ' +
      '$os $os_version $referring_domain $referrer $screen_height $screen_width $viewport_height $viewport_width ' +
      '$raw_user_agent utm_source utm_medium utm_campaign utm_content utm_term gclid gad_source gclsrc dclid gbraid ' +
      'wbraid fbclid msclkid twclid li_fat_id mc_cid igshid ttclid rdt_cid epik qclid sccid irclid _kx'
    ).split(' '),
  )('E148: %s stands in for its first value', (key) => {
    const initial = `$initial_${key.replace(/^\$/, '')}`;
    const asks = flag('f', { groups: [{ properties: [person(initial, 'x')] }] });
    expect(result(run([asks], { personProperties: { [key]: 'x' } }), 'f').value).toBe(true);
    expect(result(run([asks], { personProperties: { [key]: 'x', [initial]: 'y' } }), 'f').value).toBe(false);
  });

  it('E148: no other property has a first value', () => {
    const asks = flag('f', { groups: [{ properties: [person('$initial_plan', 'x')] }] });
    expect(result(run([asks], { personProperties: { plan: 'x', $plan: 'x' } }), 'f').value).toBe(false);
  });

  it('E87: created_at is a column of the person, not a property of that name', () => {
    const filter = { key: 'created_at', value: '2025-01-01', operator: 'is_date_before', type: 'person_metadata' };
    const old = flag('f', { groups: [{ properties: [filter] }] });
    const value = (createdAt: string | undefined, personProperties: JsonObject = {}) =>
      result(run([old], { personProperties }, facts({}, createdAt === undefined ? {} : { createdAt })), 'f').value;
    expect(value('2024-06-01T00:00:00Z')).toBe(true);
    expect(value('2026-06-01T00:00:00Z')).toBe(false);
    expect(value(undefined, { created_at: '2024-06-01' })).toBe(false);
    expect(value('2026-06-01T00:00:00Z', { __posthog_person_metadata__created_at: '2024-06-01T00:00:00Z' })).toBe(true);
  });

  it('E148: a stored initial value is kept', () => {
    const asks = flag('f', { groups: [{ properties: [person('$initial_os', 'Linux')] }] });
    expect(result(run([asks], { personProperties: { $os: 'iOS' } }, facts({ $initial_os: 'Linux' })), 'f').value).toBe(
      true,
    );
  });

  it('E150: the group key is a property of the group, as sent', () => {
    const filters = { groups: [{ ...GROUP, properties: [{ key: '$group_key', value: '42', type: 'group' }] }] };
    const got = run(definitions([flag('f', filters)], { groupTypeMapping: { '0': 'company' } }), {
      groups: { company: 42 },
      groupProperties: { company: { $group_key: 'forged' } },
    });
    expect(result(got, 'f').value).toBe(true);
  });

  it('E88: a negative operator does not match a property that could not be loaded', () => {
    const filters = { groups: [{ properties: [person('plan', 'free', 'is_not')], rollout_percentage: 0 }, EVERYBODY] };
    const unknown = { person: FAILURE, groups: new Map(), stickyKeys: null };
    // The first condition asks for no data (E151), so the flag is evaluated; its filter is undecided, hence no rollout miss.
    expect(outcome(run([flag('f', filters)], {}, unknown), 'f')).toBe('true condition_match 1');
  });

  it('E88: a group type that the mapping does not name is unknown once the request speaks of groups', () => {
    const filter = { key: 'tier', value: 'gold', operator: 'is_not', type: 'group', group_type_index: 3 };
    const all = definitions([flag('f', { groups: [{ properties: [filter] }] })], {
      groupTypeMapping: { '0': 'company' },
    });
    expect(outcome(run(all, { groups: { company: 'acme' } }), 'f')).toBe('false no_condition_match 0');
    expect(outcome(run(all), 'f')).toBe('true condition_match 0');
  });

  it('E21: a group key with a fraction is hashed as its number text', () => {
    const filters = { groups: [{ ...GROUP, rollout_percentage: 60 }] };
    const all = definitions([flag('org-dashboard', filters)], { groupTypeMapping: { '0': 'company' } });
    expect(outcome(run(all, { groups: { company: 42 } }), 'org-dashboard')).toBe('true condition_match 0');
    // 42 lies at 0.599, 42.0 at 0.557.
    const half = { groups: [{ ...GROUP, rollout_percentage: 58 }] };
    const narrow = definitions([flag('org-dashboard', half)], { groupTypeMapping: { '0': 'company' } });
    const of = (key: JsonValue): string => outcome(run(narrow, { groups: { company: key } }), 'org-dashboard');
    expect(of(42)).toBe('false out_of_rollout_bound 0');
    expect(of(new ExactNumber('42.0', 42))).toBe('true condition_match 0');
    expect(of('42.0')).toBe('true condition_match 0');
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('%s is a property name like any other', (key) => {
    const asks = flag('f', { groups: [{ properties: [person(key, null, 'is_set')] }] });
    expect(result(run([asks]), 'f').value).toBe(false);
    expect(result(run([asks], { personProperties: JSON.parse(`{"${key}": 1}`) as JsonObject }), 'f').value).toBe(true);
  });
});

describe('flags left out', () => {
  it('E166: inactive and deleted flags are absent', () => {
    const got = run([
      everyone('a', { active: false }),
      everyone('b', { id: 2, deleted: true }),
      everyone('c', { id: 3 }),
    ]);
    expect(got.results.map((one) => one.flag.key)).toEqual(['c']);
  });

  it.each<[string | undefined, 'client' | 'server' | 'all' | undefined, boolean]>([
    ['client', 'client', true],
    ['SERVER', 'server', true],
    ['client', 'server', false],
    ['client', 'all', true],
    ['client', undefined, false],
    ['all', undefined, true],
    ['mainframe', 'client', true],
    [undefined, 'client', true],
  ])('E167: a flag for runtime %s in a request of %s takes part: %s', (flagRuntime, runtime, takesPart) => {
    const row: JsonObject = flagRuntime === undefined ? {} : { evaluation_runtime: flagRuntime };
    expect(run([everyone('f', row)], { runtime }).results).toHaveLength(takesPart ? 1 : 0);
  });

  it.each<[string[], string[] | undefined, boolean]>([
    [['web'], undefined, true],
    [['web'], [], true],
    [['web'], ['web', 'app'], true],
    [['web'], ['Web'], false],
    [[], ['app'], true],
  ])('E169: contexts %j asked for %j take part: %s', (contexts, evaluationContexts, takesPart) => {
    expect(run([everyone('f', { evaluation_contexts: contexts })], { evaluationContexts }).results).toHaveLength(
      takesPart ? 1 : 0,
    );
  });

  it('E164: survey mode keeps only survey flags', () => {
    const got = run([everyone('survey-targeting-1'), everyone('other', { id: 2 })], { onlySurveyFlags: true });
    expect(got.results.map((one) => one.flag.key)).toEqual(['survey-targeting-1']);
  });

  it('E142: an empty list of flag keys keeps nothing, unknown names are no error', () => {
    expect(run([everyone('f')], { flagKeys: [] }).results).toEqual([]);
    expect(run([everyone('f')], { flagKeys: ['g'] })).toEqual({ results: [], errors: false });
  });
});

describe('failures of loading', () => {
  it('E160: only flags that need what failed fail; the others keep their value', () => {
    const needy = flag('needy', { groups: [{ properties: [person('plan', 'pro')] }] }, { id: 2 });
    const got = run([everyone('plain'), needy], {}, { person: FAILURE, groups: FAILURE, stickyKeys: null });
    expect(outcome(got, 'plain')).toBe('true condition_match 0');
    expect(outcome(got, 'needy')).toBe('false database_unavailable none');
    expect(result(got, 'needy').failed).toBe(true);
    expect(got.errors).toBe(true);
  });

  it('E160: a flag whose properties all came with the request does not need the store', () => {
    const needy = flag('f', { groups: [{ properties: [person('plan', 'pro')] }] });
    const got = run(
      [needy],
      { personProperties: { plan: 'pro' } },
      { person: FAILURE, groups: FAILURE, stickyKeys: null },
    );
    expect(outcome(got, 'f')).toBe('true condition_match 0');
  });

  it('E158: a failed look-up of sticky keys fails every flag with continuity, and no other', () => {
    const sticky = everyone('sticky', { ensure_experience_continuity: true });
    const stickyKeys = { ...FAILURE, code: 'hash_key_override_error' };
    const got = run([sticky, everyone('plain', { id: 2 })], {}, { ...facts(), stickyKeys });
    expect(outcome(got, 'sticky')).toBe('false hash_key_override_error none');
    expect(outcome(got, 'plain')).toBe('true condition_match 0');
    expect(got.errors).toBe(true);
  });

  it('E159: without the group type mapping a group flag fails only for requests about groups', () => {
    const all = definitions([flag('f', { groups: [GROUP] })], { groupTypeMapping: FAILURE });
    expect(outcome(run(all, { groups: { company: 'acme' } }), 'f')).toBe('false group_type_lookup_failed none');
    expect(outcome(run(all), 'f')).toBe('false no_group_type 0');
    expect(run(all).errors).toBe(true);
  });

  it.each<[string, JsonValue[], boolean, string]>([
    ['a later match stands', ['half', 'everybody'], false, 'true condition_match 1'],
    ['also under early exit where the skipped rollout is full', ['full', 'everybody'], true, 'true condition_match 1'],
    ['not where one was not', ['half', 'everybody'], true, 'false group_type_lookup_failed none'],
    ['not where one of several was not', ['half', 'full', 'everybody'], true, 'false group_type_lookup_failed none'],
    ['nor where the last one was not', ['full', 'half', 'everybody'], true, 'false group_type_lookup_failed none'],
    ['a match before the skipped one stands', ['everybody', 'half'], true, 'true condition_match 0'],
    ['a later miss fails', ['full', 'miss'], false, 'false group_type_lookup_failed none'],
    ['a later early exit fails', ['full', 'nobody'], true, 'false group_type_lookup_failed none'],
  ])('E159: %s', (_name, names, earlyExit, expected) => {
    const conditions: Record<string, JsonValue> = {
      half: { ...GROUP, rollout_percentage: 50 },
      full: GROUP,
      everybody: EVERYBODY,
      miss: MISS,
      nobody: NOBODY,
    };
    const groups = names.map((name) => conditions[name as string] as JsonValue);
    const all = definitions([flag('f', { groups, early_exit: earlyExit })], { groupTypeMapping: FAILURE });
    expect(outcome(run(all, { groups: { company: 'acme' } }), 'f')).toBe(expected);
  });

  it('E159: a person condition waits for the mapping only where it names a group type and the request has groups', () => {
    const tier = { key: 'tier', value: 'gold', type: 'group', group_type_index: 0 };
    const all = definitions([flag('f', { groups: [{ properties: [tier] }] })], { groupTypeMapping: FAILURE });
    expect(outcome(run(all, { groups: { company: 'acme' } }), 'f')).toBe('false group_type_lookup_failed none');
    expect(outcome(run(all, { groupProperties: { company: { tier: 'gold' } } }), 'f')).toBe(
      'false group_type_lookup_failed none',
    );
    expect(outcome(run(all, {}), 'f')).toBe('false no_condition_match 0');
    const plan = definitions([flag('f', { groups: [MISS, GROUP] })], { groupTypeMapping: FAILURE });
    expect(outcome(run(plan, { groups: { company: '' } }), 'f')).toBe('false no_condition_match 0');
  });
});

describe('continuity and devices', () => {
  const half = (row: JsonObject): JsonObject =>
    flag('beta-search-rollout', { groups: [{ properties: [], rollout_percentage: 25.5 }] }, row);
  const stickyTo = (hashKey: string) => ({ ...facts(), stickyKeys: new Map([['beta-search-rollout', hashKey]]) });

  it.each([
    ['a stored hash key', { ensure_experience_continuity: true }, { anonDistinctId: 'user-105' }, 'user-61', true],
    ['the anonymous id', { ensure_experience_continuity: true }, { anonDistinctId: 'user-61' }, null, true],
    ['not an empty anonymous id', { ensure_experience_continuity: true }, { anonDistinctId: '' }, null, false],
    ['nothing when continuity is off', {}, { anonDistinctId: 'user-61' }, 'user-61', false],
    [
      'nothing when it buckets on devices',
      { ensure_experience_continuity: true, bucketing_identifier: 'device_id' },
      { deviceId: 'user-105' },
      'user-61',
      false,
    ],
  ])('E20: %s replaces the distinct id', (_name, row, asked, stored, expected) => {
    const got = run([half(row)], { distinctId: 'user-105', ...asked }, stored === null ? null : stickyTo(stored));
    expect(result(got, 'beta-search-rollout').value).toBe(expected);
  });

  it('E20: a device-bucketed flag hashes the device id', () => {
    const got = run([half({ bucketing_identifier: 'device_id' })], { distinctId: 'user-105', deviceId: 'user-61' });
    expect(outcome(got, 'beta-search-rollout')).toBe('true condition_match 0');
  });
});
