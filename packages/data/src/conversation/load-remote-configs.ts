import { type JsonValue, parseStored } from '@halyard/json';
import { remoteConfigsStatement, tokenOfTeamStatement } from '../statements/keys-statement.ts';
import { ticketed } from './load-project.ts';
import type { Store } from './store.ts';
import { type Conversation, rowsOf } from './wish.ts';

/** A flag that holds a configuration to be fetched by name (H187). */
export interface RemoteConfig {
  readonly id: number;
  readonly key: string;
  readonly isEncrypted: boolean;
  /** What is stored for `true`; undefined: nothing. */
  readonly payload: JsonValue | undefined;
}

/**
 * The remote configurations of a project, encrypted ones included.
 *
 * @throws {StoreError}
 */
export function* loadRemoteConfigs(store: Store, teamId: number): Conversation<readonly RemoteConfig[]> {
  const [row] = yield* rowsOf(
    ticketed(store, 'non-persons reader', (ticket) => remoteConfigsStatement(teamId, ticket)),
  );
  const stored = JSON.parse(row?.['configs'] ?? '[]') as [number, string, boolean, string | null][];
  return stored.map(([id, key, isEncrypted, payload]) => ({
    id,
    key,
    isEncrypted,
    payload: payload === null ? undefined : parseStored(payload),
  }));
}

/**
 * The public token of a project by its id; `null`: there is none.
 *
 * @throws {StoreError}
 */
export function* loadTokenOfTeam(store: Store, teamId: number): Conversation<string | null> {
  const [row] = yield* rowsOf(ticketed(store, 'non-persons reader', (ticket) => tokenOfTeamStatement(teamId, ticket)));
  return row?.['token'] ?? null;
}
