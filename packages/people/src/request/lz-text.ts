/*
 * What old browser SDKs send with `compression=lz64` (I21): LZ78 over UTF-16 code units with a growing dictionary, its
 * codes least significant bit first, packed into base64. Written here because the published decoder has no limit, and
 * this packing can hold a text of quadratic size.
 */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Codes with a meaning of their own; dictionary entries follow. */
const SHORT_UNIT = 0;
const LONG_UNIT = 1;
const END = 2;

/**
 * The text in an lz64 body, as UTF-8.
 *
 * @param packed base64
 * @param limit most UTF-16 code units of the text
 */
export function lzText(packed: string, limit: number): Uint8Array | 'too_large' | 'broken' {
  const readBits = bitReader(packed);
  const entries: string[] = ['', '', '']; // the three codes above
  let width = 2;
  /** How many entries may come before codes get a bit wider. */
  let room = 4;
  const unitOf = (code: number): string | undefined => {
    const unit = readBits(code === SHORT_UNIT ? 8 : 16);
    return unit === undefined ? undefined : String.fromCharCode(unit);
  };

  const first = readBits(2);
  if (first !== SHORT_UNIT && first !== LONG_UNIT) return 'broken';
  let previous = unitOf(first);
  if (previous === undefined) return 'broken';
  entries.push(previous);
  width = 3;
  const parts = [previous];
  let length = 1;
  for (;;) {
    let code = readBits(width);
    if (code === undefined) return 'broken';
    if (code === END) return Buffer.from(parts.join(''), 'utf8');
    if (code === SHORT_UNIT || code === LONG_UNIT) {
      const unit = unitOf(code);
      if (unit === undefined) return 'broken';
      code = entries.push(unit) - 1;
      room--;
    }
    if (room === 0) room = 2 ** width++;
    const entry: string | undefined = code === entries.length ? previous + previous.charAt(0) : entries[code];
    if (entry === undefined) return 'broken';
    length += entry.length;
    if (length > limit) return 'too_large';
    parts.push(entry);
    entries.push(previous + entry.charAt(0));
    previous = entry;
    room--;
    if (room === 0) room = 2 ** width++;
  }
}

/** Reads numbers of some bits, the least significant bit first; undefined past the end. */
function bitReader(packed: string): (bits: number) => number | undefined {
  let at = 0;
  let held = 0;
  let left = 0;
  return (bits) => {
    let value = 0;
    for (let i = 0; i < bits; i++) {
      if (left === 0) {
        held = ALPHABET.indexOf(packed.charAt(at++));
        if (held < 0 || at > packed.length) return undefined;
        left = 6;
      }
      left--;
      value += ((held >> left) & 1) * 2 ** i;
    }
    return value;
  };
}
