import { conditionsOf, jsonProblem, payloadOf, shareSum, variantsOf } from './edit.ts';
import type { FlagFields } from './flag.ts';

/** What keeps a draft from being saved, in words that say what to do; the service judges the rest. */
export function draftProblems(fields: FlagFields): readonly string[] {
  const problems: string[] = [];
  if (fields.key.trim() === '') problems.push('The flag needs a key.');
  conditionsOf(fields).forEach(({ rollout_percentage: share, properties }, at) => {
    if (typeof share === 'number' ? !Number.isFinite(share) : share === ('' as unknown)) {
      problems.push(`Condition ${at + 1}: choose a share.`);
    }
    (properties ?? []).forEach((filter, i) => {
      if (filter.key === '') problems.push(`Condition ${at + 1}, filter ${i + 1}: name the property.`);
      else if (Array.isArray(filter.value) && filter.value.length === 0) {
        problems.push(`Condition ${at + 1}: ${filter.key} needs at least one value.`);
      }
    });
  });
  const variants = variantsOf(fields);
  const sum = shareSum(variants);
  if (variants.length > 0 && Math.abs(sum - 100) > 0.01)
    problems.push(`The variants’ shares come to ${sum} %, not to 100 %.`);
  const keys = variants.map(({ key }) => key);
  if (new Set(keys).size < keys.length) problems.push('Two variants have the same key.');
  if (keys.includes('')) problems.push('A variant has no key.');
  for (const name of variants.length === 0 ? ['true'] : keys) {
    const problem = jsonProblem(payloadOf(fields, name));
    if (problem !== null) problems.push(`The payload${name === 'true' ? '' : ` of ${name}`} is no JSON: ${problem}`);
  }
  return problems;
}
