import type { Statement } from '../statements/statement.ts';
import { StoreError } from '../store-error.ts';
import type { Answer, Ask } from './wish.ts';

/** Less than this is no lag: it is covered by what the process itself remembers. */
const toleratedLag = '1 second';
/** How long a look at the replica is good for, and how long it is better than to wait for the next one. */
const freshMs = 1_000;
const usableMs = 5_000;

/**
 * Received and not yet replayed, or nobody there to receive from: then the age of the last commit replayed is the lag, or
 * more than it. What was never received cannot be known here (docs/failure-modes.md). All of it may be asked by any role.
 */
const behindStatement: Statement = {
  name: 'replica_lag_2',
  text: `select (case
    when not pg_is_in_recovery() then false
    when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() and exists (select from pg_stat_wal_receiver) then false
    else coalesce(clock_timestamp() - pg_last_xact_replay_timestamp() > interval '${toleratedLag}', true)
  end)::text as behind, 'lag' as asked`,
  values: [],
};

const behindAsk: Ask = { pool: 'persons reader', statement: behindStatement, ticket: 'lag', shared: 'lag' };

/** Knows whether the persons reader is a replica that is far behind. Asks when somebody wants to know, once a second at most. */
export class ReplicaLag {
  readonly #now: () => number;
  #behind = false;
  #askedAt = Number.NEGATIVE_INFINITY;
  #answeredAt = Number.NEGATIVE_INFINITY;

  /** @param now in milliseconds, from any beginning */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** What to ask now for `isBehind` to mean something, beside whatever is asked anyway; `null`: nothing. */
  question(): Ask | null {
    const now = this.#now();
    const age = now - this.#answeredAt;
    if (age < freshMs) return null;
    // Somebody else is asking, and what was said before will do until then.
    if (age < usableMs && now - this.#askedAt < freshMs) return null;
    this.#askedAt = now;
    return behindAsk;
  }

  /** A reader that cannot say is as far behind as it was. */
  note(answer: Answer | undefined): void {
    this.#answeredAt = this.#now();
    // Some services that call themselves PostgreSQL do not know the functions; a reader that fails shows elsewhere.
    if (answer === undefined || answer instanceof StoreError) return;
    this.#behind = answer[0]?.['behind'] === 'true';
  }

  get isBehind(): boolean {
    return this.#behind;
  }
}
