import type { Executor } from './executor.ts';
import type { Statement } from '../statements/statement.ts';

/** Less than this is no lag: it is covered by what the process itself remembers. */
const toleratedLag = '1 second';
/** How long a look at the replica is good for, and how long it is better than to wait for the next one. */
const freshMs = 1_000;
const usableMs = 5_000;

/**
 * Received and not yet replayed, or nobody there to receive from: then the age of the last commit replayed is the lag, or
 * more than it. All of it may be asked by any role.
 */
const behindStatement: Statement = {
  name: 'replica_lag',
  text: `select (case
    when not pg_is_in_recovery() then false
    when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() and exists (select from pg_stat_wal_receiver) then false
    else coalesce(clock_timestamp() - pg_last_xact_replay_timestamp() > interval '${toleratedLag}', true)
  end)::text as behind`,
  values: [],
};

/** Knows whether a reader is a replica that is far behind. Looks when somebody wants to know, once a second at most. */
export class ReplicaLag {
  readonly #reader: Executor;
  readonly #now: () => number;
  #behind = false;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | null = null;

  /** @param now in milliseconds, from any beginning */
  constructor(reader: Executor, now: () => number = () => performance.now()) {
    this.#reader = reader;
    this.#now = now;
  }

  /** Never rejects: a reader that cannot say is as far behind as it was. */
  async isBehind(): Promise<boolean> {
    const age = this.#now() - this.#lookedAt;
    if (age >= freshMs) {
      this.#looking ??= this.#look();
      if (age >= usableMs) await this.#looking;
    }
    return this.#behind;
  }

  async #look(): Promise<void> {
    try {
      const [row] = await this.#reader.query(behindStatement);
      this.#behind = row?.['behind'] === 'true';
    } catch {
      // Some services that call themselves PostgreSQL do not know the functions; a reader that fails shows elsewhere.
    } finally {
      this.#lookedAt = this.#now();
      this.#looking = null;
    }
  }
}
