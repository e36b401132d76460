import type { StoreSide } from '../ports.ts';
import { defaultLimits, type FreshnessLimits } from './freshness-limits.ts';
import { type FreshnessAction, type FreshnessEvent, type FreshnessState, transitions } from './freshness-table.ts';

/** How fresh the definitions behind one token are, whatever the host made of them. Times are of the host's clock. */
export interface FreshnessRecord {
  state: FreshnessState;
  /** From when on a request causes a look; of an unknown token, from when on it is read again. */
  dueAt: number;
  /** From when on a look is due even without a request. */
  idleUntil: number;
  /** When the last look ended, well or not. */
  checkedAt: number;
  /** When the snapshot was last known to be the newest; null when it never was. */
  confirmedAt: number | null;
  /** Failed looks in a row. */
  failures: number;
  lastError: unknown;
  /** A notice came and its change may not have been seen yet: the next look asks the writer. */
  noted: boolean;
}

/** What an event is about, besides its name. */
export interface FreshnessDetail {
  /** Of `failed` and `unconfirmed`. */
  readonly error?: unknown;
  /** Of `unconfirmed`: when the copy was last known to be the newest. */
  readonly confirmedAt?: number | null;
}

/** The circumstances in which an event is judged. */
export interface FreshnessMoment {
  readonly now: number;
  /** From 0 to 1: times are spread by a tenth, so that projects do not march in step. */
  readonly chance: number;
  /** Notices arrive. */
  readonly listening: boolean;
  readonly limits: FreshnessLimits;
}

/** An answer younger than this is believed even if notices say that projects changed: a flood of either stays cheap. */
const leastTrustMs = 1_000;

export function unseen(): FreshnessRecord {
  return {
    state: 'unseen',
    dueAt: Number.POSITIVE_INFINITY,
    idleUntil: Number.POSITIVE_INFINITY,
    checkedAt: Number.NEGATIVE_INFINITY,
    confirmedAt: null,
    failures: 0,
    lastError: null,
    noted: false,
  };
}

/** Changes the record as the table says. The actions are for the host to do; what concerns the record alone is done. */
export function advance(
  record: FreshnessRecord,
  event: FreshnessEvent,
  moment: FreshnessMoment,
  detail: FreshnessDetail = {},
): readonly FreshnessAction[] {
  // A notice during a look may be about what the look did not see.
  const again = record.noted && isLookedAt(record);
  if (event === 'wanted' && record.state === 'unknown' && moment.now >= record.dueAt)
    step(record, 'expired', moment, {});
  const actions = step(record, event, moment, detail);
  return again && isHeld(record) && !isLookedAt(record)
    ? [...actions, ...step(record, 'announced', moment, {})]
    : actions;
}

/** A look begins: at which side. A notice from here on may be about what this look does not see. */
export function beginLook(record: FreshnessRecord): StoreSide {
  const side = record.noted ? 'writer' : 'reader';
  record.noted = false;
  return side;
}

/** When the host has to look without being asked; a request asks earlier, from `dueAt` on. */
export function wakeAt(record: FreshnessRecord): number {
  return record.state === 'stale' || record.noted ? record.dueAt : record.idleUntil;
}

/** Since the snapshot was last known to be the newest; null when it never was. */
export function ageSeconds({ confirmedAt }: FreshnessRecord, now: number): number | null {
  return confirmedAt === null ? null : Math.max(0, now - confirmedAt) / 1_000;
}

/** A look is under way, or waits to begin. */
export function isLookedAt({ state }: FreshnessRecord): boolean {
  return state === 'loading' || state === 'checking' || state === 'retrying';
}

/** How long a token that was found unknown at `since` is believed to be; a notice, at `doubtedAt`, shortens that (H43). */
export function unknownUntil(since: number, doubtedAt: number, limits: FreshnessLimits = defaultLimits): number {
  return since + (since > doubtedAt ? limits.unknownForMs : Math.min(leastTrustMs, limits.unknownForMs));
}

function isHeld({ state }: FreshnessRecord): boolean {
  return state !== 'unseen' && state !== 'loading' && state !== 'unknown';
}

function step(
  record: FreshnessRecord,
  event: FreshnessEvent,
  moment: FreshnessMoment,
  detail: FreshnessDetail,
): readonly FreshnessAction[] {
  const transition = transitions[record.state][event];
  if (transition === undefined) return [];
  record.state = transition.next;
  for (const action of transition.actions) act(record, action, moment, detail);
  return transition.actions;
}

function act(
  record: FreshnessRecord,
  action: FreshnessAction,
  { now, chance, listening, limits }: FreshnessMoment,
  detail: FreshnessDetail,
): void {
  switch (action) {
    case 'load':
    case 'look':
      record.dueAt = Number.POSITIVE_INFINITY;
      break;
    case 'note':
      record.noted = true;
      break;
    case 'confirm':
      record.confirmedAt = now;
      record.checkedAt = now;
      record.failures = 0;
      record.lastError = null;
      break;
    case 'count':
      record.failures += 1;
      record.lastError = detail.error ?? null;
      record.checkedAt = now;
      if (detail.confirmedAt !== undefined) record.confirmedAt = detail.confirmedAt;
      break;
    case 'plan': {
      // A clock that was set back makes what was planned meaningless.
      record.checkedAt = Math.min(record.checkedAt, now);
      const spread = (ms: number) => ms * (0.9 + 0.2 * chance);
      record.dueAt = record.checkedAt + spread(pauseOf(record, listening, limits));
      record.idleUntil = record.checkedAt + spread(limits.idleCheckAfterMs);
      break;
    }
    case 'hurry':
      record.noted = true;
      record.dueAt = Math.min(record.dueAt, now + limits.retryAfterMs);
      break;
    case 'forget':
      record.checkedAt = now;
      // A notice meanwhile may have been about a project with this token.
      record.dueAt = unknownUntil(now, record.noted ? now : Number.NEGATIVE_INFINITY, limits);
      break;
    case 'doubt':
      record.noted = true;
      record.dueAt = Math.min(record.dueAt, unknownUntil(record.checkedAt, now, limits));
      break;
    case 'take':
    case 'tell stale':
    case 'tell recovered':
      break;
  }
}

function pauseOf({ failures }: FreshnessRecord, listening: boolean, limits: FreshnessLimits): number {
  if (failures > 0) return Math.min(limits.retryAfterMs * 2 ** (failures - 1), limits.longestRetryMs);
  return listening ? limits.listeningCheckAfterMs : limits.checkAfterMs;
}
