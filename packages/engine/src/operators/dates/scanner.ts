import { isWhiteSpace } from '../white-space.ts';

const PLUS = 43;
const MINUS = 45;
const ZERO = 48;

/**
 * Reads a text from left to right, one field after the other. Every step moves forward only, so reading costs no
 * more than the text is long. One scanner is opened again and again.
 */
export class Scanner {
  #text = '';
  /** Index of the next code unit. */
  at = 0;
  /** How many digits the last number had. */
  digits = 0;

  open(text: string): void {
    this.#text = text;
    this.at = 0;
  }

  /** Nothing is left. */
  get done(): boolean {
    return this.at === this.#text.length;
  }

  /** The next code unit, NaN at the end. */
  get next(): number {
    return this.#text.charCodeAt(this.at);
  }

  /** Skips one code unit if it is this one. */
  skip(unit: number): boolean {
    if (this.#text.charCodeAt(this.at) !== unit) return false;
    this.at++;
    return true;
  }

  /** Skips white space; whether there was any. */
  skipBlanks(): boolean {
    const start = this.at;
    while (isWhiteSpace(this.#text.charCodeAt(this.at))) this.at++;
    return this.at > start;
  }

  /** Skips everything up to white space. */
  skipWord(): void {
    while (!this.done && !isWhiteSpace(this.#text.charCodeAt(this.at))) this.at++;
  }

  /** The number of the next digits, at most so many of them; NaN if there is none. */
  number(most: number): number {
    let value = 0;
    let digits = 0;
    for (; digits < most; digits++, this.at++) {
      const digit = this.#text.charCodeAt(this.at) - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
    }
    this.digits = digits;
    return digits === 0 ? NaN : value;
  }

  /** The number of up to two digits after optional white space; NaN if there is none. */
  upToTwoDigits(): number {
    this.skipBlanks();
    return this.number(2);
  }

  /** A year after optional white space: up to four digits, or any number of them after a sign; NaN if there is none. */
  year(): number {
    this.skipBlanks();
    if (this.skip(MINUS)) return -this.number(Infinity);
    return this.number(this.skip(PLUS) ? Infinity : 4);
  }

  /** The number of exactly two digits; NaN if they are not there. */
  twoDigits(): number {
    const value = this.number(2);
    return this.digits === 2 ? value : NaN;
  }

  /** Nanoseconds of the digits of a fraction; those after the ninth do not count. NaN if there is none. */
  nanos(): number {
    let nanos = this.number(9);
    for (let missing = this.digits; missing < 9; missing++) nanos *= 10;
    if (this.digits === 9) this.number(Infinity);
    return nanos;
  }

  /** ASCII letters from here, in lower case. */
  letters(): string {
    const start = this.at;
    for (let unit = this.next; (unit | 32) >= 97 && (unit | 32) <= 122; unit = this.next) this.at++;
    return this.#text.slice(start, this.at).toLowerCase();
  }

  /** Skips a word, written in lower case here and in any case there. */
  skipText(word: string): boolean {
    const end = this.at + word.length;
    if (this.#text.slice(this.at, end).toLowerCase() !== word) return false;
    this.at = end;
    return true;
  }

  /** Which of these words, all of one length, comes next, skipping it; -1 for none. */
  oneOf(words: readonly string[], length: number): number {
    const found = words.indexOf(this.#text.slice(this.at, this.at + length).toLowerCase());
    if (found >= 0) this.at += length;
    return found;
  }
}
