import type { JsonObject, JsonValue } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import { definitions, facts, flag, inCohort, person, result, run } from '../scenario.cases.ts';

/** Asks a flag for one cohort filter, on behalf of a person with these properties. */
function member(cohorts: readonly JsonValue[], filter: JsonObject, properties: JsonObject) {
  const asking = flag('f', { groups: [{ properties: [filter] }] });
  return run(definitions([asking], { cohorts }), {}, facts(properties));
}

function cohort(id: number, leaves: readonly JsonObject[], type = 'AND'): JsonObject {
  return { id, filters: { properties: { type, values: leaves } } };
}

describe('E131: a realtime cohort is computed from its definition', () => {
  const behaviour = { type: 'behavioral', key: '$pageview', value: 'performed_event' };
  const realtime = (leaves: readonly JsonObject[], type: string): JsonObject => ({
    ...cohort(5, leaves, type),
    cohort_type: 'realtime',
    condition_type: { person_properties: true, behavioral: true, lifecycle: false, cohorts: false },
    last_backfill_events_at: '2026-01-01T00:00:00Z',
    last_backfill_person_properties_at: '2026-01-01T00:00:00Z',
  });

  it.each([
    ['OR', 'in', true],
    ['OR', 'not_in', false],
    ['AND', 'in', false],
    ['AND', 'not_in', true],
  ])('behaviour %s a property that holds, %s: %s', (type, operator, expected) => {
    const cohorts = [realtime([behaviour, person('plan', 'pro')], type)];
    const got = member(cohorts, inCohort(5, operator), { plan: 'pro' });
    expect(result(got, 'f').value).toBe(expected);
    expect(got.errors).toBe(false);
  });

  it('E132: also inside another cohort', () => {
    const cohorts = [realtime([behaviour, person('plan', 'pro')], 'OR'), cohort(6, [inCohort(5)])];
    expect(result(member(cohorts, inCohort(6), { plan: 'pro' }), 'f').value).toBe(true);
    expect(result(member(cohorts, inCohort(6), { plan: 'free' }), 'f').value).toBe(false);
  });
});
