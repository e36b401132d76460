import { isObject, type JsonObject, type JsonValue, parseStored } from '@halyard/json';
import { groupName, type StoredDistinctId, type StoredGroup, type StoredPerson } from '@halyard/people';
import type { Row } from '../statements/statement.ts';

/** Rows by the team that they are of. */
export class RowsOfTeam<Value> {
  readonly #teams = new Map<number, Map<string, Value>>();

  of(teamId: number): Map<string, Value> {
    const known = this.#teams.get(teamId) ?? new Map<string, Value>();
    this.#teams.set(teamId, known);
    return known;
  }

  *[Symbol.iterator](): Generator<readonly [teamId: number, name: string, value: Value]> {
    for (const [teamId, rows] of this.#teams) for (const [name, value] of rows) yield [teamId, name, value];
  }
}

/** Whose distinct ids are, and fresh ids of persons. */
export interface Resolved {
  readonly distinctIds: RowsOfTeam<StoredDistinctId>;
  /** Persons whose ids are there and who are not. */
  readonly gone: readonly string[];
  readonly newIds: readonly string[];
}

/** Rows of `resolveStatement`. */
export function resolvedOf(rows: readonly Row[]): Resolved {
  const distinctIds = new RowsOfTeam<StoredDistinctId>();
  const gone = new Set<string>();
  const newIds: string[] = [];
  for (const row of rows) {
    if (row['new_id'] !== null) {
      newIds.push(text(row, 'new_id'));
      continue;
    }
    const personId = row['person_id'] ?? null;
    if (personId === null) gone.add(text(row, 'row_person_id'));
    distinctIds.of(number(row, 'team_id')).set(text(row, 'distinct_id'), { personId, version: versionOf(row) });
  }
  return { distinctIds, gone: [...gone], newIds };
}

/** Whether the same ids are the same persons' as before. */
export function isSameResolution(a: Resolved, b: Resolved): boolean {
  const before = [...a.distinctIds];
  const after = [...b.distinctIds];
  return (
    before.length === after.length &&
    after.every(([teamId, id, { personId }]) => a.distinctIds.of(teamId).get(id)?.personId === personId)
  );
}

/** Rows of `lockPersonsStatement`. */
export function personsOf(rows: readonly Row[]): RowsOfTeam<StoredPerson> {
  const persons = new RowsOfTeam<StoredPerson>();
  for (const row of rows) {
    const id = text(row, 'id');
    const isIdentified = row['is_identified'] === 'true';
    persons.of(number(row, 'team_id')).set(id, { id, isIdentified, ...holderOf(row), version: versionOf(row) });
  }
  return persons;
}

/** Rows of `groupsStatement`. */
export function groupsOf(rows: readonly Row[]): RowsOfTeam<StoredGroup> {
  const groups = new RowsOfTeam<StoredGroup>();
  for (const row of rows) {
    const name = groupName(number(row, 'index'), text(row, 'key'));
    groups.of(number(row, 'team_id')).set(name, { ...holderOf(row), version: versionOf(row) ?? 0 });
  }
  return groups;
}

function holderOf(row: Row): { properties: JsonObject; keys: number; bytes: number; createdAt: number } {
  const [keys, bytes, properties] = parseStored(text(row, 'document')) as readonly [number, number, JsonValue];
  return {
    properties: isObject(properties) ? properties : {},
    keys,
    bytes,
    createdAt: number(row, 'created_at'),
  };
}

function versionOf(row: Row): number | null {
  const version = row['version'] ?? null;
  return version === null ? null : Number(version);
}

function text(row: Row, column: string): string {
  return row[column] ?? '';
}

function number(row: Row, column: string): number {
  return Number(row[column]);
}
