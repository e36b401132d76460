import { recentPeople as peopleOf } from '@halyard/data/import';
import { batchesAnswer } from './batches.ts';
import { numberOf, parseObject } from './request.ts';

/**
 * The people that a team stored last. The call: `{"teamId", "most", "answers"}`. Answer: `?` and a batch, or `=` and a list with one
 * distinct id of each.
 */
export function recentPeople(text: string): string {
  const call = parseObject(text);
  return batchesAnswer(peopleOf(numberOf(call, 'teamId'), numberOf(call, 'most')), call['answers']);
}
