import { type JsonValue, textOf } from '@halyard/json';
import { compileRegex } from '@halyard/pattern';
import { readVersionRequirement } from './operators/semver.ts';
import { type DateSettings, readDate } from './read-date.ts';

/** Why a filter with this operator and value could never do what its author meant. */
export type OperandProblem = 'regex_not_text' | 'regex_broken' | 'date_not_readable' | 'version_not_readable';

/**
 * Judges a filter's value by its operator, for whoever stores filters: evaluation itself takes a value that cannot be used as one that
 * never matches (E104, E110, E115), and none at all as such a value.
 *
 * @param operator a name of E93
 * @returns `null`: nothing is wrong, or the operator does not read its value as a pattern, a date or a version
 */
export function operandProblem(
  operator: string,
  value: JsonValue | undefined,
  settings: DateSettings,
): OperandProblem | null {
  switch (operator) {
    case 'regex':
    case 'not_regex':
      if (typeof value !== 'string') return 'regex_not_text';
      return compileRegex(value).valid ? null : 'regex_broken';
    case 'is_date_exact':
    case 'is_date_after':
    case 'is_date_before':
      return typeof value === 'string' && readDate(value, settings) !== null ? null : 'date_not_readable';
    default:
      return operator.startsWith('semver_') && !readVersionRequirement(operator, textOf(value ?? null))
        ? 'version_not_readable'
        : null;
  }
}
