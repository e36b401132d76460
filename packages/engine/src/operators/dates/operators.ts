import type { JsonValue } from '@halyard/json';
import { MATCH, MISS } from '../outcome.ts';
import type { OperatorCompiler, PropertyTest } from '../property-test.ts';
import { Instant, readInstant, readPropertyInstant } from './read-instant.ts';
import { type Zone, zoneOf } from './zone.ts';

/** The property's instant while one test runs; evaluation is synchronous, so one is enough. */
const property = new Instant();

/** `is_date_exact` (E115): the same instant, not the same day. */
export const dateExact = comparing((a, b) => a.seconds === b.seconds && a.nanos === b.nanos);

/** `is_date_after` (E115). */
export const dateAfter = comparing((a, b) => a.seconds > b.seconds || (a.seconds === b.seconds && a.nanos > b.nanos));

/** `is_date_before` (E115). */
export const dateBefore = comparing((a, b) => a.seconds < b.seconds || (a.seconds === b.seconds && a.nanos < b.nanos));

const miss: PropertyTest = () => MISS;

function comparing(test: (property: Instant, bound: Instant) => boolean): OperatorCompiler {
  return (value: JsonValue, settings) => {
    if (typeof value !== 'string') return miss;
    const zone = zoneOf(settings.timezone);
    const bound = new Instant();
    const exists = readInstant(value, zone, 0, bound);
    if (bound.usesNow) return testMoving(value, zone, test);
    if (!exists) return miss;
    return (cell, moment) =>
      cell.value !== undefined && readPropertyInstant(cell.value, zone, moment.now, property) && test(property, bound)
        ? MATCH
        : MISS;
  };
}

/** A bound that moves with the clock, worked out once per moment (E119). */
function testMoving(text: string, zone: Zone, test: (property: Instant, bound: Instant) => boolean): PropertyTest {
  const bound = new Instant();
  let exists = false;
  let since = NaN;
  return (cell, { now }) => {
    if (cell.value === undefined) return MISS;
    if (now !== since) {
      exists = readInstant(text, zone, now, bound);
      since = now;
    }
    return exists && readPropertyInstant(cell.value, zone, now, property) && test(property, bound) ? MATCH : MISS;
  };
}
