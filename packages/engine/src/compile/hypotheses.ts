import type { FlagResult } from '../result.ts';

/** Answers a flag would have given had a failed target satisfied the filter on it (E143). */
export class Hypotheses {
  readonly #answers: { target: number; result: FlagResult | null }[] = [];

  /** `result` is the match, or `null` for the hypothetical answer "no match". */
  add(target: number, result: FlagResult | null): void {
    this.#answers.push({ target, result });
  }

  /** Position of the failed target whose hypothetical answer differs from the real one; -1 when none does. */
  contradictedBy(real: FlagResult): number {
    const differing = this.#answers.find(({ result }) =>
      result === null ? real.enabled : result.value !== real.value,
    );
    return differing?.target ?? -1;
  }
}
