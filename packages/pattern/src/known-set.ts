import type { CharSet } from './char-set.ts';
import { type Membership, membership } from './membership.ts';

const NO = 1;
const YES = 2;

/** A set of characters that remembers what it has found out about ASCII ones. */
export class KnownSet {
  readonly #has: Membership;
  readonly #ascii = new Uint8Array(0x80);

  constructor(set: CharSet) {
    this.#has = membership(set);
  }

  has(codePoint: number): boolean {
    if (codePoint >= 0x80) return this.#has(codePoint);
    const known = this.#ascii[codePoint];
    if (known !== 0) return known === YES;
    const is = this.#has(codePoint);
    this.#ascii[codePoint] = is ? YES : NO;
    return is;
  }
}
