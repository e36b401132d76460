import { ExactNumber, type JsonValue } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import { matchProperty, operandProblem, operatorNames } from './index.ts';

const settings = { now: Date.UTC(2026, 10, 20), timezone: 'UTC' };

describe('what can be wrong with a value', () => {
  it.each<[operator: string, value: JsonValue, problem: string | null]>([
    ['regex', '^a+$', null],
    ['regex', '(', 'regex_broken'],
    ['not_regex', '[', 'regex_broken'],
    ['regex', 7, 'regex_not_text'],
    ['regex', null, 'regex_not_text'],
    ['is_date_before', null, 'date_not_readable'],
    ['semver_gt', null, 'version_not_readable'],
    ['exact', null, null],
    ['is_date_after', '-7d', null],
    ['is_date_before', '2026-11-20', null],
    ['is_date_exact', 'soon', 'date_not_readable'],
    ['is_date_after', 1_700_000_000, 'date_not_readable'],
    ['semver_eq', 'v1.2', null],
    ['semver_gt', 'one', 'version_not_readable'],
    ['semver_tilde', '1', null],
    ['semver_caret', 'x.y', 'version_not_readable'],
    ['semver_wildcard', '1.*', null],
    ['semver_wildcard', '', 'version_not_readable'],
    ['semver_eq', new ExactNumber('1.0', 1), null],
    ['icontains', '(', null],
    ['exact', ['('], null],
  ])('E104, E110, E115: %s of %j: %s', (operator, value, problem) => {
    expect(operandProblem(operator, value, settings)).toBe(problem);
  });

  it('E93: of no operator a value that is judged usable is one that evaluation cannot read', () => {
    for (const operator of [...operatorNames].filter((name) => name.startsWith('semver_'))) {
      for (const value of ['1.2.3', 'v2', 'no version', '', '1.x']) {
        const usable = operandProblem(operator, value, settings) === null;
        const outcome = matchProperty({ key: 'v', type: 'person', operator, value }, { v: '1.2.3' }, settings);
        expect(outcome === 'error', `${operator} ${value}`).toBe(!usable);
      }
    }
  });
});
