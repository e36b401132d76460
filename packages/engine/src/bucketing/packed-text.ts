/** A text as UTF-8 in big-endian 32-bit words, ready to be joined with others before hashing. */
export class PackedText {
  /** Words from the text's first byte; bits past the last byte are 0. */
  words: Int32Array = new Int32Array(32);
  /** Length in bytes. */
  length = 0;

  /** Packs `text`, leaving `shift` (0 to 3) zero bytes before it. The words of the text before are forgotten. */
  pack(text: string, shift = 0): this {
    const most = shift + text.length * 3;
    if (this.words.length * 4 < most) this.words = new Int32Array((most >> 2) + 8);
    else this.words.fill(0, 0, ((this.length + 3) >> 2) + 2);
    const words = this.words;
    let at = shift;
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
    this.length = at - shift;
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
