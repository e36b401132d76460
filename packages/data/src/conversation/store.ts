import type { PoolName } from '../pool-names.ts';
import { LastGood } from './last-good.ts';
import { RecentStickyKeys } from './recent-sticky-keys.ts';
import { ReplicaLag } from './replica-lag.ts';
import { TablesSeen } from './tables-seen.ts';

/** What conversations with a store go by. */
export interface StorePolicies {
  /** Milliseconds from any beginning; must not go back. */
  readonly clock: () => number;
  /** From 0 to 1, for what must not happen in step. */
  readonly chance: () => number;
  /** The persons reader is not the persons writer, so it may not have yet what was just written. */
  readonly readerMayLag: boolean;
  /** Told of every failure that a conversation survives. */
  readonly report: (error: unknown) => void;
}

/** All that is remembered of one store from conversation to conversation. */
export class Store {
  readonly policies: StorePolicies;
  readonly lastGood = new LastGood();
  readonly recent: RecentStickyKeys;
  readonly lag: ReplicaLag;
  readonly #tables = new Map<PoolName, TablesSeen>();
  readonly #nonce: string;
  #tickets = 0;

  constructor(policies: StorePolicies) {
    this.policies = policies;
    this.recent = new RecentStickyKeys(policies.clock);
    this.lag = new ReplicaLag(policies.clock);
    // Two processes on one connection must not have the same tickets.
    this.#nonce = `${Math.floor(policies.chance() * 2 ** 32).toString(36)}.`;
  }

  /** What is known of the tables behind a pool. */
  tables(pool: PoolName): TablesSeen {
    let seen = this.#tables.get(pool);
    if (seen === undefined) {
      seen = new TablesSeen();
      this.#tables.set(pool, seen);
    }
    return seen;
  }

  /** Different for every statement. */
  ticket(): string {
    this.#tickets += 1;
    return this.#nonce + this.#tickets;
  }
}
