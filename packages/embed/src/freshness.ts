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

interface FreshnessCall {
  readonly record?: FreshnessRecord | null;
  readonly event: FreshnessEvent;
  readonly now: number;
  readonly listening?: boolean;
  readonly limits?: Partial<FreshnessLimits>;
  readonly detail?: FreshnessDetail;
}

/**
 * Tells the machine of `docs/freshness.md` an event. The call: `{"record", "event", "now", "listening", "limits", "detail"}`; the record is
 * that of the last answer, or absent at first. Answer: `=` and `{"record", "actions", "state", "dueAt", "side"}`: what to do now, from when on
 * a request is an event again (`null`: until an answer comes), and where a look or load begins.
 */
export function tellFreshness(text: string): string {
  // What the host wrote; a number is a double here, however it is written.
  const call = JSON.parse(text) as FreshnessCall;
  const record = recordIn(call.record);
  const actions = advance(
    record,
    call.event,
    {
      now: call.now,
      chance: Math.random(),
      listening: call.listening === true,
      limits: { ...defaultLimits, ...call.limits },
    },
    call.detail,
  );
  // The host begins at once what it is told to begin.
  const side = actions.includes('look') || actions.includes('load') ? beginLook(record) : null;
  return `=${JSON.stringify({ record, actions, state: record.state, dueAt: record.dueAt, side })}`;
}

/** JSON has no number for "never" and "always": they are written as null. */
function recordIn(given: FreshnessRecord | null | undefined): FreshnessRecord {
  const record = { ...unseen(), ...given };
  record.dueAt ??= Number.POSITIVE_INFINITY;
  record.idleUntil ??= Number.POSITIVE_INFINITY;
  record.checkedAt ??= Number.NEGATIVE_INFINITY;
  return record;
}
