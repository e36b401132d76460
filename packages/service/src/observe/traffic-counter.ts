import type { FlagResult } from 'halyard/host';

/** How often a flag had a value. */
export interface Counted {
  readonly teamId: number;
  readonly flagId: number;
  /** `true`, `false` or a variant. */
  readonly value: string;
  readonly count: number;
}

/** What of a project's compiled definitions is counted: results by their numbers, which are dense. */
class ProgramCounts {
  readonly teamId: number;
  counts = new Uint32Array(64);
  /** Those that came at least once. */
  readonly seen: FlagResult[] = [];

  constructor(teamId: number) {
    this.teamId = teamId;
  }

  /** In every request, for every flag: nothing is read twice. */
  add(results: readonly FlagResult[]): void {
    const { seen } = this;
    let { counts } = this;
    for (const result of results) {
      const { id } = result;
      if (id >= counts.length) counts = this.#grow(id);
      const before = counts[id] as number; // within the array
      if (before === 0) seen.push(result);
      counts[id] = before + 1;
    }
  }

  #grow(id: number): Uint32Array<ArrayBuffer> {
    const larger = new Uint32Array(Math.max(id + 1, this.counts.length * 2));
    larger.set(this.counts);
    return (this.counts = larger);
  }
}

/**
 * Counts values per flag (M194) at the price of one addition per flag: results are shared objects with dense numbers, so nothing is looked up
 * by name before somebody takes the counts.
 */
export class TrafficCounter {
  readonly #programs = new Map<object, ProgramCounts>();
  #lastProgram: object | undefined;
  #last: ProgramCounts | undefined;

  /** @param program identity of the compiled definitions that the results are of */
  count(teamId: number, program: object, results: readonly FlagResult[]): void {
    const counts = program === this.#lastProgram && this.#last !== undefined ? this.#last : this.#of(teamId, program);
    counts.add(results);
  }

  /** What was counted since the last time. */
  take(): readonly Counted[] {
    const taken = [...this.#programs.values()].flatMap(({ teamId, counts, seen }) =>
      seen.map(
        ({ id, flag, value }): Counted => ({ teamId, flagId: flag.id, value: String(value), count: counts[id] ?? 0 }),
      ),
    );
    // Nothing keeps definitions alive that are not in use any more.
    this.#programs.clear();
    this.#lastProgram = undefined;
    this.#last = undefined;
    return taken;
  }

  #of(teamId: number, program: object): ProgramCounts {
    let counts = this.#programs.get(program);
    if (counts === undefined) this.#programs.set(program, (counts = new ProgramCounts(teamId)));
    this.#lastProgram = program;
    this.#last = counts;
    return counts;
  }
}
