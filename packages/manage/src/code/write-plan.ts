import { hasExperimentStatement, storableJson, type Work, writeCode } from '@halyard/data/management';
import { isList, isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import { ask, type CommandContext } from '../command.ts';
import { type FlagFields, newFlagFields } from '../flags/flag.ts';
import { freeKey } from '../flags/keys.ts';
import { insertFlag, lockedFlag, lockFlags, writeFlag } from '../flags/write-flag.ts';
import { Refusal } from '../refusal.ts';
import { cohortsNamedBy, withFlagKeys } from './flag-code.ts';
import type { PlannedWrites } from './plan.ts';

/** The database does not take something as the files have it; nothing was written. */
export class NotTaken extends Error {
  override readonly name = 'NotTaken';
}

const REASON = { note: 'halyard apply' };

/**
 * Writes a plan: flags as every other command writes them, with their history (M162), in one transaction with everything else.
 *
 * @param now milliseconds since the epoch
 */
export function* writePlan(
  { teamId, definitions, flags, deleted, ids: known, seen }: PlannedWrites,
  project: { readonly token: string; readonly name?: string },
  now: number,
): Work<void> {
  const context = (team: number): CommandContext => ({
    teamId: team,
    organizationId: null,
    actor: { userId: null, via: 'cli', isAdmin: true },
    now,
  });
  // Before any flag is locked, as every command does.
  if (teamId !== null) yield* lockFlags(context(teamId));
  const report = yield* writeCode(definitions, seen, project);
  const [refused] = report.refusedCohorts;
  if (refused !== undefined) throw new NotTaken(`cohort ${refused.cohort}: ${refused.reason}`);
  const inTeam = context(report.teamId);
  yield* lockFlags(inTeam);
  const ids = new Map(known);
  for (const [key, row] of flags) {
    yield* takingAll(key, writeOne(inTeam, key, withIds(row, ids, report.cohortIds), ids));
  }
  for (const key of deleted) {
    const stored = yield* lockedFlag(inTeam, ids.get(key) ?? 0);
    yield* takingAll(key, writeFlag(inTeam, stored, { ...stored, deleted: true }, REASON));
  }
}

function* writeOne(context: CommandContext, key: string, row: JsonObject, ids: Map<string, number>): Work<void> {
  const fields = fieldsOf(key, row);
  const known = ids.get(key);
  let id: number;
  if (known === undefined) {
    yield* freeKey(context, key, null);
    ({ id } = yield* insertFlag(context, { ...newFlagFields, ...fields, key }, REASON));
    ids.set(key, id);
  } else {
    const stored = yield* lockedFlag(context, known);
    ({ id } = yield* writeFlag(
      context,
      stored,
      { ...stored, ...fields, archived: stored.archived && fields.active !== true },
      REASON,
    ));
  }
  const hasExperiment = member(row, 'has_experiment') === true;
  // A new flag has none by itself.
  if (known !== undefined || hasExperiment) yield* ask(hasExperimentStatement(id, hasExperiment));
}

/** What the files say of a flag; the rest stays as it is. */
function fieldsOf(key: string, row: JsonObject): Partial<FlagFields> {
  const filters = member(row, 'filters');
  if (!isObject(filters) || storableJson(filters) === null) {
    throw new NotTaken(`${key}: its filters hold characters that cannot be stored`);
  }
  const contexts = member(row, 'evaluation_contexts');
  return {
    filters,
    name: textOf(member(row, 'name')) ?? '',
    active: member(row, 'active') === true,
    ensure_experience_continuity: member(row, 'ensure_experience_continuity') === true,
    is_remote_configuration: member(row, 'is_remote_configuration') === true,
    evaluation_runtime: textOf(member(row, 'evaluation_runtime')),
    bucketing_identifier: textOf(member(row, 'bucketing_identifier')),
    evaluation_contexts: isList(contexts) ? contexts.filter((name): name is string => typeof name === 'string') : [],
  };
}

function textOf(value: JsonValue | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

/** Flags by id (E135), and cohorts by the ids that storing gave them. */
function withIds(row: JsonObject, ids: ReadonlyMap<string, number>, cohorts: ReadonlyMap<number, number>): JsonObject {
  const named = withFlagKeys(row, (key) => String(ids.get(key) ?? key));
  const moved = cohortsNamedBy(named).some(
    ({ value }) => (cohorts.get(Number(value)) ?? Number(value)) !== Number(value),
  );
  return moved ? (withCohorts(named, cohorts) as JsonObject) : named;
}

function withCohorts(value: JsonValue, cohorts: ReadonlyMap<number, number>): JsonValue {
  if (isList(value)) return value.map((item) => withCohorts(item, cohorts));
  if (!isObject(value)) return value;
  const id = Number(member(value, 'value'));
  if (member(value, 'type') === 'cohort') return { ...value, value: cohorts.get(id) ?? member(value, 'value') ?? null };
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withCohorts(item, cohorts)]));
}

function* takingAll(key: string, work: Work<unknown>): Work<void> {
  try {
    yield* work;
  } catch (error) {
    if (error instanceof Refusal) throw new NotTaken(`${key}: ${error.message}`);
    throw error;
  }
}
