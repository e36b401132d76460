const place = 'halyard-key';

/* Where the users are PostHog's, its personal keys sign in (K74). A key is kept for this tab, and gone with it. */

let kept: string | null = null;
try {
  kept = sessionStorage.getItem(place);
} catch {
  // Where nothing may be stored the key lasts as long as the page.
}

/** The key that this tab has signed in with; null: none. */
export function personalKey(): string | null {
  return kept;
}

/** @param key null: forget it */
export function keepPersonalKey(key: string | null): void {
  kept = key;
  try {
    if (key === null) sessionStorage.removeItem(place);
    else sessionStorage.setItem(place, key);
  } catch {
    // As above.
  }
}
