import { type JsonValue, textOf } from '@halyard/json';
import type { Lexicon } from './lexicon.ts';

/**
 * One property value of one request, with the texts that operators compare.
 * Each text is made at most once however many filters look at it.
 */
export class Cell {
  /** The value; `undefined` when the property is not set. A `null` value is set (E90). */
  value: JsonValue | undefined = undefined;
  #text: string | undefined = undefined;
  #lower: string | undefined = undefined;
  #asciiLower: string | undefined = undefined;
  #lowerId: number | undefined = undefined;
  readonly #lexicon: Lexicon | null;

  /** `lexicon`: the texts that filters compare this property's value with, where they are numbered. */
  constructor(lexicon: Lexicon | null = null) {
    this.#lexicon = lexicon;
  }

  /** Puts a value in and forgets the texts of the one before. */
  fill(value: JsonValue | undefined): void {
    this.value = value;
    this.#text = undefined;
    this.#lower = undefined;
    this.#asciiLower = undefined;
    this.#lowerId = undefined;
  }

  /** The value's text (E95). Only for a set property. */
  text(): string {
    const value = this.value;
    if (typeof value === 'string') return value;
    return (this.#text ??= textOf(value as JsonValue));
  }

  /** Text in full Unicode lower case, for equality (E99). */
  lower(): string {
    return (this.#lower ??= this.text().toLowerCase());
  }

  /** Number of the lower-case text in the lexicon, -1 when no filter names it. */
  lowerId(): number {
    return (this.#lowerId ??= this.#lexicon?.find(this.lower()) ?? -1);
  }

  /** Text with only `A`–`Z` lowered, for substrings (E100). */
  asciiLower(): string {
    return (this.#asciiLower ??= asciiLowerCase(this.text()));
  }
}

const NOT_ASCII = /[\u0080-\uffff]/;

/** Lowers `A`–`Z` and nothing else (E100). */
export function asciiLowerCase(text: string): string {
  const lower = text.toLowerCase();
  if (lower === text) return text; // the common case, and the engine notices it without a copy
  if (!NOT_ASCII.test(text)) return lower;
  return text.replace(/[A-Z]+/g, (run) => run.toLowerCase());
}
