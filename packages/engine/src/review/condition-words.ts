import type { ConditionDefinition } from '../definitions/filters-v1.ts';
import { filterWords, groupTypeWords } from './filter-words.ts';
import type { Names } from './names.ts';
import { joined, percent } from './words.ts';

/** Whom a condition lets in: `25 % of people whose plan is pro`, `everybody`. */
export function whoWords({ filters, rollout, aggregation }: ConditionDefinition, names: Names): string {
  const clauses = filters.map((filter) => filterWords(filter, aggregation, names));
  return peopleWords(clauses, rollout, aggregation === null ? null : groupTypeWords(aggregation, names));
}

/**
 * @param clauses what is asked of them
 * @param share in percent
 * @param groupType null: it is about persons
 */
export function peopleWords(clauses: readonly string[], share: number, groupType: string | null): string {
  const subject = groupType === null ? 'people' : `groups of type ${groupType}`;
  const among = clauses.length === 0 ? subject : `${subject} ${joined(clauses)}`;
  if (share < 100) return `${percent(Math.max(0, share))} of ${among}`;
  if (clauses.length > 0) return among;
  return groupType === null ? 'everybody' : `every group of type ${groupType}`;
}

/** Nobody is left who comes past it. */
export function isForEverybody({ filters, rollout, aggregation }: ConditionDefinition): boolean {
  return filters.length === 0 && rollout >= 100 && aggregation === null;
}
