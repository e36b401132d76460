import type { TrafficCount } from '@halyard/manage';
import type { Counted } from '../../observe/traffic-counter.ts';

/** So many rows wait at most while they cannot be written; those that are there go on counting. */
const MOST_ROWS = 100_000;
/** What a value may take in its table. */
const LONGEST_VALUE = 400;
const HOUR_MS = 3_600_000;

/** Counts that wait to be written, by project, flag, hour and value. */
export class PendingCounts {
  readonly #teams = new Map<number, Map<string, TrafficCount>>();
  #rows = 0;

  /** Projects with something to write. */
  get teams(): readonly number[] {
    return [...this.#teams.keys()];
  }

  /**
   * Adds counts to an hour.
   *
   * @param now milliseconds since the epoch
   * @returns how many counts were lost since too much waits
   */
  add(counted: readonly Counted[], now: number): number {
    const hour = new Date(now - (now % HOUR_MS)).toISOString();
    let lost = 0;
    for (const { teamId, flagId, value, count } of counted) {
      const short = value.slice(0, LONGEST_VALUE);
      if (!this.#addRow(teamId, { flagId, hour, value: short, count })) lost += count;
    }
    return lost;
  }

  /** What waits of a project, which does not wait any more. */
  take(teamId: number): readonly TrafficCount[] {
    const rows = this.#teams.get(teamId);
    if (rows === undefined) return [];
    this.#teams.delete(teamId);
    this.#rows -= rows.size;
    return [...rows.values()];
  }

  /** Counts that could not be written wait again, beside what came meanwhile. */
  putBack(teamId: number, rows: readonly TrafficCount[]): void {
    for (const row of rows) this.#addRow(teamId, row);
  }

  #addRow(teamId: number, row: TrafficCount): boolean {
    const rows = this.#teams.get(teamId) ?? new Map<string, TrafficCount>();
    const name = `${row.flagId} ${row.hour} ${row.value}`;
    const before = rows.get(name);
    if (before === undefined) {
      if (this.#rows >= MOST_ROWS) return false;
      this.#rows += 1;
      this.#teams.set(teamId, rows);
    }
    rows.set(name, { ...row, count: row.count + (before?.count ?? 0) });
    return true;
  }
}
