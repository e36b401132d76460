import type { Names } from '@halyard/engine/review';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { flagKeysQuery, namesQuery } from '../api/queries.ts';
import type { FlagFields } from './flag.ts';
import type { KnownNames } from './names.ts';
import { namesFrom } from './names.ts';

/** Names for the sentences of these flags, as far as they are known yet; and what the editor offers. */
export function useNames(
  project: string,
  flags: readonly FlagFields[],
): { readonly names: Names; readonly known: KnownNames | undefined } {
  const ids = [...new Set(flags.flatMap(namedFlags))].sort((a, b) => a - b);
  const { data: known } = useQuery(namesQuery(project));
  const { data: keys } = useQuery(flagKeysQuery(project, ids));
  const names = useMemo(() => namesFrom(known, keys), [known, keys]);
  return { names, known };
}

/** Ids of the flags that the filters of a flag name. */
function namedFlags({ filters }: FlagFields): readonly number[] {
  const properties = (filters.groups ?? []).flatMap((condition) => condition.properties ?? []);
  return properties.flatMap(({ type, key }) => (type === 'flag' && /^\d{1,9}$/.test(key) ? [Number(key)] : []));
}
