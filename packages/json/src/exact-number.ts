/**
 * A JSON number whose text a plain double would change (E95): `1.0`, `1e3`, or an integer beyond 2^53.
 * Every other JSON number is a plain JavaScript number.
 */
export class ExactNumber {
  /** The number's text as the reference prints it, not necessarily as it was written. */
  readonly text: string;
  /** Nearest binary64, for comparisons (E107). */
  readonly value: number;

  constructor(text: string, value: number) {
    this.text = text;
    this.value = value;
  }

  /** `JSON.stringify` cannot keep the text; use `jsonText` where it matters. */
  toJSON(): number {
    return this.value;
  }
}
