import type { Flag } from '../flag/flag.ts';

const DAY_MS = 86_400_000;
const dayOf = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/**
 * Whether the list's filter finds a flag stale, too: the API calls a flag without conditions so that nobody ever asked for, and finds it
 * by no filter (M87). It is on for nobody, and nothing of it is old.
 */
export function isStale({ status, filters, last_called_at: called }: Flag): boolean {
  return status === 'STALE' && (called !== null || (filters.groups ?? []).length > 0);
}

/** Why a flag is stale, in a few words (K43). @param now milliseconds since the epoch */
export function staleReason(
  { last_called_at: called, updated_at: changed, created_at: made }: Flag,
  now: number,
): string {
  if (called !== null) return `Not called in ${Math.floor((now - Date.parse(called)) / DAY_MS)} days`;
  return `100 % for everybody since ${dayOf.format(new Date(changed ?? made))}, never called`;
}
