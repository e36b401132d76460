import { isList, type JsonObject, type JsonValue, member } from '@halyard/json';
import { isDatabaseText, isInteger32 } from '../stored-text.ts';

/**
 * Reads the columns of one row of a document and collects what is wrong with it: a value that a column cannot hold is
 * never stored as another one. Absent and `null` are the column's default.
 */
export class ColumnReader {
  /** Each as the end of a sentence about the row, such as `its name is not a text`. */
  readonly problems: string[] = [];
  readonly #row: JsonObject;

  constructor(row: JsonObject) {
    this.#row = row;
  }

  boolean(key: string): boolean {
    return this.#read(key, false, 'true or false', (value) => typeof value === 'boolean');
  }

  /** A whole number of 32 bits. */
  integer(key: string): number | null {
    return this.#read<number | null>(
      key,
      null,
      'a whole number of 32 bits',
      (value) => typeof value === 'number' && isInteger32(value),
    );
  }

  /** Any whole number. */
  id(key: string): number | null {
    return this.#read<number | null>(key, null, 'a whole number', (value) => Number.isInteger(value));
  }

  /** @param longest characters; default: any number */
  text(key: string, longest = Number.POSITIVE_INFINITY): string | null {
    const value = this.#read<string | null>(key, null, 'a text', (found) => typeof found === 'string');
    if (value !== null) this.#checkText(key, value, longest);
    return value;
  }

  /** A time in a form that JavaScript reads, as ISO text. */
  time(key: string): string | null {
    const value = this.#read<string | null>(
      key,
      null,
      'a time',
      (found) => typeof found === 'string' && !Number.isNaN(Date.parse(found)),
    );
    return value === null ? null : new Date(value).toISOString();
  }

  /** A list of different names, none of them empty. */
  names(key: string, longest: number): string[] {
    const value = this.#read<readonly string[]>(
      key,
      [],
      'a list of names',
      (found) => isList(found) && found.every((name) => typeof name === 'string' && name !== ''),
    );
    for (const name of value) this.#checkText(key, name, longest);
    return [...new Set(value)];
  }

  #read<Value>(key: string, absent: Value, wanted: string, fits: (value: JsonValue) => boolean): Value {
    const value = member(this.#row, key) ?? null;
    if (value === null) return absent;
    if (fits(value)) return value as Value;
    this.problems.push(`its ${key} is not ${wanted}`);
    return absent;
  }

  #checkText(key: string, value: string, longest: number): void {
    if (!isDatabaseText(value)) this.problems.push(`its ${key} holds characters that cannot be stored`);
    else if (value.length > longest) this.problems.push(`its ${key} is longer than ${longest} characters`);
  }
}
