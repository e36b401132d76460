const NO_BYTES: readonly number[] = [];

/** Zero words before the text, so that it can be read as if it began up to a block later. */
export const LEAD = 16;
const ROOM = LEAD * 3;
/** Buffers above this many words are not kept for the next text. */
const LONG = 1024;

/** A text as UTF-8 in big-endian 32-bit words, ready to be joined with others before hashing. */
export class PackedText {
  /** `LEAD` zero words, the text's words, and zeros for at least a block more. */
  words: Int32Array = new Int32Array(ROOM);
  /** Length in bytes. */
  length = 0;
  #used = LEAD;

  /** Forgets the text, and the room that only a long one needs. */
  wipe(): void {
    if (this.words.length > LONG) this.words = new Int32Array(ROOM);
    else for (let i = LEAD; i < this.#used; i++) this.words[i] = 0;
    this.length = 0;
    this.#used = LEAD;
  }

  /**
   * Packs `text` and the bytes of `tail`, leaving `shift` (0 to 3) zero bytes before them. Only into a text that is new or wiped.
   */
  pack(text: string, shift = 0, tail: readonly number[] = NO_BYTES): this {
    const most = LEAD * 4 + shift + text.length * 3 + tail.length;
    if (this.words.length * 4 < most + LEAD * 4) this.words = new Int32Array((most >> 2) + LEAD + 1);
    const { words } = this;
    const start = LEAD * 4 + shift;
    let at = start;
    let word = 0; // the bytes of the word that `at` is in; those of words before it are shifted out
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit < 0x80) {
        word = (word << 8) | unit;
        if ((++at & 3) === 0) words[(at >> 2) - 1] = word;
      } else {
        const point = codePointAt(text, i);
        if (point > 0xffff) i++;
        const bytes = bytesOf(point);
        for (let bits = point < 0x800 ? 8 : point < 0x10000 ? 16 : 24; bits >= 0; bits -= 8) {
          word = (word << 8) | ((bytes >>> bits) & 0xff);
          if ((++at & 3) === 0) words[(at >> 2) - 1] = word;
        }
      }
    }
    for (let i = 0; i < tail.length; i++) {
      word = (word << 8) | (tail[i] as number);
      if ((++at & 3) === 0) words[(at >> 2) - 1] = word;
    }
    if ((at & 3) !== 0) words[at >> 2] = word << ((4 - (at & 3)) << 3);
    this.length = at - start;
    this.#used = (at + 3) >> 2;
    return this;
  }
}

/** Code point at `i`; a lone surrogate reads as U+FFFD, as every UTF-8 encoder writes it. */
function codePointAt(text: string, i: number): number {
  const point = text.codePointAt(i) as number;
  return point >= 0xd800 && point <= 0xdfff ? 0xfffd : point;
}

/** The two to four bytes of a code point outside ASCII, the last one lowest. */
function bytesOf(point: number): number {
  const last = 0x80 | (point & 63);
  if (point < 0x800) return ((0xc0 | (point >> 6)) << 8) | last;
  const beforeLast = (0x80 | ((point >> 6) & 63)) << 8;
  if (point < 0x10000) return ((0xe0 | (point >> 12)) << 16) | beforeLast | last;
  return ((0xf0 | (point >> 18)) << 24) | ((0x80 | ((point >> 12) & 63)) << 16) | beforeLast | last;
}
