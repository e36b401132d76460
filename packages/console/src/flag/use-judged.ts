import { useQuery } from '@tanstack/react-query';
import { checkQuery } from '../api/queries.ts';
import { changesOf } from './draft.ts';
import { draftProblems } from './draft-problems.ts';
import type { Flag, FlagFields } from './flag.ts';
import { type Problem, problemsFrom } from './places.ts';
import { useSettled } from './use-settled.ts';

/** The body of a write that a draft stands for. */
export function bodyOf(base: Flag | null, fields: FlagFields): Readonly<Record<string, unknown>> {
  return base === null ? { ...fields } : changesOf(base, fields);
}

/**
 * What keeps a draft from being saved (K39): what the page sees itself and, when that is nothing and the hand rests, what the service would
 * refuse (M180).
 */
export function useJudged(
  project: string,
  base: Flag | null,
  fields: FlagFields,
  isChanged: boolean,
): readonly Problem[] {
  const own = isChanged ? draftProblems(fields) : [];
  const settled = useSettled(fields);
  const { data } = useQuery({
    ...checkQuery(project, base?.id ?? null, bodyOf(base, settled)),
    enabled: isChanged && own.length === 0 && settled === fields,
  });
  return own.length > 0 || settled !== fields ? own : problemsFrom(data?.errors ?? []);
}
