import type { FiltersV1 } from '../definitions/filters-v1.ts';
import { sharesOf } from './shares.ts';
import type { FlagWarning } from './warning.ts';
import { percent, quoted } from './words.ts';

/** What is said of a sum of shares that is a little off, such as 33.33 three times. */
const TOLERANCE = 0.01;

/** Shares and pinned variants that do not do what they look like (E18, E71). */
export function variantWarnings({ conditions, variants }: FiltersV1): readonly FlagWarning[] {
  const warnings: FlagWarning[] = [];
  const declared = new Set(variants.map(({ key }) => key));
  for (const [at, { variant }] of conditions.entries()) {
    if (variant === null || variant === '' || declared.has(variant)) continue;
    const message = `${quoted(variant)} is no variant of the flag, so the condition gives what the shares say`;
    warnings.push({ code: 'variant_not_declared', path: `filters.groups[${at}].variant`, message });
  }
  if (variants.length === 0) return warnings;
  const path = 'filters.multivariate.variants';
  const sum = variants.reduce((total, { weight }) => total + weight, 0);
  if (Math.abs(sum - 100) > TOLERANCE) {
    const then = sum < 100 ? 'the others are on without a variant' : 'what is beyond 100 % is nobody';
    warnings.push({ code: 'shares_not_100', path, message: `the shares add up to ${percent(sum)}: ${then}` });
  }
  return [...warnings, ...reachWarnings({ conditions, variants })];
}

function reachWarnings({ conditions, variants }: Pick<FiltersV1, 'conditions' | 'variants'>): readonly FlagWarning[] {
  const path = 'filters.multivariate.variants';
  const declared = new Set(variants.map(({ key }) => key));
  const open = conditions.map((condition, at) => ({ ...condition, at })).filter(({ rollout }) => rollout > 0);
  if (open.length === 0) {
    return [
      { code: 'nobody_let_in', path: 'filters.groups', message: 'no condition is above 0 %: nobody gets a variant' },
    ];
  }
  const pinned = new Map(open.flatMap(({ variant, at }) => (declared.has(variant ?? '') ? [[at, variant]] : [])));
  if (pinned.size === open.length) {
    const [first = 0, variant = ''] = [...pinned][0] ?? [];
    return [
      {
        code: 'shares_overridden',
        path: `filters.groups[${first}].variant`,
        message: `everybody in condition ${first + 1} gets ${quoted(variant ?? '')}; the shares of the variants apply to nobody`,
      },
    ];
  }
  const named = new Set(pinned.values());
  return sharesOf(variants).flatMap(({ share }, at): FlagWarning[] => {
    const { key = '' } = variants[at] ?? {};
    if (share > 0 || named.has(key)) return [];
    return [{ code: 'variant_unreachable', path: `${path}[${at}]`, message: `nobody can get ${quoted(key)}` }];
  });
}
