import type { Executor } from './executor.ts';
import { tableFeaturesFromRow, tableFeaturesStatement } from '../statements/table-features.ts';
import type { Row, Statement } from '../statements/statement.ts';

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

const mainTables = ['posthog_team', 'posthog_featureflag', 'posthog_cohort'];
const personsTables = [
  'posthog_person',
  'posthog_persondistinctid',
  'posthog_group',
  'posthog_grouptypemapping',
  'posthog_cohortpeople',
  'posthog_featureflaghashkeyoverride',
];

const mainStatement: Statement = {
  text: `select (to_regclass('halyard_migrations') is not null)::text as ours,
  (to_regclass('django_migrations') is not null)::text as theirs, ${missingSql(mainTables)} as missing`,
  values: [],
};

const personsStatement: Statement = {
  text: `select (select relkind = 'p' from pg_class where oid = to_regclass('posthog_person'))::text as partitioned,
  pg_is_in_recovery()::text as replica, (to_regclass('posthog_person_new') is not null)::text as moving,
  ${missingSql(personsTables)} as missing`,
  values: [],
};

/**
 * Looks at the catalogues of both databases; reads no row.
 *
 * @throws {StoreError}
 */
export async function findSchema(mainReader: Executor, personsReader: Executor): Promise<FoundSchema> {
  const [mainFeatures, personsFeatures, [main], [persons]] = await Promise.all([
    mainReader.query(tableFeaturesStatement).then((rows) => tableFeaturesFromRow(rows[0])),
    personsReader.query(tableFeaturesStatement).then((rows) => tableFeaturesFromRow(rows[0])),
    mainReader.query(mainStatement),
    personsReader.query(personsStatement),
  ]);
  return {
    madeBy: main?.['ours'] === 'true' ? 'Halyard' : main?.['theirs'] === 'true' ? 'PostHog' : 'unknown',
    contexts: mainFeatures.contexts,
    personTombstones: personsFeatures.personTombstones,
    distinctIdTombstones: personsFeatures.distinctIdTombstones,
    partitioned: persons?.['partitioned'] === 'true',
    announcesChanges: mainFeatures.announcesChanges,
    replica: persons?.['replica'] === 'true',
    missing: [...namesIn(main), ...namesIn(persons)],
    // While the partitioned table was filled beside the old one, it was the one that counted (D20, D55).
    unread: persons?.['moving'] === 'true' ? ['posthog_person_new'] : [],
  };
}

function missingSql(tables: readonly string[]): string {
  const names = tables.map((table) => `'${table}'`).join(', ');
  return `(select coalesce(string_agg(name, ',' order by name), '') from unnest(array[${names}]) as name
    where to_regclass(name) is null)`;
}

function namesIn(row: Row | undefined): readonly string[] {
  const names = row?.['missing'] ?? '';
  return names === '' ? [] : names.split(',');
}
