import type { Batches } from './batches.ts';
import { belongToPostHog, migrationsTable } from './table-owner.ts';

/** One file of `packages/data/migrations`, in the order of their names. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** The lock and the list of `node-pg-migrate`, so that both ways to migrate wait for each other and know what has run. */
const lockText = 'select pg_advisory_xact_lock(7241865325823964)';
const listText = `create table if not exists ${migrationsTable}
  (id serial primary key, name varchar(255) not null, run_on timestamp not null)`;

/**
 * Brings the tables up to date (D32), for hosts that cannot run `migrate`. What has run does not run again.
 *
 * @returns the names of the migrations that ran now; null: the tables are PostHog's own, and nothing was touched
 */
export function* migrationBatches(known: readonly Migration[]): Batches<readonly string[] | null> {
  yield [{ text: lockText, values: [] }];
  if (yield* belongToPostHog()) return null;
  const [, rows = []] = yield [
    { text: listText, values: [] },
    { text: `select name from ${migrationsTable}`, values: [] },
  ];
  const ran = new Set(rows.map(({ name }) => name));
  const wanted = known.filter(({ name }) => !ran.has(name));
  if (wanted.length > 0) {
    yield wanted.flatMap(({ name, sql }) => [
      { text: sql, values: [] },
      { text: `insert into ${migrationsTable} (name, run_on) values ($1, now())`, values: [name] },
    ]);
  }
  return wanted.map(({ name }) => name);
}
