import { LRUCache } from 'lru-cache';

/** Addresses whose budgets are remembered; who has not asked for long has a full one anyway. */
const MOST_ADDRESSES = 10_000;

/** A full budget is as much as comes back in that many seconds. */
const BURST_SECONDS = 5;

/** How many times as much as one address all of them have together. */
const ALL = 10;

/** Somebody asks for more tokens that belong to no project than are looked up. */
export class TooManyUnknownTokens extends Error {
  override readonly name = 'TooManyUnknownTokens';
  /** How long until one more may be looked up. */
  readonly waitMs: number;

  constructor(waitMs: number) {
    super('too many tokens that belong to no project');
    this.waitMs = waitMs;
  }
}

interface Budget {
  left: number;
  /** When `left` was right, in milliseconds. */
  at: number;
}

/**
 * Bounds how many tokens that belong to nobody are looked up: per second, by one address and in all (H95a). A look-up is paid for when it begins
 * and paid back when it finds a project, so that who brings good tokens never runs out.
 */
export class LookupRate {
  readonly #perSecond: number;
  readonly #byAddress = new LRUCache<string, Budget>({ max: MOST_ADDRESSES });
  readonly #all: Budget;

  /** @param perSecond look-ups in vain per second and address */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#all = { left: perSecond * ALL * BURST_SECONDS, at: Number.NEGATIVE_INFINITY };
  }

  /**
   * Pays for a look-up; the function that comes back pays it back.
   *
   * @param address undefined: only the budget of all is asked
   * @param now in milliseconds
   * @throws {TooManyUnknownTokens}
   */
  pay(address: string | undefined, now: number): () => void {
    const own = address === undefined ? null : this.#of(address);
    const { left: ownLeft } = own === null ? this.#all : filled(own, this.#perSecond, now);
    const all = filled(this.#all, this.#perSecond * ALL, now);
    if (ownLeft < 1 || all.left < 1) {
      const seconds = [(1 - ownLeft) / this.#perSecond, (1 - all.left) / (this.#perSecond * ALL)];
      throw new TooManyUnknownTokens(Math.max(...seconds) * 1000);
    }
    if (own !== null) own.left -= 1;
    all.left -= 1;
    return () => {
      if (own !== null) own.left += 1;
      all.left += 1;
    };
  }

  #of(address: string): Budget {
    let budget = this.#byAddress.get(address);
    if (budget === undefined) {
      budget = { left: this.#perSecond * BURST_SECONDS, at: Number.NEGATIVE_INFINITY };
      this.#byAddress.set(address, budget);
    }
    return budget;
  }
}

/** The budget as it is by now. A clock that was set back gives nothing. */
function filled(budget: Budget, perSecond: number, now: number): Budget {
  const most = perSecond * BURST_SECONDS;
  const back = Math.max(((now - budget.at) / 1000) * perSecond, 0);
  budget.left = Math.min(budget.left + back, most);
  budget.at = now;
  return budget;
}
