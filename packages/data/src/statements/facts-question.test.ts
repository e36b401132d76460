import type { FactPlan } from '@halyard/engine';
import { describe, expect, it } from 'vitest';
import { factsQuestion } from './facts-question.ts';

const keys = ['plan'];
const plan: FactPlan = {
  teamId: 1,
  distinctId: 'ann',
  person: { keys, createdAt: true },
  groups: [{ index: 0, key: 'acme', keys }],
  staticCohorts: [7],
  stickyKeys: { anonDistinctId: 'visitor', write: null },
};
const none: FactPlan = { ...plan, person: null, groups: [], staticCohorts: [], stickyKeys: null };
const unusable = 'a\0b';

describe('what is asked of a plan', () => {
  it('D116: all of it at once', () => {
    const picked = { names: ['plan'], prefixes: ['"plan":'] };
    expect(factsQuestion(plan)).toMatchObject({
      teamId: 1,
      own: 'ann',
      other: 'visitor',
      person: picked,
      createdAt: true,
      staticCohorts: [7],
      groups: [{ index: 0, key: 'acme', picked }],
      stickyKeys: 'both',
    });
  });

  it('D3: nothing of a team or an index that no database id can be, or of ids that no column can hold', () => {
    expect(factsQuestion({ ...plan, teamId: 2 ** 31 })).toBeNull();
    expect(factsQuestion(none)).toBeNull();
    expect(factsQuestion({ ...none, distinctId: unusable, person: plan.person })).toBeNull();
    expect(factsQuestion({ ...none, distinctId: unusable, staticCohorts: [7] })).toBeNull();
    expect(factsQuestion({ ...none, groups: [{ index: 2 ** 31, key: 'acme', keys }] })).toBeNull();
    expect(factsQuestion({ ...none, groups: [{ index: 0, key: unusable, keys }] })).toBeNull();
    expect(factsQuestion({ ...none, staticCohorts: [1.5] })).toBeNull();
  });

  it.each<[string, Partial<FactPlan>, object]>([
    ['a person for a cohort alone', { staticCohorts: [7, 0.5] }, { person: { names: [] }, staticCohorts: [7] }],
    ['a person without its time', { person: { keys, createdAt: false } }, { person: {}, createdAt: false }],
    [
      'a group alone',
      { groups: plan.groups },
      { person: null, createdAt: false, staticCohorts: [], stickyKeys: 'none' },
    ],
    ['the keys of the distinct id', { stickyKeys: { anonDistinctId: null, write: null } }, { stickyKeys: 'own' }],
    [
      'the keys of the distinct id beside an unusable one',
      { stickyKeys: { anonDistinctId: unusable, write: null } },
      { stickyKeys: 'own', own: 'ann', other: null },
    ],
    [
      'the keys of the anonymous id beside an unusable one',
      { distinctId: unusable, person: plan.person, staticCohorts: [7], stickyKeys: plan.stickyKeys },
      { stickyKeys: 'both', own: null, other: 'visitor', person: null, createdAt: false, staticCohorts: [] },
    ],
  ])('asks for %s', (_what, part, expected) => {
    expect(factsQuestion({ ...none, ...part })).toMatchObject(expected);
  });

  it('D121: property keys are sent once each, without those that no document can hold, and known by their list', () => {
    const list = ['a', 'b"', 'a', unusable];
    const asked = (of: readonly string[]) => factsQuestion({ ...none, person: { keys: of, createdAt: false } })?.person;
    expect(asked(list)).toMatchObject({ names: ['a', 'b"'], prefixes: ['"a":', '"b\\"":'] });
    expect(asked(list)?.id).toBe(asked(list)?.id);
    expect(asked(list)?.id).not.toBe(asked([...list])?.id);
  });
});
