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

/** A set of small numbers as bits. */
export class IdSet {
  readonly #bits: Uint32Array;

  constructor(ids: readonly number[]) {
    const highest = ids.reduce((most, id) => Math.max(most, id), -1);
    this.#bits = new Uint32Array((highest >> 5) + 1);
    for (const id of ids) this.#bits[id >> 5] = (this.#bits[id >> 5] as number) | (1 << (id & 31));
  }

  has(id: number): boolean {
    const word = id >> 5;
    return id >= 0 && word < this.#bits.length && (((this.#bits[word] as number) >>> (id & 31)) & 1) === 1;
  }
}
