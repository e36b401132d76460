import type { FlagFields } from './flag.ts';

const percent = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });

/** How far a flag reaches at most, in a few words (K41). */
export function rolloutWords({ filters }: FlagFields): string {
  if (filters.version === 2) return 'Ordered rules';
  const groups = filters.groups ?? [];
  if (groups.length === 0) return 'No condition';
  const most = Math.max(...groups.map(({ rollout_percentage: share }) => share ?? 100));
  const everybody = groups.some(
    ({ properties, rollout_percentage: share }) => (properties ?? []).length === 0 && (share ?? 100) >= 100,
  );
  if (everybody) return '100 % of everybody';
  const conditions = groups.length === 1 ? '1 condition' : `${groups.length} conditions`;
  return `up to ${percent.format(most)} % · ${conditions}`;
}

export function variantWords({ filters }: FlagFields): string {
  const variants = filters.multivariate?.variants ?? [];
  return variants.length === 0 ? '' : `${variants.length} variants`;
}
