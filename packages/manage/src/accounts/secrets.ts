import { createHash, randomBytes } from 'node:crypto';
import type { NewApiKeyRow } from '@halyard/data/management';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Letters and digits that nobody guesses: six bits each, nearly. */
export function randomText(length = 43): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      // The first 248 are four times the alphabet, so none is likelier than another.
      if (byte < 248 && text.length < length) text += LETTERS[byte % 62] ?? '';
    }
  }
  return text;
}

/** A new key: its text, which is shown this once, and what is stored (D17, M150). */
export function newSecret(prefix: 'phx_' | 'phs_'): {
  readonly value: string;
  readonly mask: string;
  readonly secureValue: string;
} {
  const value = prefix + randomText();
  return { value, mask: `${value.slice(0, 4)}...${value.slice(-4)}`, secureValue: `sha256$${digestOf(value)}` };
}

/** SHA-256 in lower-case hex: what is stored of texts that are random enough. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A row of a new key, and its text. */
export function newKeyRow(
  prefix: 'phx_' | 'phs_',
  label: string,
  scopes: readonly string[],
): { readonly value: string; readonly row: NewApiKeyRow } {
  const { value, mask, secureValue } = newSecret(prefix);
  return { value, row: { id: randomText(22), label, mask, secureValue, scopes } };
}
