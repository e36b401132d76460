import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { personUuid } from './events/event-uuid.ts';
import { groupName, type Warning } from './index.ts';
import { MemoryPeople, NOW, reduced, TEAM } from './memory-people.cases.ts';

interface Person {
  ids: string[];
  properties?: Record<string, never>;
  propertyOfKilobytes?: [string, number];
  keys?: string[];
  identified: boolean;
  created?: string;
  version?: number;
  uuidOf?: string;
  idVersions?: Record<string, number>;
  stickyKeys?: Record<string, string>;
  cohorts?: number[];
}

interface State {
  persons: Person[];
  tombstones?: Record<string, number>;
  types?: Record<string, number>;
  groups?: { index: number; key: string; properties: Record<string, never>; version: number }[];
  calls?: { flag: string; value: string }[];
}

type Event = { properties: Record<string, unknown>; propertyOfKilobytes?: [string, number] };

interface Scenario {
  number: string;
  before: State;
  requests: Event[][];
  after: State;
  warnings?: Warning[];
}

// What `docs/spec/ingest.md` says in section 19; `conformance/people/README.md` has the form.
const file = new URL('../../../conformance/people/scenarios.json', import.meta.url);
const scenarios = JSON.parse(readFileSync(file, 'utf8')) as Scenario[];

const sized = ([key, kilobytes]: [string, number]) => ({ [key]: 'x'.repeat(kilobytes * 1024 - 20) });

function stored(before: State): MemoryPeople {
  const people = new MemoryPeople();
  for (const { ids, propertyOfKilobytes, ...row } of before.persons) {
    const properties = propertyOfKilobytes === undefined ? (row.properties ?? {}) : sized(propertyOfKilobytes);
    const created = row.created === undefined ? NOW : Date.parse(row.created);
    const id = people.insert(personUuid(TEAM, ids[0]!), properties, row.identified, created, row.version ?? 0);
    for (const distinctId of ids) people.distinctIds.set(distinctId, { personId: id, version: null });
    if (row.stickyKeys !== undefined) people.stickyKeys.set(id, new Map(Object.entries(row.stickyKeys)));
    if (row.cohorts !== undefined) people.memberships.set(id, new Set(row.cohorts));
  }
  for (const [id, version] of Object.entries(before.tombstones ?? {}))
    people.distinctIds.set(id, { personId: null, version });
  for (const [type, index] of Object.entries(before.types ?? {})) people.groupTypes.set(type, index);
  for (const { index, key, properties, version } of before.groups ?? [])
    people.groups.set(groupName(index, key), {
      properties,
      keys: Object.keys(properties).length,
      bytes: 100,
      createdAt: NOW,
      version,
    });
  return people;
}

/** The persons, with only those members that the scenario speaks of. */
function personsOf(people: MemoryPeople, expected: readonly Person[]): unknown[] {
  return [...people.persons.values()].map((row) => {
    const ids = people.idsOf(row.id);
    const told = expected.find((person) => person.ids[0] === ids[0]);
    return {
      ids,
      ...(told?.properties !== undefined && { properties: row.properties }),
      ...(told?.keys !== undefined && { keys: Object.keys(row.properties) }),
      identified: row.isIdentified,
      ...(told?.created !== undefined && { created: new Date(row.createdAt).toISOString().replace('.000', '') }),
      ...(told?.version !== undefined && { version: row.version }),
      ...(told?.uuidOf !== undefined && { uuidOf: ids.find((id) => personUuid(TEAM, id) === row.uuid) }),
      ...(told?.idVersions !== undefined && {
        idVersions: Object.fromEntries(
          Object.keys(told.idVersions).map((id) => [id, people.distinctIds.get(id)?.version ?? 0]),
        ),
      }),
      ...(told?.stickyKeys !== undefined && { stickyKeys: Object.fromEntries(people.stickyKeys.get(row.id) ?? []) }),
      ...(told?.cohorts !== undefined && {
        cohorts: [...(people.memberships.get(row.id) ?? [])].sort((a, b) => a - b),
      }),
    };
  });
}

const byIds = (a: unknown, b: unknown) => ((a as Person).ids[0]! < (b as Person).ids[0]! ? -1 : 1);

describe('the scenarios of section 19', () => {
  it.each(scenarios.map((scenario) => [scenario.number, scenario] as const))(
    'I4, I60, I61, I62, I63, I64, I70, I71, I72, I74, I76, I80, I82, I83, I84, I85, I86, I88, I90: %s',
    (_, { before, requests, after, warnings = [] }) => {
      const people = stored(before);
      const heard: string[] = [];
      const calls: unknown[] = [];
      for (const request of requests) {
        const events = request.map(({ propertyOfKilobytes, ...event }) =>
          propertyOfKilobytes === undefined
            ? event
            : { ...event, properties: { ...event.properties, $set: sized(propertyOfKilobytes) } },
        );
        const { operations, flagCalls, warnings: first } = reduced(events);
        const folded = people.apply(operations);
        heard.push(...first, ...folded.operations.flatMap((operation) => operation.warnings));
        calls.push(...flagCalls.map(({ flagKey, value }) => ({ flag: flagKey, value })));
      }
      expect(personsOf(people, after.persons).sort(byIds)).toEqual(after.persons);
      expect(heard).toEqual(warnings);
      expect(calls).toEqual(after.calls ?? []);
      if (after.types !== undefined) expect(Object.fromEntries(people.groupTypes)).toEqual(after.types);
      if (after.groups === undefined) return;
      const groups = [...people.groups].map(([name, { properties, version }]) => ({ name, properties, version }));
      expect(groups).toEqual(
        after.groups.map(({ index, key, ...group }) => ({ name: groupName(index, key), ...group })),
      );
    },
  );
});
