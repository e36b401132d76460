import { historyCountStatement, historyStatement, type Work } from '@halyard/data/management';
import { type JsonObject, type JsonValue, member, parseStored } from '@halyard/json';
import { ask, type CommandContext } from '../command.ts';

/** Which entries; absent members restrict nothing. */
export interface ActivityFilter {
  /** Part of the name of what was changed, whatever its case. */
  readonly search?: string | null;
  readonly userId?: number | null;
  /** As M161 calls it. */
  readonly activity?: string | null;
  /** Not before, ISO 8601. */
  readonly since?: string | null;
  /** Before, ISO 8601. */
  readonly until?: string | null;
}

export interface ActivityQuery extends ActivityFilter {
  /** One scope, or several. */
  readonly scope: string | readonly string[];
  /** `null`: of every item of the scope. */
  readonly itemId: string | null;
  /** 10 unless told. */
  readonly limit: number;
  /** From 1. */
  readonly page: number;
}

export interface ActivityPage {
  readonly results: readonly JsonObject[];
  readonly total: number;
}

/** A page of history, newest first; past the end it is empty (M160). */
export function* readActivity({ teamId }: CommandContext, query: ActivityQuery): Work<ActivityPage> {
  const { scope, page, ...filter } = query;
  const scopes = typeof scope === 'string' ? [scope] : scope;
  const asked = { ...filter, teamId, scopes, offset: (page - 1) * query.limit };
  const [count] = yield* ask(historyCountStatement(asked));
  const total = Number(count?.['total'] ?? 0);
  const rows = asked.offset >= total ? [] : yield* ask(historyStatement(asked));
  return { results: rows.map((row) => entryOf(parseStored(row['entry'] ?? '{}') as JsonObject)), total };
}

function entryOf(entry: JsonObject): JsonObject {
  const names = ['id', 'activity', 'scope', 'item_id', 'created_at', 'detail'];
  const shown = Object.fromEntries(names.map((name): [string, JsonValue] => [name, member(entry, name) ?? null]));
  return { ...shown, user: userOf(entry) };
}

/** A background job is the system; a user that is gone has no name any more. */
function userOf(entry: JsonObject): JsonObject {
  if (member(entry, 'is_system') === true) return { first_name: 'System', email: null, is_system: true };
  const text = (name: string) => member(entry, name) ?? '';
  return { first_name: text('first_name'), email: text('email') };
}
