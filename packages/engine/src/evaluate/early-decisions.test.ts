import { describe, expect, it } from 'vitest';
import { bucketingHash } from '../bucketing/bucketing.ts';
import { definitions, dependsOn, facts, flag, inCohort, outcome, person, run } from '../scenario.cases.ts';

describe('what decides before or between conditions', () => {
  it('E13: one of the properties of a super condition is enough for it to decide', () => {
    const filters = [person('beta', 'true'), person('alpha', 'true')];
    const given = [flag('f', { groups: [{}], super_groups: [{ properties: filters }] })];
    expect(outcome(run(given, { personProperties: { alpha: 'true' } }), 'f')).toMatch(/^false super_condition_value/);
    expect(outcome(run(given, {}), 'f')).toBe('true condition_match 0');
  });

  it('E13, E161: a super condition that asks for a malformed cohort fails the flag, whatever its conditions would say', () => {
    const cohorts = [{ id: 1, filters: { properties: { type: 'AND', values: [{ type: 'XOR', values: [] }] } } }];
    const given = flag('f', { groups: [{}], super_groups: [{ properties: [person('beta', 'true'), inCohort(1)] }] });
    const got = run(definitions([given], { cohorts }), { personProperties: { beta: 'true' } }, facts());
    expect(outcome(got, 'f')).toBe('false cohort_filters_parsing_error none');
    expect(got.errors).toBe(true);
  });

  it('E129: a cohort of behaviour does not end a flag with early exit', () => {
    const event = { key: '$pageview', type: 'behavioral', value: 'performed_event', event_type: 'events' };
    const cohorts = [{ id: 1, filters: { properties: { type: 'OR', values: [event] } } }];
    const given = flag('f', { early_exit: true, groups: [{ properties: [inCohort(1)] }, {}] });
    expect(outcome(run(definitions([given], { cohorts }), {}, facts()), 'f')).toBe('true condition_match 1');
  });

  it('E22: a holdout of a flag on devices hashes the distinct id where the request has no device', () => {
    const ids = Array.from({ length: 40 }, (_, i) => `user-${i}`);
    const inside = ids.filter((id) => bucketingHash('holdout-', id, '') <= 0.5);
    const row = { bucketing_identifier: 'device_id' };
    const given = [flag('f', { groups: [{}], holdout: { id: 7, exclusion_percentage: 50 } }, row)];
    const held = ids.filter((distinctId) => outcome(run(given, { distinctId }), 'f').includes('holdout'));
    expect(held).toEqual(inside);
  });

  it('E138: a dropped cycle is an error as soon as one of its flags would take part', () => {
    const circle = (id: number, other: number, row = {}) =>
      flag(`f${id}`, { groups: [{ properties: [dependsOn(other, true)] }] }, { id, ...row });
    const forServers = { evaluation_runtime: 'server' };
    const asked = { runtime: 'client' } as const;
    expect(run([circle(1, 2, forServers), circle(2, 1, forServers)], asked).errors).toBe(false);
    expect(run([circle(1, 2, forServers), circle(2, 1)], asked).errors).toBe(true);
  });
});
