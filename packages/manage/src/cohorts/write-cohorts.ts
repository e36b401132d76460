import {
  addMembersStatement,
  cohortDefinitionsStatement,
  cohortStatement,
  flagsOfCohortsStatement,
  insertCohortStatement,
  removeMemberStatement,
  type Row,
  storableJson,
  updateCohortStatement,
  type Work,
} from '@halyard/data/management';
import { isList, type JsonObject, type JsonValue, member } from '@halyard/json';
import { ask, type CommandContext, timeOf } from '../command.ts';
import { FieldReader } from '../field-reader.ts';
import { lockFlags } from '../flags/write-flag.ts';
import { type Change, change } from '../history/changes.ts';
import { type Activity, record } from '../history/record.ts';
import { Refusal, refuseIf } from '../refusal.ts';
import { sameJson } from '../same-json.ts';
import { type Cohort, cohortFromRow, cohortScope } from './cohort.ts';
import { cohortFilterProblems } from './cohort-filters.ts';
import { type CohortGraph, cohortGraph, leavesIn } from './cohort-graph.ts';
import { type NamedPeople, readCsvMembers } from './csv-members.ts';

/** A cohort, and how many of the people that were to join it nobody knows (M111). */
export interface WrittenCohort {
  readonly cohort: Cohort;
  readonly unknownPeople: number;
}

/** A cohort of the project, also a deleted one. @throws {Refusal} 404 (M4) */
export function* readCohort({ teamId }: CommandContext, id: number): Work<Cohort> {
  const [row] = yield* ask(cohortStatement(teamId, id));
  if (row === undefined) throw Refusal.notFound();
  return cohortFromRow(row);
}

/**
 * Makes a cohort (M107 to M111).
 *
 * @param csv text of an uploaded list of people
 */
export function* createCohort(
  context: CommandContext,
  body: JsonObject,
  csv: string | null = null,
): Work<WrittenCohort> {
  const input = readInput(body, csv);
  const isStatic = input.isStatic ?? false;
  const { timezone } = yield* lockFlags(context);
  const fields = { name: input.name ?? null, description: input.description ?? null, deleted: false };
  if (!isStatic && input.people !== null) throw notStatic();
  if (isStatic && Object.keys(input.filters ?? {}).length > 0) throw withFilters();
  const filters = isStatic ? null : (input.filters ?? null);
  if (filters !== null) yield* judge(context, null, filters, timezone);
  const columns = { ...fields, filters: filters === null ? null : storedFilters(filters) };
  const { teamId, actor } = context;
  const [row] = yield* ask(insertCohortStatement(teamId, actor.userId, timeOf(context), isStatic, columns));
  const id = Number(row?.['id']);
  const unknownPeople = input.people === null ? 0 : (yield* addPeople(teamId, id, input.people)).unknown;
  const cohort = yield* readCohort(context, id);
  yield* tell(context, cohort, 'created', []);
  return { cohort, unknownPeople };
}

/** Changes the fields of a cohort that a body names, deletes and restores (M108, M109); a list of people is added (M111). */
export function* updateCohort(
  context: CommandContext,
  id: number,
  body: JsonObject,
  csv: string | null = null,
): Work<WrittenCohort> {
  const input = readInput(body, csv);
  const { timezone } = yield* lockFlags(context);
  const stored = yield* readCohort(context, id);
  if (input.isStatic !== undefined && input.isStatic !== stored.is_static) {
    throw Refusal.invalid('invalid_input', 'A cohort stays static or dynamic.', 'is_static');
  }
  if (!stored.is_static && input.people !== null) throw notStatic();
  const filters = input.filters ?? stored.filters;
  const isChanged = input.filters !== undefined && !sameJson(input.filters, stored.filters ?? {});
  if (stored.is_static && isChanged) throw withFilters();
  if (!stored.is_static && isChanged) yield* judge(context, stored, input.filters ?? {}, timezone);
  const next = {
    name: input.name === undefined ? stored.name : input.name,
    description: input.description === undefined ? stored.description : input.description,
    deleted: input.deleted ?? stored.deleted,
    filters: isChanged ? filters : stored.filters,
  };
  if (next.deleted && !stored.deleted) yield* refuseDeletion(context, stored);
  const changes = (['name', 'description', 'deleted', 'filters'] as const)
    .filter((name) => !sameJson(stored[name], next[name]))
    .map((name) => change(cohortScope, name, stored[name], next[name]));
  if (changes.length > 0) {
    yield* ask(
      updateCohortStatement(id, { ...next, filters: next.filters === null ? null : storedFilters(next.filters) }),
    );
  }
  const joined = input.people === null ? NOBODY : yield* addPeople(context.teamId, id, input.people);
  const cohort = yield* readCohort(context, id);
  if (joined.added > 0) changes.push(change(cohortScope, 'count', stored.count, cohort.count));
  const activity = stored.deleted === next.deleted ? 'updated' : next.deleted ? 'deleted' : 'restored';
  if (changes.length > 0) yield* tell(context, cohort, activity, changes);
  return { cohort, unknownPeople: joined.unknown };
}

/** Adds people to a static cohort by their uuids (M112). */
export function* addPersonsToCohort(context: CommandContext, id: number, body: JsonObject): Work<void> {
  const people = readUuids(member(body, 'person_ids'), 'person_ids');
  const stored = yield* lockedStatic(context, id);
  const { added } = yield* addPeople(context.teamId, id, people);
  if (added > 0) yield* tellCount(context, stored);
}

/** Takes somebody out of a static cohort; who is no member may stay outside (M112). @throws {Refusal} 404 for an unknown person */
export function* removePersonFromCohort(context: CommandContext, id: number, body: JsonObject): Work<void> {
  const { names } = readUuids([member(body, 'person_id') ?? null], 'person_id');
  const stored = yield* lockedStatic(context, id);
  const [row] = yield* ask(removeMemberStatement(context.teamId, id, names[0] ?? ''));
  if (row?.['known'] !== 'true') throw Refusal.notFound('Person not found.');
  yield* tellCount(context, stored);
}

function* lockedStatic(context: CommandContext, id: number): Work<Cohort> {
  yield* lockFlags(context);
  const stored = yield* readCohort(context, id);
  if (!stored.is_static) throw notStatic();
  return stored;
}

function* tellCount(context: CommandContext, stored: Cohort): Work<void> {
  const cohort = yield* readCohort(context, stored.id);
  if (cohort.count === stored.count) return;
  yield* tell(context, cohort, 'updated', [change(cohortScope, 'count', stored.count, cohort.count)]);
}

function tell(context: CommandContext, cohort: Cohort, activity: Activity, changes: readonly Change[]): Work<void> {
  const entry = { activity, scope: cohortScope, itemId: String(cohort.id), name: cohort.name ?? '', changes };
  return record(context, { ...entry, note: null });
}

const NOBODY = { added: 0, unknown: 0 };

function* addPeople(teamId: number, id: number, { by, names }: NamedPeople): Work<{ added: number; unknown: number }> {
  const [row] = yield* ask(addMembersStatement(teamId, id, by, names));
  return { added: Number(row?.['added'] ?? 0), unknown: names.length - Number(row?.['known'] ?? 0) };
}

interface CohortInput {
  readonly name: string | null | undefined;
  readonly description: string | null | undefined;
  readonly deleted: boolean | undefined;
  readonly isStatic: boolean | undefined;
  readonly filters: JsonObject | undefined;
  readonly people: NamedPeople | null;
}

function readInput(body: JsonObject, csv: string | null): CohortInput {
  const reader = new FieldReader(body);
  const input = {
    name: reader.text('name', { longest: 400, mayBeNull: true, mayBeBlank: true }),
    description: reader.text('description', { longest: 1000, mayBeNull: true, mayBeBlank: true }),
    deleted: reader.boolean('deleted'),
    isStatic: reader.boolean('is_static'),
    filters: reader.raw('filters') === null ? undefined : reader.object('filters'),
  };
  if ((reader.raw('query') ?? null) !== null) {
    reader.refuse('query', 'invalid_input', 'Cohorts from queries are not supported.');
  }
  refuseIf(reader.problems);
  const uuids = reader.raw('_create_static_person_ids') ?? null;
  const people =
    csv !== null ? readCsvMembers(csv) : uuids === null ? null : readUuids(uuids, '_create_static_person_ids');
  return { ...input, people: people?.names.length === 0 ? null : people };
}

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function readUuids(value: JsonValue | undefined, field: string): NamedPeople {
  if (!isList(value)) throw Refusal.invalid('not_a_list', 'Expected a list of person ids.', field);
  const wrong = value.find((item) => typeof item !== 'string' || !uuidForm.test(item));
  if (wrong !== undefined) throw Refusal.invalid('invalid_input', 'Must be a valid UUID.', field);
  return { by: 'uuid', names: [...new Set(value as readonly string[])] };
}

const notStatic = () => Refusal.invalid('invalid_input', 'Only a static cohort has a list of people.', 'is_static');
const withFilters = () => Refusal.invalid('invalid_input', 'A static cohort has no filters.', 'filters');

function storedFilters(filters: JsonObject): string {
  const text = storableJson(filters);
  if (text === null) throw Refusal.invalid('invalid_input', 'Holds characters that cannot be stored.', 'filters');
  return text;
}

function* judge(context: CommandContext, stored: Cohort | null, filters: JsonObject, timezone: string): Work<void> {
  refuseIf(cohortFilterProblems(filters, { now: context.now, timezone }));
  const { targets } = leavesIn(filters);
  if (targets.length === 0) return;
  const graph = cohortGraph(yield* ask(cohortDefinitionsStatement(context.teamId)));
  const refuse = (code: string, detail: string) => Refusal.invalid(code, `properties: ${detail}`, 'filters');
  for (const id of targets) {
    if (!graph.has(id)) throw refuse('cohort_does_not_exist', `There is no cohort ${id} in this project.`);
  }
  if (stored === null) return;
  if (reaches(graph, targets, stored.id)) throw refuse('invalid_input', 'Cohorts would be made of each other.');
  if (!targets.some((id) => graph.isBehavioural(id))) return;
  const users = yield* activeFlagsOf(context, graph, stored.id);
  if (users.length > 0) {
    throw refuse(
      'behavioral_cohort_found',
      `Flags use this cohort, and they cannot ask for behaviour: ${keysOf(users)}`,
    );
  }
}

function reaches(graph: CohortGraph, from: readonly number[], id: number): boolean {
  const seen = new Set(from);
  for (const at of seen) for (const target of graph.targetsOf(at)) seen.add(target);
  return seen.has(id);
}

/** Active flags that use the cohort, or one that is made of it. */
function* activeFlagsOf({ teamId }: CommandContext, graph: CohortGraph, id: number): Work<readonly Row[]> {
  const rows = yield* ask(flagsOfCohortsStatement(teamId, graph.dependentsOf(id)));
  return rows.filter((row) => row['active'] === 'true');
}

const keysOf = (rows: readonly Row[]): string =>
  rows
    .slice(0, 5)
    .map((row) => row['key'])
    .join(', ');

/** M109. */
function* refuseDeletion(context: CommandContext, { id }: Cohort): Work<void> {
  const flags = yield* ask(flagsOfCohortsStatement(context.teamId, [id]));
  const active = flags.filter((row) => row['active'] === 'true');
  if (active.length > 0) {
    throw Refusal.invalid('invalid_input', `Cannot delete a cohort that active flags use: ${keysOf(active)}`);
  }
  const graph = cohortGraph(yield* ask(cohortDefinitionsStatement(context.teamId)));
  const others = graph.directDependentsOf(id);
  if (others.length > 0) {
    throw Refusal.invalid('invalid_input', `Cannot delete a cohort that others are made of: ${others.join(', ')}`);
  }
}
