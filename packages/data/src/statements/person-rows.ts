import type { PersonsFeatures } from './persons-features.ts';

/**
 * From-and-where text that leads from distinct ids to persons: `d` is the distinct id's row, `p` the person's. Both
 * carry the team, so that a partitioned person table is asked for one partition (D21); tombstones are invisible (D30).
 *
 * @param ids SQL after `d.distinct_id`, such as `= $2`
 */
export function personRows(ids: string, features: PersonsFeatures): string {
  return `posthog_persondistinctid d
    join posthog_person p on p.team_id = d.team_id and p.id = d.person_id
   where d.team_id = $1 and d.distinct_id ${ids}${liveDistinctId(features)}${livePerson(features)}`;
}

export function liveDistinctId({ distinctIdTombstones }: PersonsFeatures): string {
  return distinctIdTombstones ? ' and not d.is_deleted' : '';
}

export function livePerson({ personTombstones }: PersonsFeatures): string {
  return personTombstones ? ' and not p.is_deleted' : '';
}
