import type { Work } from '@halyard/data/management';
import type { CommandContext } from '../command.ts';
import { targetIds } from '../filters/walk.ts';
import type { Flag } from '../flags/flag.ts';
import { readFlagAt } from './flag-versions.ts';

/**
 * A flag and those that it asks about, through others too, as they were at a moment (M90); those that were not there yet are left out.
 *
 * @param at milliseconds since the epoch
 * @throws {Refusal} where the past of one of them is not known
 */
export function* readFlagsAt(context: CommandContext, id: number, at: number): Work<ReadonlyMap<number, Flag>> {
  const flags = new Map<number, Flag>();
  const reached = new Set<number>();
  const pending = [id];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    const flag = yield* readFlagAt(context, next, at);
    if (flag === null) continue;
    flags.set(next, flag);
    pending.push(...targetIds(flag.filters));
  }
  return flags;
}
