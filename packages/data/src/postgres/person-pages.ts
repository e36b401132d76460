import { StoreError } from '../store-error.ts';
import type { Executor } from './executor.ts';

/** A person, and one of the ids by which it can be asked about. */
export interface PagedPerson {
  readonly id: number;
  readonly uuid: string;
  /** The oldest one; null: it has none. */
  readonly distinctId: string | null;
}

/** SQLSTATE of a column that is not there: some ages of PostHog's schema delete rows instead of marking them (D30). */
const UNDEFINED_COLUMN = '42703';

/**
 * Persons of a team in the order of their ids.
 *
 * @param after the id behind which to begin
 * @param limit how many at most
 * @throws {StoreError}
 */
export async function personPage(
  personsReader: Executor,
  teamId: number,
  after: number,
  limit: number,
): Promise<readonly PagedPerson[]> {
  const ask = (tombstones: boolean) =>
    personsReader.query({ text: textOf(tombstones), values: [teamId, after, limit] });
  const rows = await ask(true).catch((error: unknown) => {
    if (error instanceof StoreError && error.code === UNDEFINED_COLUMN) return ask(false);
    throw error;
  });
  return rows.map((row) => ({
    id: Number(row['id']),
    uuid: row['uuid'] ?? '',
    distinctId: row['distinct_id'] ?? null,
  }));
}

function textOf(tombstones: boolean): string {
  const live = (table: string): string => (tombstones ? ` and not ${table}.is_deleted` : '');
  return `select p.id::text as id, p.uuid::text as uuid, (
    select d.distinct_id from posthog_persondistinctid d
     where d.team_id = p.team_id and d.person_id = p.id${live('d')} order by d.id limit 1) as distinct_id
from posthog_person p where p.team_id = $1 and p.id > $2${live('p')} order by p.id limit $3`;
}
