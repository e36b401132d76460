import type { PoolName } from '../pool-names.ts';
import type { Row, Statement } from '../statements/statement.ts';
import { StoreError } from '../store-error.ts';

/** A statement for a pool. */
export interface Ask {
  readonly pool: PoolName;
  readonly statement: Statement;
  /** Comes back in the column `asked` of every row: an answer without it belongs to another question. */
  readonly ticket: string;
  /** While one of this name is under way at the pool, its answer may be given to others of that name. */
  readonly shared?: string;
  /** The answer may take megabytes: a driver bounds how many conversations have such at a time. */
  readonly large?: boolean;
  /** How it can travel with others; a driver may ignore it. */
  readonly merging?: Merging;
}

/** What makes one statement of several asks. */
export interface Merging {
  /** Asks for one pool with equal keys can be merged. */
  readonly key: string;
  /** Gives a row for each of them, with its place in the list, counted from 1, in the column `n`. */
  together(asks: readonly Ask[]): Statement;
}

/** What a conversation wants done before it goes on: statements side by side, or to let some milliseconds pass. */
export type Wish = { readonly ask: readonly Ask[] } | { readonly pauseMs: number };

/** What became of one statement: its rows, every column as text, or why there are none. */
export type Answer = readonly Row[] | StoreError;

/**
 * A piece of work with a store, without any I/O: it yields what it wants done, and is resumed with an answer for each
 * statement in their order, or with none after a pause. Whoever drives it runs statements and nothing else.
 */
export type Conversation<Result> = Generator<Wish, Result, readonly Answer[]>;

/**
 * The rows of one statement.
 *
 * @throws {StoreError}
 */
export function* rowsOf(ask: Ask): Conversation<readonly Row[]> {
  return rowsIn((yield* answersTo([ask]))[0]);
}

/** Several statements side by side. What does not belong to its question is an error here. */
export function* answersTo(asks: readonly Ask[]): Conversation<readonly Answer[]> {
  return belonging(asks, yield { ask: asks });
}

/** The answers, of which those that do not belong to their questions are errors. */
export function belonging(asks: readonly Ask[], answers: readonly Answer[]): readonly Answer[] {
  const all = asks.every((ask, index) => belongs(ask, answers[index]));
  return all ? answers : asks.map((ask, index) => orError(ask, answers[index]));
}

/** @throws {StoreError} when the answer is one */
export function rowsIn(answer: Answer | undefined): readonly Row[] {
  if (answer instanceof StoreError) throw answer;
  return answer ?? [];
}

/**
 * Every statement of ours gives at least one row. A connection that two processes use, as after a careless fork, gives the rows
 * of the other's question.
 */
function belongs(ask: Ask, answer: Answer | undefined): boolean {
  if (answer instanceof StoreError) return true;
  if (answer === undefined || answer.length === 0) return false;
  for (const row of answer) if (row['asked'] !== ask.ticket) return false;
  return true;
}

function orError(ask: Ask, answer: Answer | undefined): Answer {
  if (answer !== undefined && belongs(ask, answer)) return answer;
  return new StoreError(
    'query',
    ask.pool,
    'the answer belongs to another question; do two processes share a connection?',
  );
}
