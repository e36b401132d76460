/**
 * What is known about the definitions behind one token:
 *
 * - `unseen`: nothing, and nobody is asking.
 * - `loading`: nothing yet; the first reading is under way and every request for the token waits for it.
 * - `fresh`: a snapshot that was the newest when it was last looked at.
 * - `checking`: the same, and a look is under way.
 * - `stale`: the last good snapshot; the last look failed.
 * - `retrying`: the same, and another look is under way.
 * - `unknown`: there is certainly no such token, for now.
 *
 * `docs/freshness.md` shows the transitions, and a test compares the two.
 */
export type FreshnessState = 'unseen' | 'loading' | 'fresh' | 'checking' | 'stale' | 'retrying' | 'unknown';

/**
 * - `wanted`: a request came.
 * - `due`: the time for a look has come.
 * - `announced`: a notice says that something changed.
 * - `read`: the newest definitions are here.
 * - `unconfirmed`: a copy is here, and the store cannot say whether it is the newest.
 * - `confirmed`: the snapshot held is the newest.
 * - `absent`: there is certainly no such token.
 * - `failed`: the store could not say.
 * - `dropped`: the memory was needed for others.
 * - `expired`: an answer that nothing was there is too old to be believed.
 */
export type FreshnessEvent =
  | 'wanted'
  | 'due'
  | 'announced'
  | 'read'
  | 'unconfirmed'
  | 'confirmed'
  | 'absent'
  | 'failed'
  | 'dropped'
  | 'expired';

/** Events that are not named leave the state as it is. */
export const transitions: Readonly<Record<FreshnessState, Partial<Record<FreshnessEvent, FreshnessState>>>> = {
  unseen: { wanted: 'loading' },
  loading: { read: 'fresh', unconfirmed: 'stale', absent: 'unknown', failed: 'unseen' },
  fresh: { due: 'checking', announced: 'checking', dropped: 'unseen' },
  checking: { read: 'fresh', confirmed: 'fresh', failed: 'stale', absent: 'unknown', dropped: 'unseen' },
  stale: { due: 'retrying', announced: 'retrying', dropped: 'unseen' },
  retrying: { read: 'fresh', confirmed: 'fresh', failed: 'stale', absent: 'unknown', dropped: 'unseen' },
  unknown: { expired: 'unseen', dropped: 'unseen' },
};

export function nextState(state: FreshnessState, event: FreshnessEvent): FreshnessState {
  return transitions[state][event] ?? state;
}

/** What an operator may want to know about one token. */
export interface Freshness {
  readonly state: FreshnessState;
  /** The rest is null where no snapshot is held. */
  readonly teamId: number | null;
  readonly revision: string | null;
  /** Where the snapshot was read: `store`, or the name of a copy. */
  readonly origin: string | null;
  /** Since the snapshot was last known to be the newest; null also when it never was. */
  readonly ageSeconds: number | null;
  /** The kind of the failure that made it stale, such as `timeout`. */
  readonly lastError: string | null;
}

/** A snapshot has become stale, or is the newest again. Told once per turn. */
export interface FreshnessTurn {
  readonly turn: 'stale' | 'recovered';
  readonly teamId: number;
  readonly revision: string;
  /** How long nobody has been able to say, or had been, whether the snapshot is the newest; null: since it was loaded. */
  readonly ageSeconds: number | null;
  /** Why; null after recovery. */
  readonly error: unknown;
}

/** The kind of a failure, without anything that it is about. */
export function errorClass(error: unknown): string {
  if (typeof error === 'object' && error !== null) {
    const { kind, name } = error as { kind?: unknown; name?: unknown };
    if (typeof kind === 'string') return kind;
    if (typeof name === 'string') return name;
  }
  return 'error';
}
