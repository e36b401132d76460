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
   * Packs `text` and the bytes of `tail`, leaving `shift` (0 to 3) zero bytes before them. The words of the text before are
   * forgotten.
   */
  pack(text: string, shift = 0, tail: readonly number[] = NO_BYTES): this {
    const most = LEAD * 4 + shift + text.length * 3 + tail.length;
    this.wipe();
    if (this.words.length * 4 < most + LEAD * 4) this.words = new Int32Array((most >> 2) + LEAD + 1);
    const words = this.words;
    const start = LEAD * 4 + shift;
    let at = start;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit < 0x80) {
        put(words, at++, unit);
      } else {
        const point = codePointAt(text, i);
        if (point > 0xffff) i++;
        at = putPoint(words, at, point);
      }
    }
    for (let i = 0; i < tail.length; i++) put(words, at++, tail[i] as number);
    this.length = at - start;
    this.#used = (at + 3) >> 2;
    return this;
  }
}

function put(words: Int32Array, at: number, byte: number): void {
  words[at >> 2] = (words[at >> 2] as number) | (byte << (24 - ((at & 3) << 3)));
}

/** Code point at `i`; a lone surrogate reads as U+FFFD, as every UTF-8 encoder writes it. */
function codePointAt(text: string, i: number): number {
  const point = text.codePointAt(i) as number;
  return point >= 0xd800 && point <= 0xdfff ? 0xfffd : point;
}

function putPoint(words: Int32Array, start: number, point: number): number {
  let at = start;
  if (point < 0x800) {
    put(words, at++, 0xc0 | (point >> 6));
  } else {
    if (point < 0x10000) {
      put(words, at++, 0xe0 | (point >> 12));
    } else {
      put(words, at++, 0xf0 | (point >> 18));
      put(words, at++, 0x80 | ((point >> 12) & 63));
    }
    put(words, at++, 0x80 | ((point >> 6) & 63));
  }
  put(words, at++, 0x80 | (point & 63));
  return at;
}
