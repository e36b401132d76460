import type { Definitions } from '@halyard/engine';
import { type FlagValues, flagValues } from '@halyard/engine/review';
import { pythonOf } from './types-python.ts';
import { typescriptOf } from './types-typescript.ts';

export type TypeLanguage = 'ts' | 'python';

/** The module with the types of a project's flags: equal definitions give equal texts. Flags that cannot be evaluated are left out. */
export function flagTypes({ flags }: Definitions, language: TypeLanguage): string {
  const values = flags.map(flagValues).filter((flag): flag is FlagValues => flag !== null);
  const byKey = new Map(values.map((flag) => [flag.key, flag]));
  const sorted = [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  return language === 'ts' ? typescriptOf(sorted) : pythonOf(sorted);
}
