import type { FlagCall } from '@halyard/people';
import { LRUCache } from 'lru-cache';
import { type FlagCallCount, flagCallDay, type PeopleStore } from 'halyard/host';

/** How often counts are written (I113). */
const EVERY_MS = 5_000;

/** Rows that wait at most; what is more is lost, and said. */
const MOST_ROWS = 100_000;

/** For how long, and of how many calls, a repeat is recognised (I152). */
const REPEAT_MS = 5 * 60_000;
const MOST_REPEATS = 100_000;

/** What is asked of a project's flags: the values of one beside true and false; undefined: there is no such flag. */
export type VariantsOf = (flagKey: string) => readonly string[] | undefined;

export interface FlagCallCounterOptions {
  readonly store: Pick<PeopleStore, 'addFlagCalls'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Calls of flags or values that a project does not have (I111). */
  readonly onUnknown: (calls: number) => void;
  readonly onError: (error: unknown) => void;
}

/** Gathers calls of flags in memory and writes them from time to time (I110–I113). */
export class FlagCallCounter {
  readonly #options: FlagCallCounterOptions;
  readonly #rows = new Map<string, Writable<FlagCallCount>>();
  /** There from the first call on: it takes its memory at once. */
  #seen: LRUCache<string, true> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #lost = 0;

  constructor(options: FlagCallCounterOptions) {
    this.#options = options;
  }

  /**
   * Counts calls of a project's flags.
   *
   * @returns how many were counted
   */
  add(teamId: number, calls: readonly FlagCall[], variantsOf: VariantsOf): number {
    let counted = 0;
    let unknown = 0;
    const now = this.#options.clock();
    for (const { uuid, time, flagKey, value, isError } of calls) {
      if (uuid !== null && this.#isRepeat(`${teamId} ${uuid}`)) continue;
      if (!isKnown(value, variantsOf(flagKey))) unknown += 1;
      else {
        this.#addRow({
          teamId,
          day: flagCallDay(time, now),
          flagKey,
          value,
          calls: 1,
          errors: isError ? 1 : 0,
          lastCalledAt: Math.min(time, now),
        });
        counted += 1;
      }
    }
    if (unknown > 0) this.#options.onUnknown(unknown);
    if (counted > 0) this.#timer ??= setInterval(() => void this.flush(), EVERY_MS).unref();
    return counted;
  }

  /** Writes what was counted. Never rejects; what could not be written waits for the next time. */
  flush(): Promise<void> {
    return (this.#writing ??= this.#write().finally(() => void (this.#writing = undefined)));
  }

  /** Writes once more, and ends. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
    await this.flush();
  }

  async #write(): Promise<void> {
    if (this.#rows.size === 0) return;
    const rows = [...this.#rows.values()];
    this.#rows.clear();
    try {
      await this.#options.store.addFlagCalls(rows);
    } catch (error) {
      for (const row of rows) this.#addRow(row);
      this.#options.onError(error);
    }
    if (this.#lost > 0) {
      this.#options.onError(new Error(`${this.#lost} calls of flags are not counted: too many wait for the database`));
      this.#lost = 0;
    }
  }

  #isRepeat(name: string): boolean {
    this.#seen ??= new LRUCache({ max: MOST_REPEATS, ttl: REPEAT_MS });
    if (this.#seen.has(name)) return true;
    this.#seen.set(name, true);
    return false;
  }

  #addRow(row: FlagCallCount): void {
    const name = JSON.stringify([row.teamId, row.day, row.flagKey, row.value]);
    const before = this.#rows.get(name);
    if (before !== undefined) {
      before.calls += row.calls;
      before.errors += row.errors;
      before.lastCalledAt = Math.max(before.lastCalledAt, row.lastCalledAt);
    } else if (this.#rows.size < MOST_ROWS) this.#rows.set(name, { ...row });
    else this.#lost += row.calls;
  }
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** I111. */
function isKnown(value: string, variants: readonly string[] | undefined): boolean {
  if (variants === undefined) return false;
  return value === 'true' || value === 'false' || value === '(none)' || variants.includes(value);
}
