import { PatternProblem } from './pattern-problem.ts';

/** Flags of E106, switched inside the pattern. `u` is always on. */
export interface Flags {
  readonly caseless: boolean;
  readonly multiLine: boolean;
  readonly dotAll: boolean;
  readonly swapGreed: boolean;
  readonly extended: boolean;
}

/** A name or number between delimiters; `relative` is the signed number that may follow it. */
export interface Reference {
  readonly name: string;
  readonly relative: number | undefined;
}

/** Counts beyond 64 bits are no counts at all. */
const LARGEST_COUNT = 2 ** 64;
const NAME_CHARACTER = /^[\p{Alphabetic}\p{N}_]$/u;

/** The pattern text with a cursor, the flags in force, and the groups met so far. */
export class PatternReader {
  readonly text: string;
  at = 0;
  flags: Flags = { caseless: false, multiLine: false, dotAll: false, swapGreed: false, extended: false };
  groupCount = 0;
  /** A name that is used twice means its last group. */
  readonly names = new Map<string, number>();
  readonly referenced = new Set<number>();
  hasNumericReference = false;

  constructor(text: string) {
    this.text = text;
  }

  fail(problem: string, position = this.at): never {
    throw new PatternProblem(problem, position);
  }

  atEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** The UTF-16 unit at the cursor as a string, empty at the end. */
  peek(offset = 0): string {
    return this.text.charAt(this.at + offset);
  }

  take(expected: string): boolean {
    if (!this.text.startsWith(expected, this.at)) return false;
    this.at += expected.length;
    return true;
  }

  codePoint(): number {
    const codePoint = this.text.codePointAt(this.at);
    if (codePoint === undefined) this.fail('pattern ends too early');
    this.at += codePoint > 0xffff ? 2 : 1;
    return codePoint;
  }

  /** Skips `(?#…)` comments, and under the `x` flag white space and `#` comments too. */
  skipBlank(): void {
    for (;;) {
      const unit = this.peek();
      if (unit === '(' && this.text.startsWith('(?#', this.at)) this.skipComment();
      else if (!this.flags.extended || unit === '') return;
      else if (unit === '#') {
        const end = this.text.indexOf('\n', this.at);
        this.at = end < 0 ? this.text.length : end + 1;
      } else if (unit === ' ' || unit === '\t' || unit === '\r' || unit === '\n') this.at += 1;
      else return;
    }
  }

  private skipComment(): void {
    const start = this.at;
    this.at += 3;
    while (!this.take(')')) {
      if (this.atEnd()) this.fail('unclosed comment', start);
      this.at += this.peek() === '\\' ? 2 : 1;
    }
  }

  /** A run of ASCII digits, or undefined when there is none or it exceeds 64 bits. */
  decimal(): number | undefined {
    const start = this.at;
    while (/^[0-9]$/.test(this.peek())) this.at += 1;
    const value = Number(this.text.slice(start, this.at));
    if (this.at > start && value < LARGEST_COUNT) return value;
    this.at = start;
    return undefined;
  }

  /** Reads `open name close`, with `+n` or `-n` after the name where allowed; the cursor moves only on success. */
  reference(open: string, close: string, allowRelative: boolean): Reference | undefined {
    const start = this.at;
    if (this.take(open)) {
      const name = this.name();
      if (name !== '' && this.take(close)) return { name, relative: undefined };
      const sign = this.peek();
      if (allowRelative && (sign === '+' || sign === '-')) {
        this.at += 1;
        const amount = this.decimal();
        const useful = amount !== undefined && (amount > 0 || name !== '');
        if (useful && this.take(close)) return { name, relative: sign === '-' ? -amount : amount };
      }
    }
    this.at = start;
    return undefined;
  }

  private name(): string {
    const start = this.at;
    while (!this.atEnd()) {
      const before = this.at;
      if (NAME_CHARACTER.test(String.fromCodePoint(this.codePoint()))) continue;
      this.at = before;
      break;
    }
    return this.text.slice(start, this.at);
  }
}
