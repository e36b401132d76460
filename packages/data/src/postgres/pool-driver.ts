import type { Answer, Ask, Conversation, Wish } from '../conversation/wish.ts';
import type { PoolName } from '../pool-names.ts';
import type { Row } from '../statements/statement.ts';
import { StoreError } from '../store-error.ts';
import { classifyError } from '../conversation/classify-error.ts';
import type { Executor } from './executor.ts';
import { type MergeableAsk, MergedAsks } from './merged-asks.ts';
import { Places } from './places.ts';

const noAsks: readonly Ask[] = [];
const nothing: readonly Answer[] = [];

/** Conversations with large answers at a time, unless said. */
const MOST_LARGE = 8;

export interface PoolDriverOptions {
  /** Whether asks at the same time share statements. */
  readonly merge: boolean;
  /** How many conversations with large answers go on at a time. */
  readonly largeAtOnce?: number | undefined;
  /** Resolves when whoever uses large answers can take one more. */
  readonly room?: (() => Promise<void>) | undefined;
}

/** Drives conversations over pools: runs what they ask side by side, and merges equal asks of different ones. */
export class PoolDriver {
  readonly #pools: Readonly<Record<PoolName, Executor>>;
  readonly #merged: ReadonlyMap<PoolName, MergedAsks>;
  /** Shared asks that are under way, by pool and name. */
  readonly #underWay = new Map<string, Promise<readonly Row[]>>();

  /** For conversations with large answers. */
  readonly #places: Places;
  readonly #room: () => Promise<void>;

  constructor(pools: Readonly<Record<PoolName, Executor>>, options: PoolDriverOptions) {
    const { merge, largeAtOnce = MOST_LARGE, room = hasRoom } = options;
    this.#pools = pools;
    this.#places = new Places(largeAtOnce);
    this.#room = room;
    const entries = Object.entries(pools) as [PoolName, Executor][];
    this.#merged = new Map(merge ? entries.map(([name, pool]) => [name, new MergedAsks(pool)]) : []);
  }

  /** Rejects with what the conversation throws. */
  async run<Result>(conversation: Conversation<Result>): Promise<Result> {
    let step = conversation.next();
    while (step.done !== true) {
      const wish = step.value;
      const [only, another] = 'ask' in wish ? wish.ask : noAsks;
      if (only?.large === true) return this.#runLarge(conversation, step);
      let answers: readonly Answer[];
      if (only === undefined || another !== undefined) answers = await this.#granted(wish);
      else {
        // The usual case, waited for here: a promise more takes as long as a step of the conversation.
        try {
          answers = [await this.#rows(only)];
        } catch (error) {
          answers = [failureOf(only, error)];
        }
      }
      step = conversation.next(answers);
    }
    return step.value;
  }

  /** From its first large answer on a conversation has a place. */
  async #runLarge<Result>(conversation: Conversation<Result>, begun: IteratorResult<Wish, Result>): Promise<Result> {
    await this.#places.enter();
    try {
      await this.#room();
      let step = begun;
      while (step.done !== true) step = conversation.next(await this.#granted(step.value));
      return step.value;
    } finally {
      this.#places.leave();
    }
  }

  #granted(wish: Wish): Promise<readonly Answer[]> {
    return 'pauseMs' in wish ? pause(wish.pauseMs) : Promise.all(wish.ask.map((ask) => this.#answer(ask)));
  }

  async #answer(ask: Ask): Promise<Answer> {
    try {
      return await this.#rows(ask);
    } catch (error) {
      return failureOf(ask, error);
    }
  }

  #rows(ask: Ask): Promise<readonly Row[]> {
    if (ask.shared !== undefined) return this.#shared(ask, `${ask.pool} ${ask.shared}`);
    const merged = ask.merging === undefined ? undefined : this.#merged.get(ask.pool);
    return merged === undefined
      ? this.#pools[ask.pool].query(ask.statement, ask.large)
      : merged.rows(ask as MergeableAsk);
  }

  #shared(ask: Ask, name: string): Promise<readonly Row[]> {
    let underWay = this.#underWay.get(name);
    if (underWay === undefined) {
      underWay = this.#pools[ask.pool].query(ask.statement, ask.large).finally(() => this.#underWay.delete(name));
      this.#underWay.set(name, underWay);
    }
    return underWay;
  }
}

function failureOf(ask: Ask, error: unknown): StoreError {
  return error instanceof StoreError ? error : classifyError(error, ask.pool, false);
}

function hasRoom(): Promise<void> {
  return Promise.resolve();
}

function pause(ms: number): Promise<readonly Answer[]> {
  return new Promise((resolve) => {
    if (ms === 0) setImmediate(() => resolve(nothing));
    else setTimeout(() => resolve(nothing), ms);
  });
}
