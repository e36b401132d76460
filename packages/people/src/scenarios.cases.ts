import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { personUuid } from './events/event-uuid.ts';
import type { Warning } from './index.ts';
import { NOW, reduced } from './memory-people.cases.ts';
import type { PeopleBefore, PeopleUnderTest, PersonState } from './people-state.cases.ts';

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

interface Rows {
  persons: Person[];
  tombstones?: Record<string, number>;
  types?: Record<string, number>;
  groups?: { index: number; key: string; properties: Record<string, never>; version: number }[];
  calls?: { flag: string; value: string }[];
}

type Event = { properties: Record<string, unknown>; propertyOfKilobytes?: [string, number] };

interface Scenario {
  number: string;
  before: Rows;
  requests: Event[][];
  after: Rows;
  warnings?: Warning[];
}

// What `docs/spec/ingest.md` says in section 19; `conformance/people/README.md` has the form.
const file = new URL('../../../conformance/people/scenarios.json', import.meta.url);
const scenarios = JSON.parse(readFileSync(file, 'utf8')) as Scenario[];

/** Runs the scenarios of the specification against a store. */
export function describeScenarios(name: string, open: () => PeopleUnderTest): void {
  describe(`the scenarios of section 19, ${name}`, () => {
    it.each(scenarios.map((scenario) => [scenario.number, scenario] as const))(
      'I4, I60, I61, I62, I63, I64, I70, I71, I72, I74, I76, I80, I82, I83, I84, I85, I86, I88, I90: %s',
      async (_, { before, requests, after, warnings = [] }) => {
        const people = open();
        await people.given(beforeOf(people.teamId, before));
        const heard: string[] = [];
        const calls: unknown[] = [];
        for (const request of requests) {
          if (people.send !== undefined) {
            await people.send(request.map(sentOf));
            continue;
          }
          const { operations, flagCalls, warnings: first } = reduced(request.map(sentOf));
          heard.push(...first, ...(await people.apply(operations)));
          calls.push(...flagCalls.map(({ flagKey, value }) => ({ flag: flagKey, value })));
        }
        const { persons, types, groups } = await people.state();
        const told = after.persons.map((person) => ({ ...person, ...(person.keys && { keys: person.keys.sort() }) }));
        expect(persons.map((person) => toldOf(people.teamId, person, told)).sort(byIds)).toEqual(told);
        if (people.send === undefined) expect([heard, calls]).toEqual([warnings, after.calls ?? []]);
        if (after.types !== undefined) expect(types).toEqual(after.types);
        if (after.groups === undefined) return;
        const named = groups.map(({ createdAt: _at, ...group }) => group);
        expect(named.sort(byKey)).toEqual(after.groups.sort(byKey));
      },
    );
  });
}

const sized = ([key, kilobytes]: [string, number]) => ({ [key]: 'x'.repeat(kilobytes * 1024 - 20) });

function sentOf({ propertyOfKilobytes, ...event }: Event): object {
  if (propertyOfKilobytes === undefined) return event;
  return { ...event, properties: { ...event.properties, $set: sized(propertyOfKilobytes) } };
}

function beforeOf(teamId: number, before: Rows): PeopleBefore {
  return {
    persons: before.persons.map(({ ids, propertyOfKilobytes, ...row }) => ({
      ids,
      uuid: personUuid(teamId, ids[0]!),
      properties: propertyOfKilobytes === undefined ? (row.properties ?? {}) : sized(propertyOfKilobytes),
      isIdentified: row.identified,
      createdAt: row.created === undefined ? NOW : Date.parse(row.created),
      version: row.version ?? 0,
      idVersions: row.idVersions ?? {},
      stickyKeys: row.stickyKeys ?? {},
      cohorts: row.cohorts ?? [],
    })),
    tombstones: before.tombstones ?? {},
    types: before.types ?? {},
    groups: (before.groups ?? []).map((group) => ({ ...group, createdAt: NOW })),
  };
}

/** A person with only those members that the scenario speaks of. */
function toldOf(teamId: number, row: PersonState, expected: readonly Person[]): unknown {
  const { ids } = row;
  const told = expected.find((person) => person.ids[0] === ids[0]);
  return {
    ids,
    ...(told?.properties !== undefined && { properties: row.properties }),
    ...(told?.keys !== undefined && { keys: Object.keys(row.properties).sort() }),
    identified: row.isIdentified,
    ...(told?.created !== undefined && { created: new Date(row.createdAt).toISOString().replace('.000', '') }),
    ...(told?.version !== undefined && { version: row.version }),
    ...(told?.uuidOf !== undefined && { uuidOf: ids.find((id) => personUuid(teamId, id) === row.uuid) }),
    ...(told?.idVersions !== undefined && {
      idVersions: Object.fromEntries(Object.keys(told.idVersions).map((id) => [id, row.idVersions[id] ?? 0])),
    }),
    ...(told?.stickyKeys !== undefined && { stickyKeys: row.stickyKeys }),
    ...(told?.cohorts !== undefined && { cohorts: row.cohorts }),
  };
}

const byIds = (a: unknown, b: unknown) => ((a as Person).ids[0]! < (b as Person).ids[0]! ? -1 : 1);
const byKey = (a: { key: string; index: number }, b: { key: string; index: number }) =>
  a.key.localeCompare(b.key) || a.index - b.index;
