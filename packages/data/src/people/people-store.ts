import type { HolderLimits, MergeOutcome, Operation, Outcome, Warning } from '@halyard/people';
import type { FlagCallCount } from './flag-calls.ts';

/** What an event may change, and whose it is. */
export interface WaitingOperation {
  readonly teamId: number;
  /** The parent project, by which group types are numbered (I106). */
  readonly projectId: number;
  /** With its uuid, by which a repeat is recognised (I150). */
  readonly operation: Operation;
}

/**
 * What became of an operation. `poisonous`: PostgreSQL refuses it for good, so it was skipped and counts as done (I145).
 * `not_persisted`: others got in its way until the end; it is to be sent again (I144).
 */
export interface OperationOutcome {
  readonly outcome: Outcome | 'poisonous' | 'not_persisted';
  /** What became of the merge that it asks for. */
  readonly merge: MergeOutcome | null;
  readonly warnings: readonly Warning[];
}

/** Whose the tables are: ours, by our migrations; PostHog's; nobody's, or some are not there yet. */
export type TableOwner = 'halyard' | 'posthog' | 'missing';

/** Where operations of events become rows. */
export interface PeopleStore {
  /**
   * Applies operations as if one after the other, usually in one transaction (I131, I140), and resolves when they are committed, with
   * one outcome for each, in order. Operations that wait for one another's person are tried again, in smaller batches at last.
   *
   * @param now milliseconds since the epoch
   * @throws {StoreError} when the store cannot take anything for now: away, read only, full, without its tables (I175). Nothing is
   *   committed then, as far as anybody can know: to repeat all is right, for uuids of what was committed are recognised.
   */
  apply(operations: readonly WaitingOperation[], now: number): Promise<readonly OperationOutcome[]>;

  /**
   * Adds to the counts of flag calls, in one statement (I113), and notes that the flags were called, at most hourly (M194).
   *
   * @throws {StoreError}; nothing is added then
   */
  addFlagCalls(counts: readonly FlagCallCount[]): Promise<void>;

  /**
   * Forgets the uuids of events that came before, in portions (I151), and says how many. Another process at it leaves nothing to do.
   *
   * @param olderThan milliseconds since the epoch
   * @throws {StoreError}
   */
  forgetEvents(olderThan: number): Promise<number>;

  /**
   * Whose the tables are (I2). Asks each time.
   *
   * @throws {StoreError}
   */
  owner(): Promise<TableOwner>;

  /** Waits for what is under way. */
  close(): Promise<void>;
}

/** Why a batch was begun again (I144, I202). */
export type RepeatCause = 'moved' | 'conflict' | 'deadlock' | 'timeout';

/** A transaction that was committed. */
export interface CommittedBatch {
  readonly operations: number;
  /** From the first statement to the commit. */
  readonly ms: number;
  readonly personsCreated: number;
}

export interface PeopleStoreOptions {
  /** The persons writer (I3). */
  readonly personsWriter: string;
  /** Where flags are. Default: the same database. */
  readonly main?: string;
  /** Connections of its own. Default 2. */
  readonly poolSize?: number;
  /** How much a person or group may hold (I77, I190). */
  readonly limits?: HolderLimits;
  readonly onRepeat?: (cause: RepeatCause) => void;
  readonly onCommit?: (batch: CommittedBatch) => void;
  /** Told of every operation that is skipped for good, without what it says. */
  readonly onPoison?: (error: unknown) => void;
  /** From 0 to 1; spreads repeats (I144). Default `Math.random`. */
  readonly chance?: () => number;
}
