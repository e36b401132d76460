import { keptChoice } from '../app/kept-choice.ts';

/* Where the users are PostHog's, its personal keys sign in (K74). A key is kept for this tab, and gone with it. */

const kept = keptChoice('halyard-key', '', () => sessionStorage);

/** The key that this tab has signed in with; null: none. */
export function personalKey(): string | null {
  return kept.get() || null;
}

/** @param key null: forget it */
export function keepPersonalKey(key: string | null): void {
  kept.set(key ?? '');
}
