import { textOf } from '@halyard/json';
import { compileRegex } from '@halyard/pattern';
import type { FilterDefinition } from '../definitions/filter.ts';
import { neverTrue } from './filter-words.ts';
import type { FlagWarning } from './warning.ts';
import { joined, worded } from './words.ts';

/** What is known of the properties that people have. */
export interface PropertyKnowledge {
  /** Who was looked at and has none that `has` does not know, such as `none of the 40 newest persons`. */
  readonly who: string;
  has(key: string): boolean;
  /** Keys that may have been meant, nearest first. */
  nearest(key: string): readonly string[];
}

/** The same filter twice in one condition. */
export function repeatedWarnings(filters: readonly FilterDefinition[], path: string): readonly FlagWarning[] {
  const texts = filters.map(({ key, type, operator, value, groupTypeIndex }) =>
    textOf([key, type, operator ?? '', value ?? null, groupTypeIndex ?? -1]),
  );
  return texts.flatMap((text, at): FlagWarning[] => {
    const first = texts.indexOf(text);
    if (first === at) return [];
    return [{ code: 'filter_twice', path: `${path}[${at}]`, message: `is the same filter as number ${first + 1}` }];
  });
}

/** Filters that are true for nobody, and patterns that do not compile. */
export function testWarnings(filters: readonly FilterDefinition[], path: string): readonly FlagWarning[] {
  return filters.flatMap((filter, at): FlagWarning[] => {
    const never = neverTrue(filter);
    const place = `${path}[${at}]`;
    if (never !== null) return [{ code: 'filter_never_true', path: place, message: `is never true: ${never}` }];
    if (!isBroken(filter)) return [];
    return [
      {
        code: 'pattern_does_not_compile',
        path: `${place}.value`,
        message: 'is no pattern that compiles, so it matches nobody',
      },
    ];
  });
}

function isBroken({ operator, value, type }: FilterDefinition): boolean {
  if (type === 'cohort' || type === 'flag' || value === undefined) return false;
  return (operator === 'regex' || operator === 'not_regex') && !compileRegex(textOf(value)).valid;
}

/** Properties that nobody has. */
export function propertyWarnings(
  filters: readonly FilterDefinition[],
  path: string,
  known: PropertyKnowledge,
): readonly FlagWarning[] {
  return filters.flatMap(({ type, key }, at): FlagWarning[] => {
    if (type !== 'person' || key === 'distinct_id' || key.startsWith('$') || known.has(key)) return [];
    const meant = known.nearest(key);
    const hint = meant.length === 0 ? '' : `; did you mean ${joined(meant.map(worded))}?`;
    return [
      {
        code: 'property_unknown',
        path: `${path}[${at}].key`,
        message: `${known.who} has the property ${worded(key)}${hint}`,
      },
    ];
  });
}
