import { LEAD, PackedText } from './packed-text.ts';
import { compressSha1, resetSha1 } from './sha1-block.ts';
import { type Purpose, ROLLOUT, Subject } from './subject.ts';

const BLOCK = 16;
const state = new Int32Array(5);
const NOTHING = new Int32Array(BLOCK);
/** Room for a message of several blocks: all zero between two hashes, and kept for the next unless it is larger than this. */
const LONG = 1024;
let message = new Int32Array(4 * BLOCK);

/** What comes before the subject (a flag key and a dot, or `holdout-`), packed once. */
export function packPrefix(prefix: string): PackedText {
  return new PackedText().pack(prefix);
}

/**
 * The hash of E15 over prefix, subject and salt: the first 60 bits of the SHA-1, as a share of 2^60, in [0, 1].
 * There is no rule for the empty subject here; see `bucket`.
 */
export function hashPacked(prefix: PackedText, subject: Subject, purpose: Purpose): number {
  const tail = subject.packed(prefix.length & 3, purpose);
  const bytes = prefix.length + tail.length; // with the terminating byte
  resetSha1(state);
  if (bytes <= 56) {
    // One block: the subject's words are read from where its zero lead makes it begin behind the prefix.
    compressSha1(state, prefix.words, LEAD, tail.words, LEAD - (prefix.length >> 2), (bytes - 1) << 3);
  } else {
    compressLong(prefix, tail, bytes);
  }
  return (((state[0] as number) >>> 0) * 0x10000000 + ((state[1] as number) >>> 4)) / 0x1000000000000000;
}

/** A message of several blocks. Its length in bits fits 32 bits: longer texts than 512 MiB cannot exist. */
function compressLong(prefix: PackedText, tail: PackedText, bytes: number): void {
  const size = ((bytes + 8 + 63) >> 6) * BLOCK;
  if (message.length < size) message = new Int32Array(size);
  const start = prefix.length >> 2;
  const end = (bytes + 3) >> 2;
  for (let i = 0; i < end; i++) {
    const front = i <= start ? (prefix.words[LEAD + i] as number) : 0;
    message[i] = i < start ? front : front | (tail.words[LEAD + i - start] as number);
  }
  message[size - 1] = (bytes - 1) << 3;
  for (let at = 0; at < size; at += BLOCK) compressSha1(state, message, at, NOTHING, 0, 0);
  if (size > LONG) message = new Int32Array(4 * BLOCK);
  else message.fill(0, 0, size);
}

/** The point of a subject for rollout or variant: the hash, except that an empty subject is at 0 (E19). */
export function bucket(prefix: PackedText, subject: Subject, purpose: Purpose): number {
  if (subject.text.length === 0) return 0;
  if (purpose !== ROLLOUT) return hashPacked(prefix, subject, purpose);
  if (subject.drawnFor !== prefix) {
    subject.point = hashPacked(prefix, subject, ROLLOUT);
    subject.drawnFor = prefix;
  }
  return subject.point;
}

/** E16, E17: whether a point is inside a rollout or holdout of `percentage` (0 to 100; others clamp by themselves). */
export function isInRollout(point: number, percentage: number): boolean {
  return percentage === 100 || point <= percentage / 100;
}

/** Running sums of `weight / 100` in stored order, in binary64 (E18). */
export function variantBoundaries(weights: readonly number[]): readonly number[] {
  let sum = 0;
  return weights.map((weight) => {
    sum += weight / 100;
    return sum;
  });
}

/** E18: index of the first variant whose boundary lies above the point, or -1 when none does. */
export function pickVariant(point: number, boundaries: readonly number[]): number {
  for (let i = 0; i < boundaries.length; i++) {
    if (point < (boundaries[i] as number)) return i;
  }
  return -1;
}

/** The hash of E15 for three plain strings. For tools and tests; evaluation keeps its prefixes packed. */
export function bucketingHash(prefix: string, subject: string, salt: string): number {
  return hashPacked(packPrefix(prefix), new Subject().set(subject + salt), ROLLOUT);
}
