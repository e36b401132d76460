import { PackedText } from './packed-text.ts';

/** The salts of E16, each with the terminating bit of SHA-1 behind it so that packing adds it for free. */
export const ROLLOUT = 0;
export const VARIANT = 1;
export type Purpose = typeof ROLLOUT | typeof VARIANT;

const TAILS = ['\u0001', 'variant\u0001'] as const;

/**
 * The string that is hashed for a person or group. It meets prefixes of any length, so it is packed once for each of the four byte
 * alignments and each salt, when first needed, and kept for the other flags of the request.
 */
export class Subject {
  text = '';
  readonly #packed: PackedText[] = Array.from({ length: 8 }, () => new PackedText());
  #ready = 0;

  /** Starts over with another text. */
  set(text: string): this {
    this.text = text;
    this.#ready = 0;
    return this;
  }

  /** Subject, salt and terminator, shifted by `alignment` bytes (0 to 3). */
  packed(alignment: number, purpose: Purpose): PackedText {
    const index = alignment | (purpose << 2);
    const packed = this.#packed[index] as PackedText;
    if ((this.#ready & (1 << index)) === 0) {
      packed.pack(this.text + TAILS[purpose], alignment);
      // The terminator is the byte 0x80, which no UTF-8 text can end in alone: packed as 0x01, moved here.
      const last = alignment + packed.length - 1;
      const word = last >> 2;
      packed.words[word] = (packed.words[word] as number) ^ (0x81 << (24 - ((last & 3) << 3)));
      this.#ready |= 1 << index;
    }
    return packed;
  }
}
