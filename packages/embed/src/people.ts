import type { Batches } from '@halyard/data/import';
import type { JsonValue } from '@halyard/json';
import { batchesAnswer } from './batches.ts';
import { numberOf, parseObject } from './request.ts';

/**
 * The people that a team stored last. The call: `{"teamId", "most", "answers"}`. Answer: `?` and a batch, or `=` and a list with one
 * distinct id of each.
 */
export function recentPeople(text: string): string {
  const call = parseObject(text);
  return batchesAnswer(people(numberOf(call, 'teamId'), numberOf(call, 'most')), call['answers']);
}

function* people(teamId: number, most: number): Batches<JsonValue> {
  const [rows = []] = yield [
    {
      // By the key that both tables have an index for; a person without a distinct id cannot be asked about.
      text: `select d.distinct_id from (select id from posthog_person where team_id = $1 order by id desc limit $2) p
  cross join lateral (select distinct_id from posthog_persondistinctid
    where team_id = $1 and person_id = p.id order by id limit 1) d order by p.id desc`,
      values: [teamId, most],
    },
  ];
  return rows.map(({ distinct_id: id }) => id ?? '');
}
