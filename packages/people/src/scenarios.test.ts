import { groupName } from './index.ts';
import { MemoryPeople, TEAM } from './memory-people.cases.ts';
import type { PeopleBefore, PeopleUnderTest } from './people-state.cases.ts';
import { describeScenarios } from './scenarios.cases.ts';

describeScenarios('on the core alone', (): PeopleUnderTest => {
  const people = new MemoryPeople();
  return {
    teamId: TEAM,
    given: (before) => Promise.resolve(fill(people, before)),
    apply: (operations) => Promise.resolve(people.apply(operations).operations.flatMap(({ warnings }) => warnings)),
    state: () => Promise.resolve(people.state()),
  };
});

function fill(people: MemoryPeople, { persons, tombstones, types, groups }: PeopleBefore): void {
  for (const { ids, uuid, properties, isIdentified, createdAt, version, stickyKeys, cohorts } of persons) {
    const id = people.insert(uuid, properties as Record<string, never>, isIdentified, createdAt, version);
    for (const distinctId of ids) people.distinctIds.set(distinctId, { personId: id, version: null });
    people.stickyKeys.set(id, new Map(Object.entries(stickyKeys)));
    people.memberships.set(id, new Set(cohorts));
  }
  for (const [id, version] of Object.entries(tombstones)) people.distinctIds.set(id, { personId: null, version });
  for (const [type, index] of Object.entries(types)) people.groupTypes.set(type, index);
  for (const { index, key, properties, createdAt, version } of groups) {
    const keys = Object.keys(properties).length;
    const row = { properties: properties as Record<string, never>, keys, bytes: 100, createdAt, version };
    people.groups.set(groupName(index, key), row);
  }
}
