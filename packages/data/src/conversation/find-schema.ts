import { mainSchemaStatement, missingTables, personsSchemaStatement } from '../statements/schema-statements.ts';
import { tableFeaturesFromRow, tableFeaturesStatement } from '../statements/table-features.ts';
import type { PoolName } from '../pool-names.ts';
import { ticketed } from './load-project.ts';
import type { Store } from './store.ts';
import { answersTo, type Ask, type Conversation, rowsIn } from './wish.ts';

/** What the databases of the router look like, for whoever starts the service on them. */
export interface FoundSchema {
  /** Whose migrations made the tables. */
  readonly madeBy: 'Halyard' | 'PostHog' | 'unknown';
  /** Where the names of evaluation contexts come from (D11). */
  readonly contexts: 'contexts' | 'tags' | 'none';
  /** Deleted rows stay as tombstones: of persons, of distinct ids (D30). */
  readonly personTombstones: boolean;
  readonly distinctIdTombstones: boolean;
  /** The person table is in partitions (D20). */
  readonly partitioned: boolean;
  /** Changes of definitions are announced; otherwise they are found by polling. */
  readonly announcesChanges: boolean;
  /** The persons reader is a replica. */
  readonly replica: boolean;
  /** Tables that evaluation reads and that are not there. */
  readonly missing: readonly string[];
  /** Tables that hold what is not read here, although it would count. */
  readonly unread: readonly string[];
}

/**
 * Looks at the catalogues of both databases; reads no row.
 *
 * @throws {StoreError}
 */
export function* findSchema(store: Store): Conversation<FoundSchema> {
  const rows = (yield* answersTo([
    features('non-persons reader'),
    features('persons reader'),
    ticketed(store, 'non-persons reader', mainSchemaStatement),
    ticketed(store, 'persons reader', personsSchemaStatement),
  ])).map((answer) => rowsIn(answer)[0]);
  const [mainFeatures, personsFeatures] = [tableFeaturesFromRow(rows[0]), tableFeaturesFromRow(rows[1])];
  const [, , main, persons] = rows;
  return {
    madeBy: main?.['ours'] === 'true' ? 'Halyard' : main?.['theirs'] === 'true' ? 'PostHog' : 'unknown',
    contexts: mainFeatures.contexts,
    personTombstones: personsFeatures.personTombstones,
    distinctIdTombstones: personsFeatures.distinctIdTombstones,
    partitioned: persons?.['partitioned'] === 'true',
    announcesChanges: mainFeatures.announcesChanges,
    replica: persons?.['replica'] === 'true',
    missing: [...missingTables(main), ...missingTables(persons)],
    // While the partitioned table was filled beside the old one, it was the one that counted (D20, D55).
    unread: persons?.['moving'] === 'true' ? ['posthog_person_new'] : [],
  };
}

const features = (pool: PoolName): Ask => ({ pool, statement: tableFeaturesStatement, ticket: 'features' });
