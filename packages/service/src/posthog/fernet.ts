import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Where the parts of a Fernet token end: version, time, initialisation vector; and how long its signature is. */
const VERSION = 0x80;
const TIME_END = 9;
const IV_END = 25;
const SIGNATURE = 32;
const KEY = 32;
const FORM = /^[\w-]+={0,2}$/;
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Opens a token in the format that the Fernet specification publishes (version 0x80: AES-128-CBC, signed with HMAC-SHA256), whatever its
 * age. Keys are tried in their order (H189).
 *
 * @param keys of 32 bytes each, as `fernetKey` makes them
 * @returns the text, or null: the token is none, or no key fits
 */
export function openFernet(token: string, keys: readonly Uint8Array[]): string | null {
  if (!FORM.test(token)) return null;
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length < IV_END + SIGNATURE || bytes[0] !== VERSION) return null;
  for (const key of keys) {
    const text = openWith(key, bytes);
    if (text !== null) return text;
  }
  return null;
}

/** Keys from short texts begin with the same NUL bytes, so that a signature alone does not tell them apart. */
function openWith(key: Uint8Array, bytes: Buffer): string | null {
  const signed = bytes.subarray(0, -SIGNATURE);
  const expected = createHmac('sha256', key.subarray(0, KEY / 2))
    .update(signed)
    .digest();
  if (!timingSafeEqual(expected, bytes.subarray(-SIGNATURE))) return null;
  try {
    const decipher = createDecipheriv('aes-128-cbc', key.subarray(KEY / 2), signed.subarray(TIME_END, IV_END));
    return UTF8.decode(Buffer.concat([decipher.update(signed.subarray(IV_END)), decipher.final()]));
  } catch {
    return null;
  }
}

/**
 * Seals a text as such a token.
 *
 * @param now milliseconds since the epoch, which the token tells to whole seconds
 */
export function sealFernet(text: string, key: Uint8Array, now: number): string {
  const head = Buffer.alloc(TIME_END);
  head[0] = VERSION;
  head.writeBigUInt64BE(BigInt(Math.max(0, Math.floor(now / 1000))), 1);
  const iv = randomBytes(IV_END - TIME_END);
  const cipher = createCipheriv('aes-128-cbc', key.subarray(KEY / 2), iv);
  const signed = Buffer.concat([head, iv, cipher.update(text), cipher.final()]);
  const signature = createHmac('sha256', key.subarray(0, KEY / 2))
    .update(signed)
    .digest();
  // Python's form, whose padding stays.
  return Buffer.concat([signed, signature]).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

/** H189: 32 bytes of a configured text, cut at the end or filled with NUL at the front. */
export function fernetKey(configured: string): Uint8Array {
  const bytes = Buffer.from(configured).subarray(0, KEY);
  const key = new Uint8Array(KEY);
  key.set(bytes, KEY - bytes.length);
  return key;
}
