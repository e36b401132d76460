import { flagQuery, queryClient } from '../api/queries.ts';
import { conditionsOf } from './edit.ts';
import type { FlagFields } from './flag.ts';

/** Ids of the flags that a flag asks about itself. */
export function neededIds(fields: FlagFields): readonly number[] {
  const filters = conditionsOf(fields).flatMap(({ properties }) => properties ?? []);
  return [
    ...new Set(filters.flatMap(({ type, key }) => (type === 'flag' && /^\d{1,9}$/.test(key) ? [Number(key)] : []))),
  ];
}

/** More flags than any chain in use goes through. */
const MOST = 50;

/**
 * The keys on the way from one flag over those that it asks about to another (K37); null: there is no way, or none that could be read.
 *
 * @param from id where the way begins
 * @param to id where it would close a circle
 */
export async function wayBetween(project: string, from: number, to: number): Promise<readonly string[] | null> {
  const waiting: { readonly id: number; readonly way: readonly string[] }[] = [{ id: from, way: [] }];
  const seen = new Set<number>();
  for (let next = waiting.shift(); next !== undefined && seen.size < MOST; next = waiting.shift()) {
    if (seen.has(next.id)) continue;
    seen.add(next.id);
    const flag = await queryClient.query(flagQuery(project, String(next.id))).catch(() => null);
    if (flag === null) continue;
    const way = [...next.way, flag.key];
    if (flag.id === to) return way;
    waiting.push(...neededIds(flag).map((id) => ({ id, way })));
  }
  return null;
}
