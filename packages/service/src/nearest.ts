/** Most words that are offered. */
const MOST = 3;

/** The words that may have been meant by a mistyped one, nearest first: those that a third of its letters, changed, turns into. */
export function nearest(typed: string, words: Iterable<string>): readonly string[] {
  const allowed = Math.max(1, Math.floor(typed.length / 3));
  const found: { readonly word: string; readonly distance: number }[] = [];
  for (const word of words) {
    if (Math.abs(word.length - typed.length) > allowed) continue;
    const distance = editDistance(typed, word);
    if (distance <= allowed) found.push({ word, distance });
  }
  found.sort((a, b) => a.distance - b.distance);
  return found.slice(0, MOST).map(({ word }) => word);
}

/** Letters to insert, drop or replace (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
