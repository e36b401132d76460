import { describe, expect, it } from 'vitest';
import type { Definitions } from '../definitions/types.ts';
import type { Facts } from '../facts.ts';
import type { EvaluationRequest } from '../request.ts';
import { definitions, dependsOn, everyone, FAILURE, facts, flag, inCohort, person, run } from '../scenario.cases.ts';

const wantsPlan = flag('f', { groups: [{ properties: [person('plan', 'pro')] }] });
const onGroup = flag('f', { groups: [{ aggregation_group_type_index: 0 }] });
const sticky = flag('f', { groups: [{ rollout_percentage: 50 }] }, { ensure_experience_continuity: true });
const lost = flag('f', { groups: [{ properties: [inCohort(404)] }] });
const onFlag = (key: string, id: number, target: number) =>
  flag(key, { groups: [{ properties: [dependsOn(target, true)] }] }, { id });
const device = flag('f', { groups: [{ rollout_percentage: 50 }] }, { bucketing_identifier: 'device_id' });
const stored: Facts = facts();

describe('the errors flag', () => {
  it.each<[string, Definitions, Partial<EvaluationRequest>, Facts]>([
    ['continuity fails', definitions([sticky]), {}, { ...stored, stickyKeys: FAILURE }],
    ['the group types fail', definitions([onGroup], { groupTypeMapping: FAILURE }), {}, stored],
    ['what a flag needs could not be loaded', definitions([wantsPlan]), {}, { ...stored, person: FAILURE }],
    ['cohorts could not be loaded', definitions([lost], { cohorts: FAILURE }), {}, stored],
    ['a configuration is not supported', definitions([flag('f', { version: 9 })]), {}, stored],
    ['a flag fails', definitions([lost]), {}, stored],
    ['a cycle is dropped', definitions([onFlag('f', 1, 2), onFlag('g', 2, 1)]), {}, stored],
  ])('E162: is raised when %s', (_name, given, asked, loaded) => {
    const withOther = { ...given, flags: [...given.flags, everyone('other', { id: 9 })] };
    const got = run(withOther, asked, loaded);
    expect(got.errors).toBe(true);
    expect(got.results.find((one) => one.flag.key === 'other')?.value).toBe(true);
  });

  it.each<[string, Definitions, Partial<EvaluationRequest>, Facts]>([
    ['a missing target', definitions([onFlag('f', 1, 404)]), {}, stored],
    ['unknown flag keys', definitions([everyone('f')]), { flagKeys: ['nonsense'] }, stored],
    ['a missing group', definitions([onGroup], { groupTypeMapping: { '0': 'company' } }), {}, stored],
    ['a group type nobody knows', definitions([onGroup]), { groups: { company: 'acme' } }, stored],
    ['a missing device id', definitions([device]), {}, stored],
    ['an unknown person', definitions([wantsPlan]), {}, { ...stored, person: null }],
    [
      'an invalid pattern',
      definitions([flag('f', { groups: [{ properties: [person('plan', '(', 'regex')] }] })]),
      { personProperties: { plan: 'pro' } },
      stored,
    ],
    [
      'a bad comparison',
      definitions([flag('f', { groups: [{ properties: [person('plan', 3, 'gt')] }] })]),
      { personProperties: { plan: 'pro' } },
      stored,
    ],
  ])('E162: is not raised by %s', (_name, given, asked, loaded) => {
    expect(run(given, asked, loaded).errors).toBe(false);
  });
});
