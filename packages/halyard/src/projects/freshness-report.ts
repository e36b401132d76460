import type { FreshnessState } from '@halyard/data/conversation';

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

/** A snapshot has become stale, or is the newest again. Told once per change. */
export interface FreshnessChange {
  readonly became: 'stale' | 'recovered';
  readonly teamId: number;
  readonly revision: string;
  /** How long nobody has been able to say, or had been, whether the snapshot is the newest; null: since it was loaded. */
  readonly ageSeconds: number | null;
  /** Why; null after recovery. */
  readonly error: unknown;
}
