/**
 * Numbers the texts that filters compare one property with. A request looks its value up once; each filter then compares or tests
 * a number, which costs far less than a look-up in a set of its own (docs/decisions/interned-texts.md).
 */
export class Lexicon {
  readonly #ids = new Map<string, number>();

  /** The number of a text, given at compile time: dense, from 0. */
  add(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.#ids.size;
    this.#ids.set(text, id);
    return id;
  }

  /** The number of a text that some filter names; -1 for every other text. */
  find(text: string): number {
    return this.#ids.get(text) ?? -1;
  }
}

const NO_WORDS = new Int32Array(0);

/** A set of small numbers as bits: those below 64 in the object itself, where a test finds them without going further. */
export class IdSet {
  readonly #first: number;
  readonly #second: number;
  readonly #rest: Int32Array;

  constructor(ids: readonly number[]) {
    const highest = ids.reduce((most, id) => Math.max(most, id), -1);
    const words = new Int32Array(Math.max(2, (highest >> 5) + 1));
    for (const id of ids) words[id >> 5] = (words[id >> 5] as number) | (1 << (id & 31));
    this.#first = words[0] as number;
    this.#second = words[1] as number;
    this.#rest = words.length > 2 ? words.slice(2) : NO_WORDS;
  }

  has(id: number): boolean {
    if (id < 0) return false;
    const word = id < 32 ? this.#first : id < 64 ? this.#second : (this.#rest[(id >> 5) - 2] ?? 0);
    return ((word >>> (id & 31)) & 1) === 1;
  }
}
