import { isBlank, isLonger } from './text.ts';

const anyCase = new Set(
  'anonymous guest distinctid distinct_id id not_authenticated email undefined true false'.split(' '),
);
const exact = new Set(['[object Object]', 'NaN', 'None', 'none', 'null', '0']);

/** What a distinct id may have, in characters: the column's size. */
const mostCharacters = 400;

/** Whether an id is one that a broken page gives to everybody (I82): it names nobody (I63). */
export function unmergeable(id: string): boolean {
  return isListed(id) || isListed(unquoted(id));
}

/** Whether an id may take part in a merge (I82). NUL is looked for before it is replaced (I22). */
export function mayMerge(id: string): boolean {
  return !isBlank(id) && !id.includes('\0') && !isLonger(id, mostCharacters) && !unmergeable(id);
}

function isListed(id: string): boolean {
  return exact.has(id) || anyCase.has(id.toLowerCase());
}

function unquoted(id: string): string {
  return /^(['"]).*\1$/s.test(id) ? id.slice(1, -1) : id;
}
