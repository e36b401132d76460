import type { Statement } from './statement.ts';

/** Where a page of persons begins, and how many it has at most. */
export interface PersonPageWish {
  readonly teamId: number;
  /** The id behind which it begins. */
  readonly after: number;
  readonly limit: number;
}

/**
 * Persons in the order of their ids, each with its oldest distinct id, as one document in the column `persons`: lists of id, uuid and
 * distinct id.
 *
 * @param tombstones whether deleted rows stay, marked (D30)
 */
export function personPageStatement(
  { teamId, after, limit }: PersonPageWish,
  tombstones: boolean,
  ticket: string,
): Statement {
  const live = (table: string): string => (tombstones ? ` and not ${table}.is_deleted` : '');
  const text = `select coalesce(json_agg(json_build_array(id, uuid, distinct_id) order by id), '[]')::text as persons, $4::text as asked
from (select p.id, p.uuid, (
    select d.distinct_id from posthog_persondistinctid d
     where d.team_id = p.team_id and d.person_id = p.id${live('d')} order by d.id limit 1) as distinct_id
  from posthog_person p where p.team_id = $1 and p.id > $2${live('p')} order by p.id limit $3) page`;
  return { text, values: [teamId, after, limit, ticket] };
}
