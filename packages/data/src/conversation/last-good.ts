import type { Row } from '../statements/statement.ts';

/** Parts that are remembered, and the characters of all of them. */
const mostRemembered = 10_000;
const mostCharacters = 8_000_000;

/** What was read last of the parts of a project that may fail by themselves: better than nothing while they do (D43). */
export class LastGood {
  readonly #rows = new Map<string, Row>();
  #characters = 0;

  get(part: string): Row | undefined {
    return this.#rows.get(part);
  }

  put(part: string, row: Row): void {
    this.#drop(part);
    const characters = charactersOf(row);
    // One that alone is too large would push out all the others.
    if (characters > mostCharacters / 2) return;
    this.#rows.set(part, row);
    this.#characters += characters;
    for (const oldest of this.#rows.keys()) {
      if (this.#rows.size <= mostRemembered && this.#characters <= mostCharacters) return;
      this.#drop(oldest);
    }
  }

  #drop(part: string): void {
    const row = this.#rows.get(part);
    if (row === undefined) return;
    this.#rows.delete(part);
    this.#characters -= charactersOf(row);
  }
}

function charactersOf(row: Row): number {
  return Object.values(row).reduce((sum, text) => sum + (text?.length ?? 0), 0);
}
