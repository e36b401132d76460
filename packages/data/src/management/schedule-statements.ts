import type { Statement } from '../statements/statement.ts';
import { timeText, userBrief } from './shared-sql.ts';
import { cell, type Cells, insertion, rowChange } from './write-statement.ts';

/** One scheduled change as JSON (M135). */
const scheduleJson = `json_build_object('id', s.id, 'team_id', s.team_id, 'record_id', s.record_id, 'model_name', s.model_name,
  'payload', s.payload, 'scheduled_at', ${timeText('s.scheduled_at')}, 'executed_at', ${timeText('s.executed_at')},
  'failure_reason', s.failure_reason, 'created_at', ${timeText('s.created_at')}, 'created_by', ${userBrief('s.created_by_id')},
  'updated_at', ${timeText('s.updated_at')}, 'is_recurring', s.is_recurring, 'recurrence_interval', s.recurrence_interval,
  'cron_expression', s.cron_expression, 'last_executed_at', ${timeText('s.last_executed_at')},
  'end_date', ${timeText('s.end_date')}, 'timezone', s.timezone)::text as schedule`;

export interface ScheduleSelection {
  readonly model: string | null;
  readonly recordId: string | null;
  /** Whether they have been carried out, or given up; null or absent: both. */
  readonly isExecuted?: boolean | null;
}

/** By when they were planned or by their time, newest or next first. */
export interface ScheduleOrder {
  readonly by: 'created_at' | 'scheduled_at';
  readonly isDescending: boolean;
}

const newestFirst: ScheduleOrder = { by: 'created_at', isDescending: true };

const selectedSchedules = `s.team_id = $1 and ($2::text is null or s.model_name = $2) and ($3::text is null or s.record_id = $3)
   and ($4::boolean is null or (s.executed_at is not null) = $4)`;

/** A page of a project's scheduled changes: rows `schedule`. */
export function schedulesStatement(
  teamId: number,
  { model, recordId, isExecuted = null }: ScheduleSelection,
  { limit, offset }: { readonly limit: number; readonly offset: number },
  { by, isDescending }: ScheduleOrder = newestFirst,
): Statement {
  const direction = isDescending ? 'desc' : 'asc';
  return {
    text: `select ${scheduleJson} from posthog_scheduledchange s where ${selectedSchedules}
 order by s.${by} ${direction}, s.id ${direction} limit $5 offset $6`,
    values: [teamId, model, recordId, isExecuted, limit, offset],
  };
}

/** How many there are: one row `total`. */
export function scheduleCountStatement(
  teamId: number,
  { model, recordId, isExecuted = null }: ScheduleSelection,
): Statement {
  return {
    text: `select count(*)::text as total from posthog_scheduledchange s where ${selectedSchedules}`,
    values: [teamId, model, recordId, isExecuted],
  };
}

/** One of them: a row `schedule`. */
export function scheduleStatement(teamId: number, id: number): Statement {
  return {
    text: `select ${scheduleJson} from posthog_scheduledchange s where s.team_id = $1 and s.id = $2`,
    values: [teamId, id],
  };
}

/** Those of one flag that have not run, in the order of their times: rows `schedule`. */
export function pendingSchedulesStatement(teamId: number, flagId: number): Statement {
  return {
    text: `select ${scheduleJson} from posthog_scheduledchange s
 where s.team_id = $1 and s.model_name = 'FeatureFlag' and s.record_id = $2 and s.executed_at is null
 order by s.scheduled_at, s.id`,
    values: [teamId, String(flagId)],
  };
}

/** One of them, locked until the end of the transaction: a row `schedule`. */
export function lockedScheduleStatement(teamId: number, id: number): Statement {
  const { text, values } = scheduleStatement(teamId, id);
  return { text: `${text} for update of s`, values };
}

/** What people decide about a scheduled change; `payload` is JSON text, times are ISO 8601. */
export interface ScheduleColumns {
  readonly payload: string;
  readonly scheduledAt: string;
  readonly isRecurring: boolean;
  readonly interval: string | null;
  readonly cron: string | null;
  readonly endDate: string | null;
}

function cellsOf({ payload, scheduledAt, isRecurring, interval, cron, endDate }: ScheduleColumns): Cells {
  return {
    payload: cell(payload, 'jsonb'),
    scheduled_at: cell(scheduledAt, 'timestamptz'),
    is_recurring: cell(isRecurring, 'boolean'),
    recurrence_interval: cell(interval, 'text'),
    cron_expression: cell(cron, 'text'),
    end_date: cell(endDate, 'timestamptz'),
  };
}

/** Adds one in the project's time zone of now (M137): one row `id`. */
export function insertScheduleStatement(
  teamId: number,
  userId: number | null,
  at: string,
  recordId: string,
  columns: ScheduleColumns,
): Statement {
  return insertion('posthog_scheduledchange', {
    team_id: cell(teamId, 'int'),
    created_by_id: cell(userId, 'int'),
    created_at: cell(at, 'timestamptz'),
    updated_at: cell(at, 'timestamptz'),
    record_id: cell(recordId, 'text'),
    model_name: { sql: `'FeatureFlag'` },
    ...cellsOf(columns),
    failure_count: { sql: '0' },
    timezone: cell(teamId, 'int', (team) => `(select timezone from posthog_team where id = ${team})`),
  });
}

export function updateScheduleStatement(id: number, at: string, columns: ScheduleColumns): Statement {
  return rowChange('posthog_scheduledchange', id, { updated_at: cell(at, 'timestamptz'), ...cellsOf(columns) });
}

export function deleteScheduleStatement(id: number): Statement {
  return { text: 'delete from posthog_scheduledchange where id = $1', values: [id] };
}

/**
 * The next change that is due, of whatever project, locked; those that another process has locked are passed over, as are these ids (M139):
 * a row `schedule organization_id`, none when nothing is due.
 */
export function dueScheduleStatement(at: string, besides: readonly number[]): Statement {
  return {
    text: `select ${scheduleJson}, t.organization_id::text as organization_id
  from posthog_scheduledchange s join posthog_team t on t.id = s.team_id
 where s.executed_at is null and s.scheduled_at <= $1::timestamptz and s.model_name = 'FeatureFlag' and s.id <> all ($2::int[])
   and (s.is_recurring or (s.recurrence_interval is null and s.cron_expression is null))
 order by s.scheduled_at, s.id limit 1 for update of s skip locked`,
    values: [at, besides],
  };
}

/** What became of a run: a change that runs once has run, a recurring one is planned anew, or has ended (`next` null). */
export function scheduleRunStatement(
  id: number,
  run: { readonly at: string; readonly failure: string | null; readonly next: string | null },
): Statement {
  return rowChange('posthog_scheduledchange', id, {
    updated_at: cell(run.at, 'timestamptz'),
    failure_reason: cell(run.failure, 'text'),
    failure_count: { sql: run.failure === null ? 'failure_count' : 'failure_count + 1' },
    last_executed_at: cell(
      run.at,
      'timestamptz',
      (at) => `case when is_recurring then ${at} else last_executed_at end`,
    ),
    scheduled_at: cell(run.next, 'timestamptz', (next) => `coalesce(${next}, scheduled_at)`),
    executed_at: cell(run.next === null ? run.at : null, 'timestamptz'),
  });
}

/** A try that came to nothing, through no fault of the change: after so many of them it has failed for good (M139). */
export function scheduleTryStatement(id: number, at: string, reason: string, most: number): Statement {
  return {
    text: `update posthog_scheduledchange set updated_at = $2::timestamptz, failure_reason = $3, failure_count = failure_count + 1,
  executed_at = case when failure_count + 1 >= $4 then $2::timestamptz end where id = $1 and executed_at is null`,
    values: [id, at, reason, most],
  };
}
