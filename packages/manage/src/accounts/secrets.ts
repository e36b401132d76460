import { randomBytes } from 'node:crypto';
import { type NewApiKeyRow, storedSecret, type StoredSecret } from '@halyard/data/management';

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
export function newSecret(prefix: 'phx_' | 'phs_'): StoredSecret & { readonly value: string } {
  const value = prefix + randomText();
  return { value, ...storedSecret(value) };
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
