import type { JsonValue } from '../json/values.ts';
import { textOf } from '../json/text.ts';

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

  /** Puts a value in and forgets the texts of the one before. */
  fill(value: JsonValue | undefined): void {
    this.value = value;
    this.#text = undefined;
    this.#lower = undefined;
    this.#asciiLower = undefined;
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

  /** Text with only `A`–`Z` lowered, for substrings (E100). */
  asciiLower(): string {
    return (this.#asciiLower ??= asciiLowerCase(this.text()));
  }
}

const UPPER = /[A-Z]/;
const NOT_ASCII = /[\u0080-\uffff]/;

/** Lowers `A`–`Z` and nothing else (E100). */
export function asciiLowerCase(text: string): string {
  if (!UPPER.test(text)) return text;
  if (!NOT_ASCII.test(text)) return text.toLowerCase();
  return text.replace(/[A-Z]+/g, (run) => run.toLowerCase());
}
