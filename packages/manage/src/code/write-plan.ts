import { hasExperimentsStatement, storableJson, type Work, writeCode } from '@halyard/data/management';
import { isList, isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import { ask, type CommandContext } from '../command.ts';
import { type FlagFields, newFlagFields } from '../flags/flag.ts';
import { approvalPolicies, refuseWithoutApproval } from '../flags/approvals.ts';
import { flagUses } from '../flags/flag-uses.ts';
import { refuseAgainstEarlyAccess, refuseDeletion, refuseLostVariants } from '../flags/guards.ts';
import { lockFlags } from '../flags/write-flag.ts';
import { type FlagWrite, freeKeys, insertFlags, lockedFlags, newFlagIds, writeFlags } from '../flags/write-flags.ts';
import { Refusal } from '../refusal.ts';
import { cohortsNamedBy, withFlagKeys } from './flag-code.ts';
import type { PlannedWrites } from './plan.ts';

/** The database does not take something as the files have it; nothing was written. */
export class NotTaken extends Error {
  override readonly name = 'NotTaken';
}

const REASON = { note: 'halyard apply' };

/**
 * Writes a plan: flags as every other command writes them, with their history (M162), in one transaction with everything else, and many in
 * one statement.
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
  const made = [...flags.keys()].filter((key) => !known.has(key));
  const newIds = yield* newFlagIds(made.length);
  const ids = new Map([...known, ...made.map((key, at): [string, number] => [key, newIds[at] ?? 0])]);
  const rows = new Map([...flags].map(([key, row]) => [key, withIds(row, ids, report.cohortIds)]));
  yield* takingAll(makeFlags(inTeam, made, rows, ids));
  yield* takingAll(
    changeFlags(
      inTeam,
      [...rows.keys(), ...deleted].filter((key) => known.has(key)),
      rows,
      ids,
    ),
  );
  yield* ask(hasExperimentsStatement([...rows].map(([key, row]) => [ids.get(key) ?? 0, saysExperiment(row)])));
}

type Rows = ReadonlyMap<string, JsonObject>;
type Ids = ReadonlyMap<string, number>;

function* makeFlags(context: CommandContext, keys: readonly string[], rows: Rows, ids: Ids): Work<void> {
  const flags = keys.map((key) => ({ ...newFlagFields, ...fieldsOf(key, rows), key, id: ids.get(key) ?? 0 }));
  yield* freeKeys(context, keys);
  yield* insertFlags(context, flags, REASON);
}

/** Changes flags that have a row, and deletes the others. */
function* changeFlags(context: CommandContext, keys: readonly string[], rows: Rows, ids: Ids): Work<void> {
  const byId = new Map(keys.map((key) => [ids.get(key) ?? 0, key]));
  const stored = yield* lockedFlags(context, [...byId.keys()]);
  const writes = stored.map((flag): FlagWrite => {
    const key = byId.get(flag.id) ?? '';
    if (!rows.has(key)) return { stored: flag, next: { ...flag, deleted: true } };
    return { stored: flag, next: { ...flag, ...fieldsOf(key, rows) } };
  });
  yield* refuseAgainstUses(context, writes);
  yield* writeFlags(context, writes, REASON);
}

/** What else than flags may hold a change up: early access features, experiments, replay, approvals (M50, M70, M131, M203). @throws {NotTaken} */
function* refuseAgainstUses(context: CommandContext, writes: readonly FlagWrite[]): Work<void> {
  const ids = writes.map(({ stored }) => stored.id);
  const uses = yield* flagUses(context.teamId, ids);
  const going = new Set(ids);
  const policies = yield* approvalPolicies(context);
  for (const { stored, next } of writes) {
    const isUsed = stored.features.length > 0 || uses.has(stored.id);
    try {
      if (isUsed && next.deleted) yield* refuseDeletion(stored, going);
      else {
        refuseAgainstEarlyAccess(stored, next);
        if (uses.get(stored.id) === 'experiment') yield* refuseLostVariants(stored, next.filters);
      }
      refuseWithoutApproval(policies, stored, next);
    } catch (error) {
      if (error instanceof Refusal) throw new NotTaken(`${stored.key}: ${error.message}`);
      throw error;
    }
  }
}

function saysExperiment(row: JsonObject): boolean {
  return member(row, 'has_experiment') === true;
}

/** What the files say of a flag; the rest stays as it is. */
function fieldsOf(key: string, rows: Rows): Partial<FlagFields> {
  const row = rows.get(key) ?? {};
  const filters = member(row, 'filters');
  if (!isObject(filters) || storableJson(filters) === null) {
    throw new NotTaken(`${key}: its filters hold characters that cannot be stored`);
  }
  return {
    filters,
    name: textOf(member(row, 'name')) ?? '',
    active: member(row, 'active') === true,
    archived: member(row, 'archived') === true,
    tags: namesIn(row, 'tags'),
    ensure_experience_continuity: member(row, 'ensure_experience_continuity') === true,
    is_remote_configuration: member(row, 'is_remote_configuration') === true,
    evaluation_runtime: textOf(member(row, 'evaluation_runtime')),
    bucketing_identifier: textOf(member(row, 'bucketing_identifier')),
    evaluation_contexts: namesIn(row, 'evaluation_contexts'),
  };
}

function namesIn(row: JsonObject, name: string): readonly string[] {
  const names = member(row, name);
  return isList(names) ? names.filter((one) => typeof one === 'string') : [];
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

function* takingAll(work: Work<void>): Work<void> {
  try {
    yield* work;
  } catch (error) {
    if (error instanceof Refusal) throw new NotTaken(error.message);
    throw error;
  }
}
