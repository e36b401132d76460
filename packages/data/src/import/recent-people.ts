import type { Batches } from './batches.ts';

/** One distinct id of each of the people that a team stored last, the last one first. Nobody can be asked about without one. */
export function* recentPeople(teamId: number, most: number): Batches<readonly string[]> {
  const [rows = []] = yield [
    {
      // By the key that both tables have an index for.
      text: `select d.distinct_id from (select id from posthog_person where team_id = $1 order by id desc limit $2) p
  cross join lateral (select distinct_id from posthog_persondistinctid
    where team_id = $1 and person_id = p.id order by id limit 1) d order by p.id desc`,
      values: [teamId, most],
    },
  ];
  return rows.map(({ distinct_id: id }) => id ?? '');
}
