import type { Row } from '../statements/statement.ts';

/** Parts that are remembered. */
const mostRemembered = 10_000;

/** What was read last of the parts of a project that may fail by themselves: better than nothing while they do (D43). */
export class LastGood {
  readonly #rows = new Map<string, Row>();

  get(part: string): Row | undefined {
    return this.#rows.get(part);
  }

  put(part: string, row: Row): void {
    this.#rows.delete(part);
    this.#rows.set(part, row);
    if (this.#rows.size <= mostRemembered) return;
    for (const oldest of this.#rows.keys()) {
      this.#rows.delete(oldest);
      break;
    }
  }
}
