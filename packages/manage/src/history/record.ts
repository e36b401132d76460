import { addHistoryStatement, type HistoryRow, type Work } from '@halyard/data/management';
import { type JsonObject, sourceText } from '@halyard/json';
import { ask, type CommandContext, timeOf } from '../command.ts';
import type { Change } from './changes.ts';
import { historyId } from './history-id.ts';

export type Activity = 'created' | 'updated' | 'deleted' | 'restored';

/** What a write tells of itself (M160). */
export interface Entry {
  readonly activity: Activity;
  /** What kind of thing was written, such as `FeatureFlag`. */
  readonly scope: string;
  readonly itemId: string;
  /** By which people know the thing. */
  readonly name: string;
  readonly changes: readonly Change[];
  readonly note: string | null;
  /** What made a background job write (M139). */
  readonly trigger?: JsonObject;
}

/** Writes one entry, in the transaction of what it tells of (M162). */
export function record(context: CommandContext, entry: Entry): Work<void> {
  return recordAll(context, [entry]);
}

/** The same for many. */
export function* recordAll(context: CommandContext, entries: readonly Entry[]): Work<void> {
  yield* ask(addHistoryStatement(entries.map((entry) => rowOf(context, entry))));
}

function rowOf(context: CommandContext, entry: Entry): HistoryRow {
  const { actor, teamId, organizationId, now } = context;
  const detail: JsonObject = {
    name: entry.name,
    short_id: null,
    type: null,
    trigger: entry.trigger ?? null,
    changes: entry.changes as unknown as JsonObject[],
    // M163: how it came about, and why.
    context: { via: actor.label === undefined ? actor.via : `${actor.via}: ${actor.label}`, note: entry.note },
  };
  return {
    id: historyId(now),
    teamId,
    organizationId,
    userId: actor.userId,
    isSystem: actor.isSystem === true,
    activity: entry.activity,
    scope: entry.scope,
    itemId: entry.itemId,
    detail: sourceText(detail),
    at: timeOf(context),
  };
}
