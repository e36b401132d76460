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
 * `docs/freshness.md` shows the table, and a test compares the two.
 */
export type FreshnessState = 'unseen' | 'loading' | 'fresh' | 'checking' | 'stale' | 'retrying' | 'unknown';

/**
 * - `wanted`: a request came.
 * - `due`: the time for a look has come.
 * - `announced`: a notice says that something changed, or notices begin to arrive and some may have been missed.
 * - `rescheduled`: notices cease to arrive, or the clock was set back: the time of the next look means nothing any more.
 * - `read`: the newest definitions are here.
 * - `unconfirmed`: a copy is here, and the store cannot say whether it is the newest.
 * - `confirmed`: the snapshot held is the newest.
 * - `unsure`: after a notice only the reader could be asked; it knows of nothing newer.
 * - `absent`: there is certainly no such token.
 * - `failed`: the store could not say.
 * - `dropped`: the memory was needed for others.
 * - `expired`: an answer that nothing was there is too old to be believed.
 */
export type FreshnessEvent =
  | 'wanted'
  | 'due'
  | 'announced'
  | 'rescheduled'
  | 'read'
  | 'unconfirmed'
  | 'confirmed'
  | 'unsure'
  | 'absent'
  | 'failed'
  | 'dropped'
  | 'expired';

/**
 * For the host to do:
 *
 * - `load`: read the definitions for the first time; at the writer first when a notice has been noted.
 * - `look`: compare the snapshot with the store; at the writer when a notice has been noted, at the reader otherwise.
 * - `take`: what was read becomes the snapshot.
 * - `forget`: let the snapshot go; the token is unknown from now on.
 * - `tell stale`, `tell recovered`: say so, once per change.
 *
 * Done to the record, besides its state:
 *
 * - `note`: the notice is kept for the next look.
 * - `confirm`: the snapshot was the newest at this time.
 * - `count`: one more look failed.
 * - `plan`: choose when the next look is due.
 * - `hurry`: the writer is to be asked soon.
 * - `doubt`: what was found before is believed for a second only.
 */
export type FreshnessAction =
  | 'load'
  | 'look'
  | 'take'
  | 'forget'
  | 'tell stale'
  | 'tell recovered'
  | 'note'
  | 'confirm'
  | 'count'
  | 'plan'
  | 'hurry'
  | 'doubt';

export interface FreshnessTransition {
  readonly next: FreshnessState;
  readonly actions: readonly FreshnessAction[];
}

function to(next: FreshnessState, ...actions: FreshnessAction[]): FreshnessTransition {
  return { next, actions };
}

/** Events that are not named leave everything as it is. */
export const transitions: Readonly<Record<FreshnessState, Partial<Record<FreshnessEvent, FreshnessTransition>>>> = {
  unseen: { wanted: to('loading', 'load') },
  loading: {
    announced: to('loading', 'note'),
    read: to('fresh', 'take', 'confirm', 'plan'),
    unconfirmed: to('stale', 'take', 'count', 'plan', 'tell stale'),
    absent: to('unknown', 'forget'),
    failed: to('unseen'),
  },
  fresh: {
    due: to('checking', 'look'),
    announced: to('checking', 'note', 'look'),
    rescheduled: to('fresh', 'plan'),
    dropped: to('unseen'),
  },
  checking: {
    announced: to('checking', 'note'),
    read: to('fresh', 'take', 'confirm', 'plan'),
    confirmed: to('fresh', 'confirm', 'plan'),
    unsure: to('fresh', 'confirm', 'plan', 'hurry'),
    failed: to('stale', 'count', 'plan', 'tell stale'),
    absent: to('unknown', 'forget'),
    dropped: to('unseen'),
  },
  stale: {
    due: to('retrying', 'look'),
    announced: to('retrying', 'note', 'look'),
    rescheduled: to('stale', 'plan'),
    dropped: to('unseen'),
  },
  retrying: {
    announced: to('retrying', 'note'),
    read: to('fresh', 'take', 'tell recovered', 'confirm', 'plan'),
    confirmed: to('fresh', 'tell recovered', 'confirm', 'plan'),
    unsure: to('fresh', 'tell recovered', 'confirm', 'plan', 'hurry'),
    failed: to('stale', 'count', 'plan'),
    absent: to('unknown', 'forget'),
    dropped: to('unseen'),
  },
  unknown: {
    announced: to('unknown', 'doubt'),
    expired: to('unseen'),
    dropped: to('unseen'),
  },
};
