import { LRUCache } from 'lru-cache';

/** Longer than any SDK waits between two polls (H178: 60 s at most), with something for those that are late. */
const AFTER_MS = 90_000;

/** Projects that are remembered. */
const MOST_PROJECTS = 10_000;

/**
 * Projects whose definitions were refused because of their quota (H107), until every client that heard so has asked again. Some throw their
 * definitions away then, and keep their tag: told that nothing has changed, they would be left without until something does.
 */
export class RefusedLately {
  readonly #at = new LRUCache<number, number>({ max: MOST_PROJECTS });

  /** @param now in milliseconds, here and below on the same clock */
  note(teamId: number, now: number): void {
    this.#at.set(teamId, now);
  }

  has(teamId: number, now: number): boolean {
    // Hardly anybody has a quota, and everybody asks this.
    if (this.#at.size === 0) return false;
    const at = this.#at.get(teamId);
    if (at === undefined) return false;
    // A clock that was set back proves nothing.
    if (now >= at && now - at < AFTER_MS) return true;
    this.#at.delete(teamId);
    return false;
  }
}
