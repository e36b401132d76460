import {
  bucket,
  packPrefix,
  pickVariant,
  ROLLOUT,
  Subject,
  VARIANT,
  variantBoundaries,
} from '@halyard/engine/bucketing';
import type { Contender } from '../contender.ts';
import type { FilterRow, FlagRow, UserRow, Workload } from '../workload.ts';

type Properties = UserRow['personProperties'];
type Flag = (properties: Properties, subject: Subject) => boolean | string;

/**
 * The least that can decide these flags: one closure per filter for just the three operators used, no missing values, no groups,
 * no reasons, no errors. It shows what the full rule set costs.
 */
export function floor({ flags }: Workload): Promise<Contender> {
  const compiled = flags.map((flag) => compileFlag(flag));
  const subject = new Subject();
  return Promise.resolve({
    name: 'closure floor',
    values(user) {
      subject.set(user.distinctId);
      return Promise.resolve(
        Object.fromEntries(flags.map((flag, i) => [flag.key, (compiled[i] as Flag)(user.personProperties, subject)])),
      );
    },
    round(users) {
      let on = 0;
      for (const user of users) {
        subject.set(user.distinctId);
        for (const flag of compiled) if (flag(user.personProperties, subject) !== false) on++;
      }
      return on;
    },
    close: () => Promise.resolve(),
  });
}

function compileFlag({ key, filters }: FlagRow): Flag {
  const prefix = packPrefix(`${key}.`);
  const conditions = filters.groups.map((group) => ({
    tests: group.properties.map(compileFilter),
    threshold: group.rollout_percentage / 100,
  }));
  const variants = filters.multivariate?.variants ?? [];
  const boundaries = variantBoundaries(variants.map((variant) => variant.rollout_percentage));
  return (properties, subject) => {
    let point = -1;
    for (const { tests, threshold } of conditions) {
      if (!tests.every((test) => test(properties))) continue;
      if (threshold < 1) {
        if (point < 0) point = bucket(prefix, subject, ROLLOUT);
        if (point > threshold) continue;
      }
      if (boundaries.length === 0) return true;
      return variants[pickVariant(bucket(prefix, subject, VARIANT), boundaries)]?.key ?? true;
    }
    return false;
  };
}

function compileFilter({ key, operator, value }: FilterRow): (properties: Properties) => boolean {
  if (operator === 'exact') {
    const wanted = new Set((value as readonly string[]).map((item) => item.toLowerCase()));
    return (properties) => wanted.has(String(properties[key]).toLowerCase());
  }
  if (operator === 'icontains') {
    const needle = String(value).toLowerCase();
    return (properties) => String(properties[key]).toLowerCase().includes(needle);
  }
  const bound = Number(value);
  return (properties) => Number(properties[key]) > bound;
}
