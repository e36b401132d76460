import { mergeStickyKeys, type StickyKeyRow } from '../sticky-keys.ts';

/** Until then either the replica has the keys, or its lag has been noticed. */
const rememberMs = 60_000;
const mostRemembered = 50_000;

interface Remembered {
  readonly rows: readonly StickyKeyRow[];
  readonly until: number;
}

/**
 * The sticky keys that this process has seen at the writer lately, for a reader that does not have them yet (D36): SDKs send
 * the anonymous id once, so the next request could not store or find the key, and the user would see the other variant.
 */
export class RecentStickyKeys {
  readonly #now: () => number;
  /** Oldest first. */
  readonly #byPerson = new Map<string, Remembered>();

  /** @param now in milliseconds, from any beginning */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** What the writer said of the person of this distinct id; rows of other persons are left out. */
  remember(teamId: number, distinctId: string, rows: readonly StickyKeyRow[]): void {
    const own = rows.filter((row) => row.own);
    if (own.length === 0) return;
    const person = nameOf(teamId, distinctId);
    this.#byPerson.delete(person);
    this.#byPerson.set(person, { rows: own, until: this.#now() + rememberMs });
    this.#forgetOldest();
  }

  /** The keys that the reader shows, completed. What it shows of the person itself wins: there the person may have changed since. */
  complete(teamId: number, distinctId: string, rows: readonly StickyKeyRow[]): ReadonlyMap<string, string> {
    const person = nameOf(teamId, distinctId);
    const remembered = this.#byPerson.get(person);
    if (remembered === undefined) return mergeStickyKeys(rows);
    const own = rows.filter((row) => row.own);
    const shown = new Set(own.map((row) => row.flagKey));
    const missing = remembered.rows.filter((row) => !shown.has(row.flagKey));
    if (missing.length === 0 || remembered.until <= this.#now()) {
      this.#byPerson.delete(person);
      return mergeStickyKeys(rows);
    }
    return mergeStickyKeys([...rows, ...missing]);
  }

  #forgetOldest(): void {
    const now = this.#now();
    for (const [person, { until }] of this.#byPerson) {
      if (until > now && this.#byPerson.size <= mostRemembered) return;
      this.#byPerson.delete(person);
    }
  }
}

function nameOf(teamId: number, distinctId: string): string {
  return `${teamId} ${distinctId}`;
}
