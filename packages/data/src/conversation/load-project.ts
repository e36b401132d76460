import type { Definitions, FactFailure } from '@halyard/engine';
import type { PoolName } from '../pool-names.ts';
import type { Project, ProjectDefinitions, StoreSide } from '../ports.ts';
import { positionOf } from '../position.ts';
import { documentsOf, groupTypesOf, projectFromRow, remoteConfigOf } from '../statements/definitions-from-rows.ts';
import {
  cohortsStatement,
  flagsStatement,
  groupTypesRevisionStatement,
  groupTypesStatement,
  mainRevisionStatement,
} from '../statements/definitions-statement.ts';
import type { Row, Statement } from '../statements/statement.ts';
import { factFailure, StoreError } from '../store-error.ts';
import { isDatabaseText } from '../stored-text.ts';
import { ProjectAsk } from './project-ask.ts';
import type { Store } from './store.ts';
import { askTables } from './tables.ts';
import { type Answer, type Ask, type Conversation, rowsIn, rowsOf } from './wish.ts';

/** Tokens are `varchar(200)`; nothing longer exists. */
const longestToken = 200;

/** Documents that are read without a pause: some milliseconds. */
const PIECE = 400;

/** Stands in a revision for a part that could not be read, so that the next look finds a difference. */
const unread = '-';

/** Whom to ask about projects and about group types (D35). */
const pools: Readonly<Record<StoreSide, { readonly main: PoolName; readonly persons: PoolName }>> = {
  reader: { main: 'non-persons reader', persons: 'persons reader' },
  writer: { main: 'non-persons writer', persons: 'persons writer' },
};

export interface ReadOptions {
  /** Default: the reader. */
  readonly side?: StoreSide;
  /** What is read may be rolled back: it is remembered for nobody. */
  readonly isolated?: boolean;
}

/**
 * Reads the whole project behind a public token: first the project, then flags, cohorts and group types side by side. `null`:
 * there is certainly no such token. Cohorts or group types that cannot be read are those that were read last, or a failure inside
 * the definitions (D43).
 *
 * @throws {StoreError} when the project or its flags could not be read
 */
export function* loadProject(
  store: Store,
  token: string,
  { side = 'reader', isolated = false }: ReadOptions = {},
): Conversation<ProjectDefinitions | null> {
  if (token.length > longestToken || !isDatabaseText(token)) return null;
  const { main, persons } = pools[side];
  const row = (yield* rowsOf(new ProjectAsk(main, token, store.ticket())))[0] ?? {};
  if ((row['team_id'] ?? null) === null) return null;
  const { project, propertyMatchingVersion, revision } = projectFromRow(row, token);
  const { teamId, timezone } = project;
  const answers = yield* askTables(store, main, (features) => [
    { ...ticketed(store, main, (ticket) => flagsStatement(teamId, features, ticket)), large: true },
    ticketed(store, main, (ticket) => cohortsStatement(teamId, ticket)),
    ticketed(store, persons, (ticket) => groupTypesStatement(teamId, ticket)),
  ]);
  const flags = rowsIn(answers[0])[0] ?? {};
  const cohorts = orLastGood(store, `cohorts ${teamId}`, answers[1], isolated);
  const groupTypes = orLastGood(store, groupTypesOfTeam(teamId), answers[2], isolated);
  const flagDocuments = yield* inPieces(documentsOf(flags['flags'] ?? null));
  const cohortDocuments = isFailed(cohorts) ? cohorts : yield* inPieces(documentsOf(cohorts['cohorts'] ?? null));
  const definitions: Definitions = {
    teamId,
    timezone,
    ...(propertyMatchingVersion === null ? {} : { propertyMatchingVersion }),
    flags: flagDocuments,
    cohorts: cohortDocuments,
    groupTypeMapping: isFailed(groupTypes) ? groupTypes : groupTypesOf(groupTypes['mapping'] ?? null),
  };
  return {
    project: { ...project, remoteConfig: remoteConfigOf(flags) },
    definitions,
    revision: revisionOf(revision, flags['revision'], revisionIn(cohorts), revisionIn(groupTypes)),
    position: positionOf(
      [row['position'], flags['position'], isFailed(cohorts) ? null : cohorts['position']],
      isFailed(groupTypes) ? null : groupTypes['position'],
    ),
  };
}

/** All of these. Reading ten thousand documents takes a tenth of a second, so others get a turn now and then. */
function* inPieces<Item>(items: Iterable<Item>): Conversation<readonly Item[]> {
  const all: Item[] = [];
  for (const item of items) {
    if (all.push(item) % PIECE === 0) yield { pauseMs: 0 };
  }
  return all;
}

/**
 * The revision that `loadProject` would give now, for a fraction of its cost. `null`: the token has gone.
 *
 * @throws {StoreError}
 */
export function* projectRevision(
  store: Store,
  { token, teamId }: Pick<Project, 'token' | 'teamId'>,
  { side = 'reader' }: ReadOptions = {},
): Conversation<string | null> {
  const { main, persons } = pools[side];
  const [revisions, types] = yield* askTables(store, main, (features) => [
    ticketed(store, main, (ticket) => mainRevisionStatement(token, teamId, features, ticket)),
    ticketed(store, persons, (ticket) => groupTypesRevisionStatement(teamId, ticket)),
  ]);
  const row = rowsIn(revisions)[0] ?? {};
  if ((row['team'] ?? null) === null) return null;
  // Not remembered: this has no contents to go with it.
  const groupTypes = orLastGood(store, groupTypesOfTeam(teamId), types, true);
  return revisionOf(row['team'] ?? '', row['flags'], row['cohorts'], revisionIn(groupTypes));
}

/** A statement with a ticket of its own. */
export function ticketed(store: Store, pool: PoolName, write: (ticket: string) => Statement): Ask {
  const ticket = store.ticket();
  return { pool, statement: write(ticket), ticket };
}

function groupTypesOfTeam(teamId: number): string {
  return `group types ${teamId}`;
}

/** A part whose loss leaves the rest of the definitions of use (D43). */
function orLastGood(store: Store, part: string, answer: Answer | undefined, isolated: boolean): Row | FactFailure {
  if (!(answer instanceof StoreError)) {
    const row = answer?.[0] ?? {};
    if (!isolated) store.lastGood.put(part, row);
    return row;
  }
  store.policies.report(answer);
  return store.lastGood.get(part) ?? factFailure(answer);
}

function isFailed(part: Row | FactFailure): part is FactFailure {
  return (part as Partial<FactFailure>).failed === true;
}

function revisionIn(part: Row | FactFailure): string | null | undefined {
  return isFailed(part) ? unread : part['revision'];
}

function revisionOf(team: string, ...parts: readonly (string | null | undefined)[]): string {
  return [team, ...parts.map((part) => part ?? '')].join('.');
}
