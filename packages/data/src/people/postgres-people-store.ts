import { DEFAULT_LIMITS, type HolderLimits } from '@halyard/people';
import { oneByOne } from '../import/batches.ts';
import { belongToPostHog } from '../import/table-owner.ts';
import { Transactions, type Work } from '../management/transactions.ts';
import { personsTables } from '../statements/schema-statements.ts';
import type { Row } from '../statements/statement.ts';
import { type AppliedBatch, applyBatch, type ContinuityFlag, flagsIn, Unclaimed } from './apply-batch.ts';
import { batchesOf, byTeam, type TeamBatch } from './batch.ts';
import { claimTypes } from './claim-group-types.ts';
import { failureOf } from './failures.ts';
import {
  addFlagCallsStatement,
  forgetEventsStatement,
  forgottenAtOnce,
  noteFlagCallsStatement,
} from './flag-call-statements.ts';
import type { FlagCallCount } from './flag-calls.ts';
import type {
  OperationOutcome,
  PeopleStore,
  PeopleStoreOptions,
  TableOwner,
  WaitingOperation,
} from './people-store.ts';
import { continuityFlagsStatement } from './read-statements.ts';

/** Time-outs of each transaction (I144), and that a commit is on disk whatever the server does otherwise (I130). */
const preamble = `set local lock_timeout = '2s'; set local statement_timeout = '5s'; set local idle_in_transaction_session_timeout = '10s';
select set_config('synchronous_commit', 'on', true) where current_setting('synchronous_commit') = 'off'`;
const statementTimeoutMs = 5_000;

/** A batch is begun so often before it is halved, and a single operation before it is given up (I144). */
const attempts = { batch: 5, single: 20 };
const pauseMs = { shortest: 5, longest: 50 };

/** Tables that are written here. */
const tables = [...personsTables, 'halyard_ingested_event', 'halyard_flag_calls'];

/** Connects on first use, with connections of its own (I3): events never take one from an evaluation. */
export function openPeopleStore(options: PeopleStoreOptions): PeopleStore {
  return new PostgresPeopleStore(options);
}

class PostgresPeopleStore implements PeopleStore {
  readonly #options: PeopleStoreOptions;
  readonly #limits: HolderLimits;
  readonly #transactions: Transactions;
  /** Where flags are, when that is another database. */
  readonly #main: Transactions | null;

  constructor(options: PeopleStoreOptions) {
    const { personsWriter, main = personsWriter, poolSize = 2, limits = DEFAULT_LIMITS } = options;
    this.#options = options;
    this.#limits = limits;
    const bounds = { statementTimeoutMs, attempts: 1 };
    this.#transactions = new Transactions(personsWriter, {
      ...bounds,
      size: poolSize,
      pool: 'persons writer',
      preamble,
    });
    this.#main =
      main === personsWriter ? null : new Transactions(main, { ...bounds, size: 1, pool: 'non-persons writer' });
  }

  async apply(operations: readonly WaitingOperation[], now: number): Promise<readonly OperationOutcome[]> {
    const outcomes: OperationOutcome[] = [];
    for (const batch of batchesOf(operations)) outcomes.push(...(await this.#applyAll(batch, now)));
    return outcomes;
  }

  /** Applies a batch, in halves when it fails again and again (I144). */
  async #applyAll(batch: readonly WaitingOperation[], now: number): Promise<OperationOutcome[]> {
    const applied = await this.#tryToApply(batch, now);
    if (applied !== null) return applied;
    const middle = Math.ceil(batch.length / 2);
    const first = await this.#applyAll(batch.slice(0, middle), now);
    return [...first, ...(await this.#applyAll(batch.slice(middle), now))];
  }

  /** Null: the batch is to be halved. */
  async #tryToApply(batch: readonly WaitingOperation[], now: number): Promise<OperationOutcome[] | null> {
    const teams = byTeam(batch);
    const isSingle = batch.length === 1;
    let checksSize = false;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#transact(teams, batch.length, now, checksSize);
      } catch (error) {
        const failure = error instanceof Unclaimed ? await this.#claim(teams, error.projectIds) : failureOf(error);
        if (failure === 'away') throw error;
        if (failure === 'too_large' && !checksSize) checksSize = true;
        else if (typeof failure === 'object') {
          this.#options.onRepeat?.(failure.repeat);
          if (attempt >= (isSingle ? attempts.single : attempts.batch))
            return isSingle ? [{ outcome: 'not_persisted', merge: null, warnings: [] }] : null;
          await this.#pause();
        } else if (failure !== 'claimed') {
          if (!isSingle) return null;
          this.#options.onPoison?.(error);
          return [{ outcome: 'poisonous', merge: null, warnings: [] }];
        }
      }
    }
  }

  async #transact(
    teams: readonly TeamBatch[],
    operations: number,
    now: number,
    checksSize: boolean,
  ): Promise<OperationOutcome[]> {
    const continuityFlags = this.#main === null ? null : await this.#continuityFlags(this.#main, teams);
    const begun = performance.now();
    const context = { now, checksSize, continuityFlags, limits: this.#limits };
    const { outcomes, personsCreated }: AppliedBatch = await this.#transactions.write(() => applyBatch(teams, context));
    this.#options.onCommit?.({ operations, personsCreated, ms: performance.now() - begun });
    return Array.from(
      { length: operations },
      (_, place) => outcomes.get(place) ?? { outcome: 'duplicate', merge: null, warnings: [] },
    );
  }

  /** Of the teams in whose names somebody signs up (I91). */
  async #continuityFlags(main: Transactions, teams: readonly TeamBatch[]): Promise<readonly ContinuityFlag[]> {
    const signing = teams
      .filter(({ operations }) => operations.some(({ person }) => person?.merge?.isIdentify === true))
      .map(({ teamId }) => teamId);
    if (signing.length === 0) return [];
    return main.read(function* (): Work<ContinuityFlag[]> {
      return flagsIn(yield continuityFlagsStatement(signing));
    });
  }

  async #claim(teams: readonly TeamBatch[], projectIds: readonly number[]) {
    try {
      for (const projectId of projectIds) {
        const ofProject = teams.filter((team) => team.projectId === projectId);
        await this.#transactions.write(() => claimTypes(projectId, ofProject));
      }
      return 'claimed' as const;
    } catch (error) {
      const failure = failureOf(error);
      if (failure === 'away') throw error;
      return failure;
    }
  }

  #pause(): Promise<void> {
    const { chance = Math.random } = this.#options;
    const ms = pauseMs.shortest + chance() * (pauseMs.longest - pauseMs.shortest);
    return new Promise((resolve) => void setTimeout(resolve, ms));
  }

  async addFlagCalls(counts: readonly FlagCallCount[]): Promise<void> {
    if (counts.length === 0) return;
    const note = function* (): Work<void> {
      yield noteFlagCallsStatement(counts);
    };
    // First, for it may be done twice.
    await this.#main?.write(note);
    const isOneDatabase = this.#main === null;
    await this.#transactions.write(function* (): Work<void> {
      if (isOneDatabase) yield* note();
      yield addFlagCallsStatement(counts);
    });
  }

  async forgetEvents(olderThan: number): Promise<number> {
    let forgotten = 0;
    for (;;) {
      const [row] = await this.#transactions.write(function* (): Work<readonly Row[]> {
        return yield forgetEventsStatement(olderThan);
      });
      const some = Number(row?.['forgotten'] ?? 0);
      forgotten += some;
      if (some < forgottenAtOnce) return forgotten;
    }
  }

  owner(): Promise<TableOwner> {
    return this.#transactions.read(function* (): Work<TableOwner> {
      if (yield* oneByOne(belongToPostHog())) return 'posthog';
      const rows = yield {
        text: `select name from unnest($1::text[]) name where to_regclass(name) is null`,
        values: [tables],
      };
      return rows.length === 0 ? 'halyard' : 'missing';
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.#transactions.close(), this.#main?.close()]);
  }
}
