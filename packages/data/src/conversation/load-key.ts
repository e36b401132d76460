import { personalKeyStatement, secretKeyStatement, stampKeyStatement } from '../statements/keys-statement.ts';
import type { Row } from '../statements/statement.ts';
import { isDatabaseText } from '../stored-text.ts';
import type { KeyGrant, KeyStamp, PersonalGrant, ProjectGrant, SentKey } from '../key-grant.ts';
import type { StoreSide } from '../ports.ts';
import { ticketed } from './load-project.ts';
import type { Store } from './store.ts';
import { askTables } from './tables.ts';
import { type Conversation, rowsIn, rowsOf } from './wish.ts';

/** What secret keys begin with; any other text is a personal key (H166). */
const SECRET_PREFIX = 'phs_';

/** Longer than any key that exists: `secret_api_token` is a `varchar(200)`. */
const LONGEST_KEY = 200;

/** Whether a text could be a key at all, so that a store need not be asked about what cannot. */
export function isPossibleKey(text: string): boolean {
  return text.length > 0 && text.length <= LONGEST_KEY && isDatabaseText(text);
}

/**
 * What a key opens (D61, D62). `null`: it is nobody's, or a project's key that opens nothing of flags.
 *
 * @throws {StoreError}
 */
export function* loadKey(store: Store, sent: SentKey, side: StoreSide = 'reader'): Conversation<KeyGrant | null> {
  if (!isPossibleKey(sent.text)) return null;
  const pool = side === 'reader' ? 'non-persons reader' : 'non-persons writer';
  const isSecret = sent.text.startsWith(SECRET_PREFIX);
  const [answer] = yield* askTables(store, pool, (features) => [
    ticketed(store, pool, (ticket) =>
      isSecret
        ? secretKeyStatement(sent.text, sent.digest, features, ticket)
        : personalKeyStatement(sent.digest, features, ticket),
    ),
  ]);
  // What the database calls equal may be so only by its collation.
  const row = rowsIn(answer).find(({ digest }) => isSame(digest ?? '', sent.digest));
  if (row === undefined) return null;
  return isSecret ? projectGrant(row) : personalGrant(row);
}

/**
 * Notes that a key was used.
 *
 * @throws {StoreError}
 */
export function* stampKey(store: Store, { kind, id }: KeyStamp): Conversation<void> {
  yield* rowsOf(ticketed(store, 'non-persons writer', (ticket) => stampKeyStatement(kind, id, ticket)));
}

function projectGrant(row: Row): ProjectGrant {
  return {
    kind: 'project',
    teamId: Number(row['team_id']),
    token: row['token'] ?? '',
    stamp: stampOf('project', row),
  };
}

function personalGrant(row: Row): PersonalGrant {
  return {
    kind: 'personal',
    opensFlags: row['opens_flags'] === 'true',
    organizations: list(row['organizations']) as readonly string[],
    scopedTeams: list(row['scoped_teams']) as readonly number[],
    scopedOrganizations: list(row['scoped_organizations']) as readonly string[],
    stamp: stampOf('personal', row),
  };
}

function stampOf(kind: KeyStamp['kind'], row: Row): KeyStamp | null {
  const id = row['key_id'] ?? null;
  return id === null || row['stamp_due'] !== 'true' ? null : { kind, id };
}

/** What `to_jsonb` writes of an array that may be null. */
function list(text: string | null | undefined): readonly unknown[] {
  return (JSON.parse(text ?? 'null') ?? []) as readonly unknown[];
}

/** Takes as long wherever the texts differ. */
function isSame(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let at = 0; at < b.length; at += 1) difference |= a.charCodeAt(at) ^ b.charCodeAt(at);
  return difference === 0;
}
