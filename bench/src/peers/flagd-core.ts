import { FlagdCore } from '@openfeature/flagd-core';
import type { Contender } from '../contender.ts';
import type { ConditionRow, FilterRow, FlagRow, UserRow, Workload } from '../workload.ts';

const QUIET = { error: noLog, warn: noLog, info: noLog, debug: noLog };

/** flagd's in-process evaluator on the same conditions. It buckets with another hash, so its answers differ by design. */
export function flagdCore({ flags }: Workload): Promise<Contender> {
  const core = new FlagdCore(undefined, QUIET);
  core.setConfigurations(JSON.stringify({ flags: Object.fromEntries(flags.map((flag) => [flag.key, convert(flag)])) }));
  const keys = flags.map((flag) => flag.key);
  const values = (user: UserRow): Record<string, boolean | string> => {
    const context = { ...user.personProperties, targetingKey: user.distinctId };
    return Object.fromEntries(keys.map((key) => [key, core.resolveStringEvaluation(key, 'off', context, QUIET).value]));
  };
  return Promise.resolve({
    name: '@openfeature/flagd-core',
    values: (user) => Promise.resolve(values(user)),
    round(users) {
      let on = 0;
      for (const user of users) {
        const context = { ...user.personProperties, targetingKey: user.distinctId };
        for (const key of keys) if (core.resolveStringEvaluation(key, 'off', context, QUIET).value !== 'off') on++;
      }
      return on;
    },
    close: () => Promise.resolve(),
  });
}

function convert({ filters }: FlagRow): object {
  const names = filters.multivariate?.variants.map((variant) => variant.key) ?? ['on'];
  const share = 50 / names.length;
  const chosen = { fractional: [...names.map((name) => [name, share]), ['off', 50]] };
  const branches = filters.groups.flatMap((group) => [conditionLogic(group), chosen]);
  return {
    state: 'ENABLED',
    variants: Object.fromEntries([...names, 'off'].map((name) => [name, name])),
    defaultVariant: 'off',
    targeting: { if: [...branches, 'off'] },
  };
}

function conditionLogic({ properties }: ConditionRow): object {
  return { and: properties.map(filterLogic) };
}

function filterLogic({ key, operator, value }: FilterRow): object {
  if (operator === 'exact') return { in: [{ var: key }, value] };
  return operator === 'icontains' ? { in: [value, { var: key }] } : { '>': [{ var: key }, value] };
}

function noLog(): void {
  // Benchmarks print their own lines only.
}
