import { type NewApiKeyRow, randomText, storedSecret, type StoredSecret } from '@halyard/data/management';

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
