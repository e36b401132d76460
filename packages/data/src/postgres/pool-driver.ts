import type { Answer, Ask, Conversation, Wish } from '../conversation/wish.ts';
import type { PoolName } from '../pool-names.ts';
import type { Row } from '../statements/statement.ts';
import { StoreError } from '../store-error.ts';
import { classifyError } from '../conversation/classify-error.ts';
import type { Executor } from './executor.ts';
import { type MergeableAsk, MergedAsks } from './merged-asks.ts';

const noAsks: readonly Ask[] = [];
const nothing: readonly Answer[] = [];

/** Drives conversations over pools: runs what they ask side by side, and merges equal asks of different ones. */
export class PoolDriver {
  readonly #pools: Readonly<Record<PoolName, Executor>>;
  readonly #merged: ReadonlyMap<PoolName, MergedAsks>;
  /** Shared asks that are under way, by pool and name. */
  readonly #underWay = new Map<string, Promise<readonly Row[]>>();

  /** @param merge whether asks at the same time share statements */
  constructor(pools: Readonly<Record<PoolName, Executor>>, merge: boolean) {
    this.#pools = pools;
    const entries = Object.entries(pools) as [PoolName, Executor][];
    this.#merged = new Map(merge ? entries.map(([name, pool]) => [name, new MergedAsks(pool)]) : []);
  }

  /** Rejects with what the conversation throws. */
  async run<Result>(conversation: Conversation<Result>): Promise<Result> {
    let step = conversation.next();
    while (step.done !== true) {
      const wish = step.value;
      const [only, another] = 'ask' in wish ? wish.ask : noAsks;
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
    return merged === undefined ? this.#pools[ask.pool].query(ask.statement) : merged.rows(ask as MergeableAsk);
  }

  #shared(ask: Ask, name: string): Promise<readonly Row[]> {
    let underWay = this.#underWay.get(name);
    if (underWay === undefined) {
      underWay = this.#pools[ask.pool].query(ask.statement).finally(() => this.#underWay.delete(name));
      this.#underWay.set(name, underWay);
    }
    return underWay;
  }
}

function failureOf(ask: Ask, error: unknown): StoreError {
  return error instanceof StoreError ? error : classifyError(error, ask.pool, false);
}

function pause(ms: number): Promise<readonly Answer[]> {
  return new Promise((resolve) => {
    if (ms === 0) setImmediate(() => resolve(nothing));
    else setTimeout(() => resolve(nothing), ms);
  });
}
