import { jsonText, type JsonValue } from '@halyard/json';
import { type Batches, type Migration, migrationBatches } from '@halyard/data/import';
import { batchesAnswer } from './batches.ts';
import { parseObject } from './request.ts';

export type { Migration };

declare global {
  /** Put in by the bundler, because a bundle has no files. */
  var HALYARD_MIGRATIONS: readonly Migration[] | undefined;
}

/**
 * Brings the tables up to date (D32); the host runs each batch inside one transaction. The call: `{"answers"}`, with the rows of each
 * batch so far. Answer: `?` and the next batch, or `=` and `{"ran": [names]}`, or `={"theirs": true}` where the tables are PostHog's
 * own and nothing was touched.
 */
export function migrateTables(text: string): string {
  return batchesAnswer(reported(migrationBatches(globalThis.HALYARD_MIGRATIONS ?? [])), parseObject(text)['answers']);
}

/** The migrations as they are, for who runs them by other means. Answer: `=` and a JSON list of names and SQL. */
export function migrationTexts(): string {
  return `=${jsonText((globalThis.HALYARD_MIGRATIONS ?? []) as unknown as JsonValue)}`;
}

function* reported(work: ReturnType<typeof migrationBatches>): Batches<JsonValue> {
  const ran = yield* work;
  return ran === null ? { theirs: true } : { ran };
}
