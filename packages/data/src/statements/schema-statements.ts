import type { Row, Statement } from './statement.ts';

const mainTables = ['posthog_team', 'posthog_featureflag', 'posthog_cohort'];
/** What is stored of people, and of what they belong to. */
export const personsTables = [
  'posthog_person',
  'posthog_persondistinctid',
  'posthog_group',
  'posthog_grouptypemapping',
  'posthog_cohortpeople',
  'posthog_featureflaghashkeyoverride',
];

/** Whose migrations made the main database, and which of its tables are missing. Reads no row. */
export function mainSchemaStatement(ticket: string): Statement {
  const text = `select (to_regclass('halyard_migrations') is not null)::text as ours,
  (to_regclass('django_migrations') is not null)::text as theirs, ${missingSql(mainTables)} as missing, $1::text as asked`;
  return { text, values: [ticket] };
}

/** What the persons database looks like, and which of its tables are missing. Reads no row. */
export function personsSchemaStatement(ticket: string): Statement {
  const text = `select (select relkind = 'p' from pg_class where oid = to_regclass('posthog_person'))::text as partitioned,
  pg_is_in_recovery()::text as replica, (to_regclass('posthog_person_new') is not null)::text as moving,
  ${missingSql(personsTables)} as missing, $1::text as asked`;
  return { text, values: [ticket] };
}

function missingSql(tables: readonly string[]): string {
  const names = tables.map((table) => `'${table}'`).join(', ');
  return `(select coalesce(string_agg(name, ',' order by name), '') from unnest(array[${names}]) as name
    where to_regclass(name) is null)`;
}

/** The tables that such a statement misses. */
export function missingTables(row: Row | undefined): readonly string[] {
  const names = row?.['missing'] ?? '';
  return names === '' ? [] : names.split(',');
}
