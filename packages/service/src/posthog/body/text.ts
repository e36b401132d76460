/** Bytes as text; every broken UTF-8 sequence becomes a replacement character (H33). */
export function utf8Text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

/** Percent-decodes once. What is no valid escape stays as it is, and broken UTF-8 is replaced (H34, H35). */
export function percentDecoded(text: string): string {
  if (!text.includes('%')) return text;
  const source = Buffer.from(text, 'utf8');
  const target = Buffer.allocUnsafe(source.length);
  let length = 0;
  for (let i = 0; i < source.length; i++) {
    const byte = source[i] as number; // i < length
    const escaped = byte === PERCENT ? hexPair(source, i + 1) : -1;
    target[length++] = escaped < 0 ? byte : escaped;
    if (escaped >= 0) i += 2;
  }
  return target.toString('utf8', 0, length);
}

/** Base64 as clients send it: blanks dropped, padding optional. What is not base64 gives some text, never an error. */
export function base64Text(text: string): string {
  return Buffer.from(text.replaceAll(/\s/g, ''), 'base64').toString('utf8');
}

const PERCENT = 0x25;

function hexPair(bytes: Buffer, at: number): number {
  const high = hexDigit(bytes[at]);
  const low = hexDigit(bytes[at + 1]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
