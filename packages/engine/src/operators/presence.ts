import { MATCH, MISS } from './outcome.ts';
import type { PropertyTest } from './property-test.ts';

/** `is_set` (E90): a property whose value is null is set; the filter value does not matter. */
export const isSet: PropertyTest = (cell) => (cell.value === undefined ? MISS : MATCH);

/** `is_not_set` (E90). */
export const isNotSet: PropertyTest = (cell) => (cell.value === undefined ? MATCH : MISS);
