import { jsonText, type JsonValue } from '@halyard/json';
import type { Batches } from '@halyard/data/import';
import { batchesAnswer } from './batches.ts';
import { parseObject } from './request.ts';

/** One file of `packages/data/migrations`, in the order of their names. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

declare global {
  /** Put in by the bundler, because a bundle has no files. */
  var HALYARD_MIGRATIONS: readonly Migration[] | undefined;
}

/** The lock and the list of `node-pg-migrate`, so that both ways to migrate wait for each other and know what has run. */
const lockText = 'select pg_advisory_xact_lock(7241865325823964)';
const listText = `create table if not exists halyard_migrations
  (id serial primary key, name varchar(255) not null, run_on timestamp not null)`;

/**
 * Brings the tables up to date (D32); the host runs each batch inside one transaction. The call: `{"answers"}`, with the rows of each
 * batch so far. Answer: `?` and the next batch, or `=` and `{"ran": [names]}`, or `={"theirs": true}` where the tables are PostHog's
 * own and nothing was touched.
 */
export function migrateTables(text: string): string {
  return batchesAnswer(migrations(globalThis.HALYARD_MIGRATIONS ?? []), parseObject(text)['answers']);
}

/** The migrations as they are, for who runs them by other means. Answer: `=` and a JSON list of names and SQL. */
export function migrationTexts(): string {
  return `=${jsonText((globalThis.HALYARD_MIGRATIONS ?? []) as unknown as JsonValue)}`;
}

function* migrations(known: readonly Migration[]): Batches<JsonValue> {
  const [, [found = {}] = []] = yield [
    { text: lockText, values: [] },
    {
      // Any Django project has the table django_migrations; only PostHog's lists migrations of PostHog.
      text: `select (to_regclass('halyard_migrations') is not null)::text as ours,
  (coalesce(to_regclass('posthog_featureflag'), to_regclass('posthog_person')) is not null)::text as made,
  (to_regclass('django_migrations') is not null)::text as django`,
      values: [],
    },
  ];
  if (found['django'] === 'true') {
    const [[counted = {}] = []] = yield [
      { text: `select count(*)::text as posthog from django_migrations where app = 'posthog'`, values: [] },
    ];
    if (counted['posthog'] !== '0') return { theirs: true };
  }
  if (found['ours'] !== 'true' && found['made'] === 'true') return { theirs: true };
  const [, rows = []] = yield [
    { text: listText, values: [] },
    { text: 'select name from halyard_migrations', values: [] },
  ];
  const ran = new Set(rows.map(({ name }) => name));
  const wanted = known.filter(({ name }) => !ran.has(name));
  if (wanted.length > 0) {
    yield wanted.flatMap(({ name, sql }) => [
      { text: sql, values: [] },
      { text: 'insert into halyard_migrations (name, run_on) values ($1, now())', values: [name] },
    ]);
  }
  return { ran: wanted.map(({ name }) => name) };
}
