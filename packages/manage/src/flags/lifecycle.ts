import type { Work } from '@halyard/data/management';
import type { CommandContext } from '../command.ts';
import { Refusal } from '../refusal.ts';
import type { Flag, FlagFields } from './flag.ts';
import { changeFlag } from './update-flag.ts';
import { lockedFlag, lockFlags } from './write-flag.ts';

export type LifecycleAction = 'enable' | 'disable' | 'archive' | 'unarchive';

const effects: Readonly<Record<LifecycleAction, Partial<FlagFields>>> = {
  enable: { active: true },
  disable: { active: false },
  archive: { archived: true, active: false },
  unarchive: { archived: false },
};

/**
 * Turns a flag on or off, puts it away or takes it out again (M85). One that is so already is left as it is.
 *
 * @throws {Refusal} with the code `deleted` for a deleted flag, which doors answer in their own form (M22)
 */
export function* runLifecycleAction(context: CommandContext, id: number, action: LifecycleAction): Work<Flag> {
  const { timezone } = yield* lockFlags(context);
  const stored = yield* lockedFlag(context, id);
  if (stored.deleted) throw Refusal.invalid('deleted', `Cannot ${action} a deleted flag.`);
  return yield* changeFlag(context, stored, effects[action], timezone, { note: null });
}
