import {
  insertScheduleStatement,
  pendingSchedulesStatement,
  type Row,
  type ScheduleColumns,
  storableJson,
  type Work,
} from '@halyard/data/management';
import { isList, isObject, type JsonObject, member, parseStored } from '@halyard/json';
import { ask, type CommandContext, timeOf } from '../command.ts';
import { sameJson } from '../same-json.ts';

/** What is planned of a flag, in the names of the wire. */
const planned = ['payload', 'scheduled_at', 'is_recurring', 'recurrence_interval', 'cron_expression', 'end_date'];

/**
 * Plans for a flag of another project what is planned for this one and has not run (M102). What is planned over there already is not planned
 * twice, so that a copy may be made again.
 *
 * @param moved filters with the ids that cohorts and flags have over there
 */
export function* copySchedules(
  source: CommandContext,
  target: CommandContext,
  flags: { readonly from: number; readonly to: number },
  moved: (filters: JsonObject) => Work<JsonObject>,
): Work<void> {
  const there = (yield* ask(pendingSchedulesStatement(target.teamId, flags.to))).map(planOf);
  for (const row of yield* ask(pendingSchedulesStatement(source.teamId, flags.from))) {
    const plan = planOf(row);
    const copy = { ...plan, payload: yield* movedPayload(member(plan, 'payload'), moved) };
    if (there.some((known) => sameJson(known, copy))) continue;
    const { teamId, actor } = target;
    yield* ask(insertScheduleStatement(teamId, actor.userId, timeOf(target), String(flags.to), columnsOf(copy)));
  }
}

function planOf(row: Row): JsonObject {
  const schedule = parseStored(row['schedule'] ?? '{}');
  return Object.fromEntries(
    planned.map((name) => [name, isObject(schedule) ? (member(schedule, name) ?? null) : null]),
  );
}

/** Conditions that are to be added name cohorts and flags by their ids here. */
function* movedPayload(
  payload: ReturnType<typeof member>,
  moved: (filters: JsonObject) => Work<JsonObject>,
): Work<JsonObject> {
  if (!isObject(payload ?? null)) return {};
  const plan = payload as JsonObject;
  const value = member(plan, 'value');
  if (!isObject(value ?? null) || !isList(member(value as JsonObject, 'groups') ?? null)) return plan;
  return { ...plan, value: yield* moved(value as JsonObject) };
}

function columnsOf(plan: JsonObject): ScheduleColumns {
  const text = (name: string): string | null => {
    const value = member(plan, name);
    return typeof value === 'string' ? value : null;
  };
  return {
    payload: storableJson(member(plan, 'payload') ?? {}) ?? '{}',
    scheduledAt: text('scheduled_at') ?? '',
    isRecurring: member(plan, 'is_recurring') === true,
    interval: text('recurrence_interval'),
    cron: text('cron_expression'),
    endDate: text('end_date'),
  };
}
