import {
  dueScheduleStatement,
  scheduleRunStatement,
  scheduleTryStatement,
  StoreError,
  type Transactions,
  type Work,
} from '@halyard/data/management';
import { type JsonObject, member } from '@halyard/json';
import { ask, type CommandContext, type PayloadSecrets, timeOf } from '../command.ts';
import { flagId } from '../filters/walk.ts';
import { changeFlag } from '../flags/update-flag.ts';
import { lockedFlag, lockFlags } from '../flags/write-flag.ts';
import { Refusal } from '../refusal.ts';
import { nextTime } from './recurrence.ts';
import { scheduledChanges } from './schedule-payload.ts';
import { type Schedule, scheduleFromRow } from './schedules.ts';

/** Tries of a change that fails otherwise than by a refusal, one a minute: after these it has failed for good. */
const MOST_TRIES = 10;

/** What one run did. */
export interface ScheduleRun {
  readonly id: number;
  readonly teamId: number;
  /** `null`: it was carried out. */
  readonly failure: string | null;
}

export interface RunOptions {
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly secrets?: PayloadSecrets;
  /** Told of each change that was carried out or refused. */
  readonly onRun?: (run: ScheduleRun) => void;
  /** Told of a change that could not be tried, which is tried again with the next call. */
  readonly onError: (error: unknown) => void;
}

/**
 * Carries out what is due (M139), in the order of time and each in a transaction of its own, which other processes pass over. What is
 * killed in between has not happened, and is due again.
 */
export async function runDueSchedules(
  database: Transactions,
  { clock, secrets, onRun, onError }: RunOptions,
): Promise<void> {
  const failed: number[] = [];
  for (;;) {
    let tried: number | null = null;
    try {
      const run = await database.write(() =>
        runNext(clock(), { besides: failed, onFound: (id) => void (tried = id), ...(secrets && { secrets }) }),
      );
      if (run === null) return;
      onRun?.(run);
    } catch (error) {
      onError(error);
      if (tried === null) return; // the database is away
      failed.push(tried);
      await noteFailure(database, tried, clock(), error).catch(onError);
    }
  }
}

/** People see what goes wrong, and what never goes well comes to an end. A database that is away is no failure of the change. */
async function noteFailure(database: Transactions, id: number, now: number, error: unknown): Promise<void> {
  if (error instanceof StoreError && error.kind !== 'query' && error.kind !== 'foreign_key') return;
  const reason = 'The change could not be carried out, for a fault that is in the log.';
  await database.write(() => ask(scheduleTryStatement(id, new Date(now).toISOString(), reason, MOST_TRIES)));
}

interface NextOptions {
  /** Ids of changes to pass over. */
  readonly besides?: readonly number[];
  readonly onFound?: (id: number) => void;
  readonly secrets?: PayloadSecrets;
}

/** Carries out the next change that is due; `null`: nothing is. */
export function* runNext(now: number, { besides = [], onFound, secrets }: NextOptions = {}): Work<ScheduleRun | null> {
  const [row] = yield* ask(dueScheduleStatement(new Date(now).toISOString(), besides));
  if (row === undefined) return null;
  const schedule = scheduleFromRow(row);
  onFound?.(schedule.id);
  const creator = schedule.created_by === null ? null : member(schedule.created_by, 'id');
  const context: CommandContext = {
    teamId: schedule.team_id,
    organizationId: row['organization_id'] ?? null,
    now,
    ...(secrets && { secrets }),
    actor: { userId: typeof creator === 'number' ? creator : null, via: 'schedule', isAdmin: true },
  };
  const failure = hasEnded(schedule) ? null : yield* carriedOut(context, schedule);
  yield* ask(scheduleRunStatement(schedule.id, { at: timeOf(context), failure, next: plannedNext(schedule, now) }));
  return { id: schedule.id, teamId: schedule.team_id, failure };
}

/** Why the flag did not take the change; `null`: it did. What is refused is final (M139). */
function* carriedOut(context: CommandContext, schedule: Schedule): Work<string | null> {
  yield* ask({ text: 'savepoint change', values: [] });
  try {
    const { timezone } = yield* lockFlags(context);
    const flag = yield* lockedFlag(context, flagId(schedule.record_id) ?? 0);
    if (flag.deleted) return 'The flag is deleted.';
    const trigger: JsonObject = {
      job_type: 'scheduled_change',
      job_id: String(schedule.id),
      payload: schedule.payload,
    };
    yield* changeFlag(context, flag, scheduledChanges(schedule.payload, flag), timezone, { note: null, trigger });
    return null;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    yield* ask({ text: 'rollback to savepoint change', values: [] });
    return error.message;
  }
}

function hasEnded({ end_date: end, scheduled_at: at }: Schedule): boolean {
  return end !== null && Date.parse(at) > Date.parse(end);
}

/** When a recurring change comes next, as ISO text; `null`: it has run for the last time. */
function plannedNext(schedule: Schedule, now: number): string | null {
  if (!schedule.is_recurring) return null;
  const { recurrence_interval: interval, cron_expression: cron, timezone, end_date: end } = schedule;
  const next = nextTime({ interval, cron, timezone: timezone ?? 'UTC' }, Date.parse(schedule.scheduled_at), now);
  return next === null || (end !== null && next > Date.parse(end)) ? null : new Date(next).toISOString();
}
