import {
  groupsStatement,
  groupTypeListStatement,
  personByDistinctIdStatement,
  personByUuidStatement,
  personPageStartsStatement,
  type PersonSelection,
  personsStatement,
  type Row,
  type Work,
} from '@halyard/data/management';
import { isObject, type JsonObject, type JsonValue, member, parseStored } from '@halyard/json';
import { ask, type CommandContext } from '../command.ts';
import { Refusal } from '../refusal.ts';

/** A person as the API shows it (M122). */
export interface Person {
  readonly id: number;
  readonly uuid: string;
  readonly name: string;
  readonly distinct_ids: readonly string[];
  readonly properties: JsonObject;
  readonly created_at: string;
}

/** A part of a list that is not counted. */
export interface Slice<Item> {
  readonly results: readonly Item[];
  /** There are more behind it. */
  readonly hasMore: boolean;
}

interface Part {
  readonly limit: number;
  readonly offset: number;
}

function personFromRow(row: Row): Person {
  const person = parseStored(row['person'] ?? '{}') as unknown as Person;
  const properties = isObject(person.properties) ? person.properties : {};
  const named = [member(properties, 'email'), member(properties, 'name'), person.distinct_ids[0]];
  const name = named.find((one): one is string => typeof one === 'string' && one !== '') ?? person.uuid;
  return { ...person, name, properties };
}

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @throws {Refusal} 404 */
export function* readPerson({ teamId }: CommandContext, uuid: string): Work<Person> {
  if (!uuidForm.test(uuid)) throw Refusal.notFound('Person not found.');
  const [row] = yield* ask(personByUuidStatement(teamId, uuid));
  if (row === undefined) throw Refusal.notFound('Person not found.');
  return personFromRow(row);
}

/** `null`: nobody has this distinct id. */
export function* findPerson({ teamId }: CommandContext, distinctId: string): Work<Person | null> {
  if (distinctId.includes('\0')) return null;
  const [row] = yield* ask(personByDistinctIdStatement(teamId, distinctId));
  return row === undefined ? null : personFromRow(row);
}

/** Persons, newest first; members of a static cohort only, where one is named (M113, M122). */
export function* listPersons({ teamId }: CommandContext, selection: PersonSelection, part: Part): Work<Slice<Person>> {
  const rows = yield* ask(personsStatement(teamId, selection, { ...part, limit: part.limit + 1 }));
  return slice(rows.map(personFromRow), part);
}

/** The ids at which pages of so many persons begin, in the order of ids. */
export function* listPersonPages({ teamId }: CommandContext, size: number): Work<readonly number[]> {
  const [row] = yield* ask(personPageStartsStatement(teamId, size));
  return JSON.parse(row?.['starts'] ?? '[]') as number[];
}

/** The project's group types, at most five (M120). */
export function* listGroupTypes({ teamId }: CommandContext): Work<readonly JsonObject[]> {
  const rows = yield* ask(groupTypeListStatement(teamId));
  return rows.map((row) => ({
    group_type: row['type'] ?? '',
    group_type_index: Number(row['index']),
    name_singular: row['singular'] ?? null,
    name_plural: row['plural'] ?? null,
  }));
}

/** Groups of one type, newest first (M121). */
export function* listGroups(
  { teamId }: CommandContext,
  index: number,
  search: string | null,
  part: Part,
): Work<Slice<JsonValue>> {
  const rows = yield* ask(groupsStatement(teamId, index, search, { ...part, limit: part.limit + 1 }));
  return slice(
    rows.map((row) => parseStored(row['found'] ?? '{}')),
    part,
  );
}

function slice<Item>(found: readonly Item[], { limit }: Part): Slice<Item> {
  return { results: found.slice(0, limit), hasMore: found.length > limit };
}

/** The properties of a person that some filter names. */
export function propertiesNamed(properties: JsonObject, keys: Iterable<string>): JsonObject {
  const shown = [...new Set(keys)].filter((key) => Object.hasOwn(properties, key));
  return Object.fromEntries(shown.map((key) => [key, properties[key] as JsonValue]));
}
