import {
  isReadableStatement,
  replayFlagStatement,
  runningExperimentsStatement,
  type Work,
} from '@halyard/data/management';
import { ask } from '../command.ts';

/** What uses a flag that is none: a running experiment, or the settings of session replay. */
export type FlagUse = 'experiment' | 'replay';

/** Which of these flags are used so, by id (M50, M203); what cannot be read here uses none. */
export function* flagUses(teamId: number, ids: readonly number[]): Work<ReadonlyMap<number, FlagUse>> {
  const uses = new Map<number, FlagUse>();
  const [replay] = yield* ask(replayFlagStatement(teamId));
  const linked = Number(replay?.['id'] ?? Number.NaN);
  if (ids.includes(linked)) uses.set(linked, 'replay');
  for (const id of yield* flagsInExperiments(teamId, ids)) uses.set(id, 'experiment');
  return uses;
}

/** Which of these flags a running experiment uses. */
export function* flagsInExperiments(teamId: number, ids: readonly number[]): Work<readonly number[]> {
  if (ids.length === 0) return [];
  const [table] = yield* ask(isReadableStatement('posthog_experiment'));
  if (table?.['readable'] !== 'true') return [];
  const rows = yield* ask(runningExperimentsStatement(teamId, ids));
  return rows.map((row) => Number(row['id']));
}
