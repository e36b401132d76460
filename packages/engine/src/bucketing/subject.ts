import { PackedText } from './packed-text.ts';

/** What a subject is hashed for (E16). */
export const ROLLOUT = 0;
export const VARIANT = 1;
export type Purpose = typeof ROLLOUT | typeof VARIANT;

/** What follows the subject: the purpose's salt, then the terminating bit of SHA-1. */
const TAILS = [[0x80], [0x76, 0x61, 0x72, 0x69, 0x61, 0x6e, 0x74, 0x80]] as const;

/**
 * The string that is hashed for a person or group. It meets prefixes of any length, so it is packed once for each of the four byte
 * alignments and each salt, when first needed, and kept for the other flags of the request.
 */
export class Subject {
  text = '';
  /** The prefix for which the rollout was drawn last, and its point: the conditions of a flag share one hash. */
  drawnFor: PackedText | null = null;
  point = 0;
  readonly #packed: readonly PackedText[] = Array.from({ length: 8 }, () => new PackedText());
  #ready = 0;

  /** Starts over with another text. */
  set(text: string): this {
    if (this.#ready !== 0) {
      if (text === this.text) return this;
      this.wipe();
    }
    this.text = text;
    return this;
  }

  /** Starts over with no text, and leaves nothing of the one before in the buffers. */
  wipe(): void {
    for (let index = 0, ready = this.#ready; ready !== 0; index++, ready >>= 1) {
      if ((ready & 1) !== 0) (this.#packed[index] as PackedText).wipe();
    }
    this.text = '';
    this.drawnFor = null;
    this.#ready = 0;
  }

  /** Subject, salt and terminator, shifted by `alignment` bytes (0 to 3). */
  packed(alignment: number, purpose: Purpose): PackedText {
    const index = alignment | (purpose << 2);
    const packed = this.#packed[index] as PackedText;
    if ((this.#ready & (1 << index)) === 0) {
      packed.pack(this.text, alignment, TAILS[purpose]);
      this.#ready |= 1 << index;
    }
    return packed;
  }
}
