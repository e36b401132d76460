import type { FlagDefinition } from '../definitions/flag.ts';
import type { FlagWarning } from './warning.ts';

/** Changes by which users get other values than before without being targeted otherwise (E16, E18, E20). */
export function redistributionWarnings(before: FlagDefinition, after: FlagDefinition): readonly FlagWarning[] {
  const warn = (path: string, what: string): FlagWarning => ({
    code: 'users_redistributed',
    path,
    message: `${what}: users are redistributed`,
  });
  const warnings: FlagWarning[] = [];
  if (before.key !== after.key) warnings.push(warn('key', 'another key'));
  if (before.bucketsOnDevice !== after.bucketsOnDevice)
    warnings.push(warn('bucketing_identifier', 'another bucketing'));
  const [old, now] = [before.filters, after.filters];
  if (old.version !== 1 || now.version !== 1) return warnings;
  if (old.variants.length > 0 && now.variants.length > 0) {
    const [was, is] = [old.variants, now.variants].map((list) =>
      JSON.stringify(list.map(({ key, weight }) => [key, weight])),
    );
    if (was !== is)
      warnings.push(warn('filters.multivariate.variants', 'other shares or another order of the variants'));
  }
  for (const [at, condition] of now.conditions.entries()) {
    const same = old.conditions[at];
    if (same === undefined || same.aggregation === condition.aggregation) continue;
    warnings.push(warn(`filters.groups[${at}].aggregation_group_type_index`, 'shares of something else'));
  }
  return warnings;
}
