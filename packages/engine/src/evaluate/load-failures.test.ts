import { describe, expect, it } from 'vitest';
import { definitions, everyone, FAILURE, facts, flag, inCohort, outcome, person, run } from '../scenario.cases.ts';

const failed = 'false database_unavailable none';
const inOne = flag('f', { groups: [{ properties: [inCohort(1)] }] });
const malformed = { id: 1, filters: { properties: { type: 'AND', values: [{ type: 'XOR', values: [] }] } } };
const around = { id: 2, filters: { properties: { type: 'OR', values: [inCohort(1)] } } };

describe('what could not be loaded', () => {
  it('E160: fails the flags that test cohorts when cohorts are not there, whether or not facts are', () => {
    const all = definitions([inOne, everyone('other', { id: 2 })], { cohorts: FAILURE });
    for (const loaded of [null, facts()]) {
      expect(outcome(run(all, {}, loaded), 'f')).toBe(failed);
      expect(outcome(run(all, {}, loaded), 'other')).toBe('true condition_match 0');
    }
  });

  it('E160: fails the flags that need groups when only groups are not there', () => {
    const tier = { key: 'tier', value: 'gold', type: 'group', group_type_index: 0 };
    const all = definitions([flag('f', { groups: [{ properties: [tier] }] }), everyone('other', { id: 2 })], {
      groupTypeMapping: { '0': 'company' },
    });
    const got = run(all, { groups: { company: 'acme' } }, { ...facts(), groups: FAILURE });
    expect(outcome(got, 'f')).toBe(failed);
    expect(outcome(got, 'other')).toBe('true condition_match 0');
  });

  it('E162: is an error when it is sticky keys, also where no evaluated flag wanted them', () => {
    const got = run([everyone('f')], {}, { ...facts(), stickyKeys: FAILURE });
    expect(outcome(got, 'f')).toBe('true condition_match 0');
    expect(got.errors).toBe(true);
  });

  it('E171: is not what an unsupported flag reports', () => {
    const unsupported = flag('f', { version: 9 }, { ensure_experience_continuity: true });
    const got = run([unsupported], {}, { ...facts(), stickyKeys: FAILURE });
    expect(outcome(got, 'f')).toBe('false flag_data_parsing_error none');
  });

  it('E126: a malformed cohort fails the flag also when another cohort refers to it', () => {
    const direct = flag('direct', { groups: [{ properties: [inCohort(1)] }] }, { id: 1 });
    const nested = flag('nested', { groups: [{ properties: [inCohort(2)] }] }, { id: 2 });
    const got = run(definitions([direct, nested], { cohorts: [malformed, around] }), {}, facts());
    expect(outcome(got, 'nested')).toBe('false cohort_filters_parsing_error none');
    expect(outcome(got, 'direct')).toBe('false cohort_filters_parsing_error none');
  });
});

describe('a request with person properties of its own only', () => {
  const onlyOverrides = { onlyUseOverridePersonProperties: true };
  const pro = flag('f', { groups: [{ properties: [person('plan', 'pro')] }] });

  it('E145: does not see what is stored about the person', () => {
    expect(outcome(run([pro], {}, facts({ plan: 'pro' })), 'f')).toBe('true condition_match 0');
    expect(outcome(run([pro], onlyOverrides, facts({ plan: 'pro' })), 'f')).toBe('false no_condition_match 0');
  });

  it('E124: is in no cohort, and outside none', () => {
    const cohorts = [{ id: 1, filters: { properties: { type: 'AND', values: [person('plan', 'pro')] } } }];
    for (const operator of ['in', 'not_in']) {
      const all = definitions([flag('f', { groups: [{ properties: [inCohort(1, operator)] }] })], { cohorts });
      const asked = { ...onlyOverrides, personProperties: { plan: 'pro' } };
      expect(outcome(run(all, asked, facts()), 'f')).toBe('false no_condition_match 0');
    }
  });
});

describe('the time a person was created', () => {
  it('E87: is no value of other properties that are not set', () => {
    const given = [flag('f', { groups: [{ properties: [person('plan', '', 'is_set')] }] })];
    const created = facts({}, { createdAt: '2025-12-30T10:00:00Z' });
    expect(outcome(run(given, {}, created), 'f')).toBe('false no_condition_match 0');
  });
});
