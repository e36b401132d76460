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

/** So many projects' definitions are kept alive for their counts: those that were asked for last. */
const MOST_PROGRAMS = 2;

/** Values counted of others until they are taken; where projects come and go by the hundred, what is more is lost instead of memory. */
const MOST_COUNTED = 10_000;

/**
 * Counts values per flag (M194) at the price of one addition per flag: results are shared objects with dense numbers, so nothing is looked up
 * by name before somebody takes the counts.
 */
export class TrafficCounter {
  readonly #programs = new Map<object, ProgramCounts>();
  #ofOthers: Counted[] = [];
  #lost = 0;
  #lastProgram: object | undefined;
  #last: ProgramCounts | undefined;

  /** @param program identity of the compiled definitions that the results are of */
  count(teamId: number, program: object, results: readonly FlagResult[]): void {
    const counts = program === this.#lastProgram && this.#last !== undefined ? this.#last : this.#of(teamId, program);
    counts.add(results);
  }

  /** What was counted since the last time. */
  take(): readonly Counted[] {
    const taken = [...this.#ofOthers, ...[...this.#programs.values()].flatMap(countedOf)];
    this.#ofOthers = [];
    // Nothing keeps definitions alive that are not in use any more.
    this.#programs.clear();
    this.#lastProgram = undefined;
    this.#last = undefined;
    return taken;
  }

  /** How many calls there was no memory for since the last time. */
  takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  #of(teamId: number, program: object): ProgramCounts {
    const counts = this.#programs.get(program) ?? new ProgramCounts(teamId);
    // The one that was asked for last is the last.
    this.#programs.delete(program);
    this.#programs.set(program, counts);
    if (this.#programs.size > MOST_PROGRAMS) this.#letGo();
    this.#lastProgram = program;
    this.#last = counts;
    return counts;
  }

  /** Keeps what was counted of the definitions that nobody has asked for longest, and not them. */
  #letGo(): void {
    for (const [program, counts] of this.#programs) {
      this.#programs.delete(program);
      const counted = countedOf(counts);
      if (this.#ofOthers.length + counted.length <= MOST_COUNTED) for (const each of counted) this.#ofOthers.push(each);
      else for (const { count } of counted) this.#lost += count;
      return;
    }
  }
}

function countedOf({ teamId, counts, seen }: ProgramCounts): Counted[] {
  return seen.map(
    ({ id, flag, value }): Counted => ({ teamId, flagId: flag.id, value: String(value), count: counts[id] ?? 0 }),
  );
}
