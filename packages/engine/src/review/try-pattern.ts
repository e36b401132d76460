import { compileRegex } from '@halyard/pattern';

/** What a pattern makes of a text; `undecided`: it would take more steps than evaluation spends (E105). */
export type TriedPattern =
  | { readonly outcome: 'found' | 'not_found' | 'undecided' }
  /** `position` counts UTF-16 units of the pattern, from 0. */
  | { readonly outcome: 'broken'; readonly problem: string; readonly position: number };

/** Tries a pattern of the dialect of E106 with the engine's own search, for whoever writes it. Never throws. */
export function tryPattern(pattern: string, text: string): TriedPattern {
  const compiled = compileRegex(pattern);
  if (!compiled.valid) return { outcome: 'broken', problem: compiled.problem, position: compiled.position };
  const found = compiled.test(text);
  return { outcome: found === 1 ? 'found' : found === 0 ? 'not_found' : 'undecided' };
}
