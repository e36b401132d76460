import { sipHash128 } from './siphash.ts';

/** What an id without cookies is made of (H140). */
export interface DigestParts {
  readonly teamId: number;
  readonly address: string;
  /** As `rootDomain` gives it. */
  readonly domain: string;
  readonly userAgent: string;
  /** How often whoever has the digest of 0 has signed in on that day. */
  readonly signIns: number;
  /** Counts up to its hundredth character. */
  readonly extra: string;
}

const MOST_EXTRA = 100;

/**
 * The digest as ids and Redis keys have it: base64 without padding.
 *
 * @param salt 16 bytes
 */
export function cookielessDigest(salt: Buffer, parts: DigestParts): string {
  const { teamId, address, domain, userAgent, signIns, extra } = parts;
  // Characters as the reference counts them: code points.
  const cut = Array.from(extra.slice(0, 2 * MOST_EXTRA))
    .slice(0, MOST_EXTRA)
    .join('');
  const digest = sipHash128(salt, [teamId, address, domain, userAgent, signIns, cut].join('-'));
  // The ingestion writes the four words of the digest last first, each in its own order of bytes.
  const words = [12, 8, 4, 0].map((at) => digest.subarray(at, at + 4));
  return Buffer.concat(words).toString('base64').replace(/=+$/, '');
}
