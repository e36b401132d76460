import {
  deleteScheduleStatement,
  insertScheduleStatement,
  isDatabaseText,
  lockedScheduleStatement,
  type Row,
  type ScheduleColumns,
  type ScheduleOrder,
  scheduleCountStatement,
  type ScheduleSelection,
  schedulesStatement,
  scheduleStatement,
  storableJson,
  updateScheduleStatement,
  type Work,
} from '@halyard/data/management';
import { type JsonObject, parseStored } from '@halyard/json';
import { ask, type CommandContext, timeOf } from '../command.ts';
import { FieldReader } from '../field-reader.ts';
import { flagId } from '../filters/walk.ts';
import type { Flag } from '../flags/flag.ts';
import { judgeFilters } from '../flags/judge-filters.ts';
import { readFlag } from '../flags/read-flag.ts';
import { lockFlags } from '../flags/write-flag.ts';
import { Refusal, refuseIf } from '../refusal.ts';
import { intervals, isCronExpression } from './recurrence.ts';
import { scheduledChanges } from './schedule-payload.ts';

/** A scheduled change (M135), times as M24 writes them. */
export interface Schedule {
  readonly id: number;
  readonly team_id: number;
  readonly record_id: string;
  readonly payload: JsonObject;
  readonly scheduled_at: string;
  readonly executed_at: string | null;
  readonly failure_reason: string | null;
  readonly created_by: JsonObject | null;
  readonly is_recurring: boolean;
  readonly recurrence_interval: string | null;
  readonly cron_expression: string | null;
  readonly end_date: string | null;
  readonly timezone: string | null;
}

export function scheduleFromRow(row: Row): Schedule {
  return parseStored(row['schedule'] ?? '{}') as unknown as Schedule;
}

export interface SchedulePage {
  readonly count: number;
  readonly results: readonly Schedule[];
}

/** A page of scheduled changes, newest first unless told (M135). */
export function* listSchedules(
  { teamId }: CommandContext,
  selection: ScheduleSelection,
  page: { readonly limit: number; readonly offset: number },
  order?: ScheduleOrder,
): Work<SchedulePage> {
  // No row has such a text, and the database does not even take the question.
  if ([selection.model, selection.recordId].some((text) => text !== null && !isDatabaseText(text))) {
    return { count: 0, results: [] };
  }
  const [row] = yield* ask(scheduleCountStatement(teamId, selection));
  const rows = yield* ask(schedulesStatement(teamId, selection, page, order));
  return { count: Number(row?.['total'] ?? 0), results: rows.map(scheduleFromRow) };
}

/** @throws {Refusal} 404 */
export function* readSchedule({ teamId }: CommandContext, id: number): Work<Schedule> {
  const [row] = yield* ask(scheduleStatement(teamId, id));
  if (row === undefined) throw Refusal.notFound();
  return scheduleFromRow(row);
}

/** Plans a change of a flag (M136 to M138). */
export function* createSchedule(context: CommandContext, body: JsonObject): Work<Schedule> {
  const reader = new FieldReader(body);
  for (const field of ['record_id', 'model_name', 'payload', 'scheduled_at']) reader.require(field);
  const recordId = reader.plainText('record_id', { longest: 200 });
  reader.choice('model_name', ['FeatureFlag']);
  const wish = readWish(reader, null);
  refuseIf(reader.problems);
  refuseRecurrence(wish, null);
  yield* lockFlags(context);
  const flag = yield* targetOf(context, recordId ?? '');
  yield* judgePayload(context, flag, wish.payload);
  const { teamId, actor } = context;
  const columns = columnsOf(wish);
  const [row] = yield* ask(insertScheduleStatement(teamId, actor.userId, timeOf(context), String(flag.id), columns));
  return yield* readSchedule(context, Number(row?.['id']));
}

/** Changes what is planned; one that has run stays as it is (M138). */
export function* updateSchedule(context: CommandContext, id: number, body: JsonObject): Work<Schedule> {
  const stored = yield* lockedSchedule(context, id);
  if (stored.executed_at !== null) {
    throw Refusal.invalid('invalid_input', 'A change that has been carried out cannot be changed any more.');
  }
  const reader = new FieldReader(body);
  for (const [field, kept] of [
    ['record_id', stored.record_id],
    ['model_name', 'FeatureFlag'],
  ] as const) {
    const sent = reader.text(field, { mayBeBlank: true });
    if (sent !== undefined && sent !== kept) reader.refuse(field, 'invalid_input', 'This field cannot be changed.');
  }
  const wish = readWish(reader, stored);
  refuseIf(reader.problems);
  refuseRecurrence(wish, stored);
  if (reader.has('payload')) {
    yield* lockFlags(context);
    yield* judgePayload(context, yield* targetOf(context, stored.record_id), wish.payload);
  }
  yield* ask(updateScheduleStatement(id, timeOf(context), columnsOf(wish)));
  return yield* readSchedule(context, id);
}

export function* deleteSchedule(context: CommandContext, id: number): Work<void> {
  yield* lockedSchedule(context, id);
  yield* ask(deleteScheduleStatement(id));
}

function* lockedSchedule({ teamId }: CommandContext, id: number): Work<Schedule> {
  const [row] = yield* ask(lockedScheduleStatement(teamId, id));
  if (row === undefined) throw Refusal.notFound();
  return scheduleFromRow(row);
}

interface ScheduleWish {
  readonly payload: JsonObject;
  readonly scheduledAt: string;
  readonly isRecurring: boolean;
  readonly interval: string | null;
  readonly cron: string | null;
  readonly endDate: string | null;
}

/** What is sent, over what is stored. */
function readWish(reader: FieldReader, stored: Schedule | null): ScheduleWish {
  const or = <Value>(sent: Value | undefined, kept: Value): Value => (sent === undefined ? kept : sent);
  return {
    payload: or(reader.object('payload'), stored?.payload ?? {}),
    scheduledAt: or(reader.time('scheduled_at') ?? undefined, stored?.scheduled_at ?? ''),
    isRecurring: or(reader.boolean('is_recurring'), stored?.is_recurring ?? false),
    interval: or<string | null>(reader.choice('recurrence_interval', intervals), stored?.recurrence_interval ?? null),
    cron:
      or(
        reader.text('cron_expression', { longest: 100, mayBeNull: true, mayBeBlank: true }),
        stored?.cron_expression ?? null,
      ) || null,
    endDate: or(reader.time('end_date', true), stored?.end_date ?? null),
  };
}

/** M137. */
function refuseRecurrence(wish: ScheduleWish, stored: Schedule | null): void {
  const { isRecurring, interval, cron, scheduledAt, endDate, payload } = wish;
  const refuse = (attr: string, detail: string) => Refusal.invalid('invalid_input', detail, attr);
  if (interval !== null && cron !== null) {
    throw refuse('cron_expression', 'Give either an interval or a cron expression, not both.');
  }
  if (cron !== null && !isCronExpression(cron)) {
    throw refuse('cron_expression', 'This is no cron expression of five fields that ever comes true.');
  }
  const repeats = interval !== null || cron !== null;
  if (isRecurring && !repeats) {
    throw refuse('recurrence_interval', 'A recurring change needs an interval or a cron expression.');
  }
  if (stored === null && repeats && !isRecurring) {
    throw refuse(interval === null ? 'cron_expression' : 'recurrence_interval', 'Only a recurring change has this.');
  }
  if (isRecurring && payload['operation'] === 'add_release_condition') {
    throw refuse('payload', 'Conditions can be added once, not again and again.');
  }
  if (endDate !== null && Date.parse(endDate) <= Date.parse(scheduledAt)) {
    throw refuse('end_date', 'The end must come after the first time.');
  }
}

function* targetOf(context: CommandContext, recordId: string): Work<Flag> {
  const id = flagId(recordId);
  const missing = Refusal.invalid('invalid_input', 'Feature flag not found', 'record_id');
  if (id === null) throw missing;
  try {
    const flag = yield* readFlag(context, id);
    if (!flag.deleted) return flag;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
  throw missing;
}

/** M136: what could never be carried out is not planned. What depends on the moment is judged then. */
function* judgePayload(context: CommandContext, flag: Flag, payload: JsonObject): Work<void> {
  const { filters } = scheduledChanges(payload, flag);
  if (storableJson(payload) === null) {
    throw Refusal.invalid('invalid_input', 'Holds characters that cannot be stored.', 'payload');
  }
  if (filters === undefined) return;
  const judged = { id: flag.id, key: flag.key, stored: flag.filters, timezone: 'UTC' };
  yield* judgeFilters(context, judged, { ...flag.filters, ...filters });
}

function columnsOf({ payload, ...columns }: ScheduleWish): ScheduleColumns {
  return { ...columns, payload: storableJson(payload) ?? '{}' };
}
