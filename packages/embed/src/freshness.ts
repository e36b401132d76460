import {
  advance,
  beginLook,
  defaultLimits,
  type FreshnessDetail,
  type FreshnessEvent,
  type FreshnessLimits,
  type FreshnessRecord,
  unseen,
} from '@halyard/data/conversation';
import { type JsonObject, jsonText, type JsonValue } from '@halyard/json';
import { numberOf, parseObject, stringOf } from './request.ts';

/**
 * Tells the machine of `docs/freshness.md` an event. The call: `{"record", "event", "now", "listening", "limits", "detail"}`; the record is
 * that of the last answer, or absent at first. Answer: `=` and `{"record", "actions", "state", "dueAt", "side"}`: what to do now, from when on
 * a request is an event again (`null`: until an answer comes), and where a look or load begins.
 */
export function tellFreshness(text: string): string {
  const call = parseObject(text);
  const record = recordIn(call['record']);
  const actions = advance(
    record,
    stringOf(call, 'event') as FreshnessEvent,
    {
      now: numberOf(call, 'now'),
      chance: Math.random(),
      listening: call['listening'] === true,
      limits: { ...defaultLimits, ...(call['limits'] as Partial<FreshnessLimits> | undefined) },
    },
    call['detail'] as FreshnessDetail | undefined,
  );
  // The host begins at once what it is told to begin.
  const side = actions.includes('look') || actions.includes('load') ? beginLook(record) : null;
  return `=${jsonText({
    record: { ...record, ...times(record), lastError: record.lastError as JsonValue } satisfies JsonObject,
    actions,
    state: record.state,
    dueAt: finite(record.dueAt),
    side,
  })}`;
}

/** JSON has no number for "never" and "always". */
const never = ['dueAt', 'idleUntil'] as const;

function times(record: FreshnessRecord): JsonObject {
  return { dueAt: finite(record.dueAt), idleUntil: finite(record.idleUntil), checkedAt: finite(record.checkedAt) };
}

function finite(time: number): number | null {
  return Number.isFinite(time) ? time : null;
}

function recordIn(given: JsonValue | undefined): FreshnessRecord {
  if (given === undefined || given === null) return unseen();
  const record = { ...unseen(), ...(given as unknown as FreshnessRecord) };
  for (const name of never) record[name] ??= Number.POSITIVE_INFINITY;
  record.checkedAt ??= Number.NEGATIVE_INFINITY;
  return record;
}
