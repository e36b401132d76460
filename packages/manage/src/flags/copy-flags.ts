import { flagsByIdStatement, type Transactions, type Work } from '@halyard/data/management';
import { isList, isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import { ask, type CommandContext } from '../command.ts';
import { copyCohorts } from '../cohorts/copy-cohorts.ts';
import { FieldReader } from '../field-reader.ts';
import { cohortIdOf, flagId, propertiesOf, targetIds, withProperties } from '../filters/walk.ts';
import { Refusal } from '../refusal.ts';
import { copySchedules } from './copy-schedules.ts';
import { addFlag } from './create-flag.ts';
import { type Flag, type FlagFields, flagFromRow } from './flag.ts';
import { flagByKey } from './flag-by-key.ts';
import { renderOne } from './render-flag.ts';
import { refuseSecrets, shownFlag } from './secret-payloads.ts';
import { changeFlag } from './update-flag.ts';
import { lockFlags } from './write-flag.ts';

const mostTargets = 50;
/** Flags that one copy may bring along. */
const mostDependencies = 100;

/** What is copied where (M102). */
export interface CopyWish {
  readonly key: string;
  readonly from: number;
  readonly targets: readonly number[];
  /** What is planned for the flag is planned for the copy, too. */
  readonly schedule: boolean;
  readonly disable: boolean;
  readonly dependencies: boolean;
}

/** @throws {Refusal} */
export function readCopyWish(body: JsonObject): CopyWish {
  const reader = new FieldReader(body);
  const key = reader.plainText('feature_flag_key', { longest: 400 });
  const from = reader.integer('from_project');
  const targets = reader.raw('target_project_ids');
  const ids = isList(targets) ? targets.map((id) => flagId(typeof id === 'number' ? String(id) : id)) : [];
  const [wrong] = reader.problems;
  if (wrong !== undefined) throw Refusal.invalid(wrong.code, `${wrong.attr}: ${wrong.detail}`);
  if (key === undefined || from === undefined || ids.length === 0) {
    throw Refusal.invalid('required', 'Give feature_flag_key, from_project and target_project_ids.');
  }
  if (ids.length > mostTargets)
    throw Refusal.invalid('max_length', `A flag is copied to ${mostTargets} projects at most.`);
  if (ids.includes(null)) throw Refusal.invalid('invalid_input', 'target_project_ids must be ids of projects.');
  return {
    key,
    from,
    targets: [...new Set(ids.filter((id) => id !== null))],
    schedule: reader.boolean('copy_schedule') ?? false,
    disable: reader.boolean('disable_copied_flag') ?? false,
    dependencies: reader.boolean('copy_dependencies') ?? false,
  };
}

export interface CopyOutcome {
  readonly success: readonly JsonObject[];
  readonly failed: readonly { readonly project_id: number; readonly error_message: string }[];
}

/**
 * Copies a flag to other projects of the organization (M102), each in a transaction of its own.
 *
 * @param contextOf what a command in this project is told; null: the caller may not write there
 * @throws {Refusal} 404 when there is no such flag
 */
export async function copyFlag(
  database: Transactions,
  wish: CopyWish,
  contextOf: (teamId: number) => CommandContext | null,
): Promise<CopyOutcome> {
  const source = contextOf(wish.from);
  if (source === null) throw Refusal.notFound('Feature flag to copy does not exist.');
  const success: JsonObject[] = [];
  const failed: { project_id: number; error_message: string }[] = [];
  const flag = await database.read(() => flagByKey(source, wish.key));
  if (flag === null) throw Refusal.notFound('Feature flag to copy does not exist.');
  for (const id of wish.targets) {
    const target = contextOf(id);
    try {
      if (target === null) throw Refusal.notFound('Project not found.');
      success.push(await database.write(() => copyTo(source, target, flag, wish)));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      failed.push({ project_id: id, error_message: error.message });
    }
  }
  return { success, failed };
}

function* copyTo(source: CommandContext, target: CommandContext, flag: Flag, wish: CopyWish): Work<JsonObject> {
  if (source.teamId === target.teamId) throw Refusal.invalid('invalid_input', 'The flag is of this project already.');
  const { timezone } = yield* lockFlags(target);
  const copying: Copying = { source, target, timezone, wish, seen: new Set() };
  const copied = yield* copyOne(copying, flag, wish.disable);
  if (wish.schedule) {
    yield* copySchedules(source, target, { from: flag.id, to: copied.id }, (filters) => movedFilters(copying, filters));
  }
  return { ...(yield* renderOne(target, copied)), team_id: target.teamId };
}

interface Copying {
  readonly source: CommandContext;
  readonly target: CommandContext;
  readonly timezone: string;
  readonly wish: CopyWish;
  readonly seen: Set<number>;
}

function* copyOne(copying: Copying, flag: Flag, disable: boolean): Work<Flag> {
  const { target, timezone, seen } = copying;
  seen.add(flag.id);
  if (seen.size > mostDependencies) throw Refusal.invalid('invalid_input', 'The flag depends on too many others.');
  const fields: Partial<FlagFields> = {
    name: flag.name,
    filters: yield* movedFilters(copying, openedForCopy(copying.source, flag).filters),
    active: flag.active && !disable,
    ensure_experience_continuity: flag.ensure_experience_continuity,
    is_remote_configuration: flag.is_remote_configuration,
    has_encrypted_payloads: flag.has_encrypted_payloads,
    evaluation_runtime: flag.evaluation_runtime,
    bucketing_identifier: flag.bucketing_identifier,
    tags: flag.tags,
    evaluation_contexts: flag.evaluation_contexts,
  };
  const reason = { note: `Copied from project ${copying.source.teamId}.` };
  const there = yield* flagByKey(target, flag.key);
  if (there !== null) return yield* changeFlag(target, there, { ...fields, archived: false }, timezone, reason);
  return yield* addFlag(target, { ...fields, key: flag.key }, timezone, reason);
}

/** Payloads are sealed anew over there. @throws {Refusal} when they cannot be opened */
function openedForCopy(source: CommandContext, flag: Flag): Flag {
  const opened = shownFlag({ ...source, actor: { ...source.actor, via: 'key' } }, flag);
  if (flag.has_encrypted_payloads === true) refuseSecrets(source, opened, null);
  return opened;
}

/** The filters with the ids that cohorts and flags have over there. */
function* movedFilters(copying: Copying, filters: JsonObject): Work<JsonObject> {
  const { source, target } = copying;
  const used = propertiesOf(filters).filter(({ property }) => member(property, 'type') === 'cohort');
  const cohortIds = used.map(({ property }) => cohortIdOf(member(property, 'value'))).filter((id) => id !== null);
  const cohorts = yield* copyCohorts(source, target, [...new Set(cohortIds)]);
  const flags = new Map<number, number>();
  for (const id of targetIds(filters)) flags.set(id, yield* flagThere(copying, id));
  const groups = member(filters, 'groups');
  if (!isList(groups)) return filters;
  const move = (property: JsonObject): JsonObject => {
    const type = member(property, 'type');
    if (type === 'flag') {
      const id = flags.get(flagId(member(property, 'key')) ?? 0);
      return id === undefined ? property : { ...property, key: String(id) };
    }
    const id = type === 'cohort' ? cohorts.get(cohortIdOf(member(property, 'value')) ?? 0) : undefined;
    return id === undefined ? property : { ...property, value: id };
  };
  return {
    ...filters,
    groups: groups.map((group): JsonValue => (isObject(group) ? withProperties(group, move) : group)),
  };
}

/** The flag of the same key over there: the one that is on, else a copy where copies of dependencies are wanted. */
function* flagThere(copying: Copying, id: number): Work<number> {
  const { source, target, wish, seen } = copying;
  const [row] = yield* ask(flagsByIdStatement(source.teamId, [id]));
  if (row === undefined) throw Refusal.invalid('invalid_input', 'The flag depends on one that does not exist.');
  const flag = flagFromRow(row);
  const there = yield* flagByKey(target, flag.key);
  if (there?.active === true) return there.id;
  if (!wish.dependencies || seen.has(id)) {
    throw Refusal.invalid('invalid_input', `The flag depends on "${flag.key}", which is not there or is off.`);
  }
  return (yield* copyOne(copying, flag, false)).id;
}
