import { jsonProblem } from '../api/exact-json.ts';
import { conditionsOf, payloadOf, shareSum, variantsOf } from './edit.ts';
import type { FlagFields } from './flag.ts';
import { percentOf, percentWords } from './percent.ts';
import type { Problem } from './places.ts';

/** What keeps a draft from being saved, in words that say what to do; the service judges the rest. */
export function draftProblems(fields: FlagFields): readonly Problem[] {
  const problems: Problem[] = [];
  const add = (place: string, text: string): void => void problems.push({ place, text });
  if (fields.key.trim() === '') add('key', 'The flag needs a key.');
  conditionsOf(fields).forEach(({ rollout_percentage: share, properties }, at) => {
    const place = `groups[${at}]`;
    (properties ?? []).forEach((filter, i) => {
      const own = `${place}.properties[${i}]`;
      if (filter.type === 'cohort') {
        if (filter.value === 0) add(own, 'Choose a cohort.');
      } else if (filter.type === 'flag') {
        if (filter.key === '') add(own, 'Choose a flag.');
      } else if (filter.key === '') add(own, 'Name the property.');
      else if (isMissing(filter.value)) add(own, `${filter.key} needs a value.`);
    });
    if (share !== null && share !== undefined && Number.isNaN(percentOf(share))) {
      add(`${place}.rollout_percentage`, 'Choose a share.');
    }
  });
  const variants = variantsOf(fields);
  variants.forEach(({ key, rollout_percentage: share }, at) => {
    const place = `multivariate.variants[${at}]`;
    if (key === '') add(place, 'The variant needs a key.');
    else if (variants.findIndex((other) => other.key === key) < at) add(place, `${key} is the key of two variants.`);
    if (Number.isNaN(percentOf(share))) add(place, 'Choose a share.');
  });
  const sum = shareSum(variants);
  if (variants.length > 0 && Math.abs(sum - 100) > 0.01) {
    const off = sum < 100 ? `${percentWords(100 - sum)} are missing` : `${percentWords(sum - 100)} are too many`;
    add('multivariate', `The variants’ shares come to ${percentWords(sum)}: ${off}.`);
  }
  for (const name of variants.length === 0 ? ['true'] : variants.map(({ key }) => key)) {
    const problem = jsonProblem(payloadOf(fields, name));
    if (problem === null) continue;
    add(`payloads.${name}`, `No JSON: line ${problem.line}, column ${problem.column}: ${problem.message}.`);
  }
  return problems;
}

function isMissing(value: unknown): boolean {
  return value === '' || (Array.isArray(value) && (value.length === 0 || value.includes('')));
}
