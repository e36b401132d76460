import { textOf } from '@halyard/json';
import { compileRegex } from '@halyard/pattern';
import { ERROR, MATCH, MISS, type Outcome } from './outcome.ts';
import type { OperatorCompiler } from './property-test.ts';

/** `regex` (E103). */
export const regex = search(MATCH, MISS, MISS);

/** `not_regex` (E103): matches where a search ends without a find, and for a property that is not set (E89). */
export const notRegex = search(MISS, MATCH, MATCH);

function search(found: Outcome, notFound: Outcome, absent: Outcome): OperatorCompiler {
  return (value) => {
    const compiled = compileRegex(textOf(value));
    // E104: with a broken pattern neither operator matches a property that is set.
    if (!compiled.valid) return (cell) => (cell.value === undefined ? absent : MISS);
    return (cell, moment) => {
      if (cell.value === undefined) return absent;
      const result = compiled.test(cell.text(), moment.budget);
      if (result === 1) return found;
      return result === 0 ? notFound : ERROR; // 2: out of steps, its own (E105) or the request's (E105a)
    };
  };
}
