import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryPeople, NOW, reduced } from './memory-people.cases.ts';

const ids = fc.constantFrom('a', 'b', 'c', 'd', 'undefined');
const value = fc.constantFrom<unknown>(1, 2, null, 'x', { deep: [1] });
const keys = fc.constantFrom('p', 'q', '$browser', '$initial_browser', '__proto__', 'toString');
const members = fc.array(fc.tuple(keys, value), { maxLength: 3 }).map((list) => Object.fromEntries(list));

const event = fc.record({
  event: fc.constantFrom('$pageview', '$set', '$identify', '$create_alias', '$merge_dangerously', '$groupidentify'),
  distinct_id: ids,
  uuid: fc.integer({ min: 0, max: 60 }).map((n) => `0190a1b2-0000-7000-8000-${String(n).padStart(12, '0')}`),
  timestamp: fc.integer({ min: 0, max: 9 }).map((day) => new Date(NOW - day * 86_400_000).toISOString()),
  properties: fc.record(
    {
      $set: members,
      $set_once: members,
      $unset: fc.array(keys, { maxLength: 2 }),
      $anon_distinct_id: ids,
      alias: ids,
      $browser: value,
      $process_person_profile: fc.boolean(),
      $group_type: fc.constantFrom('company', 'team'),
      $group_key: fc.constantFrom('acme', 1),
      $group_set: members,
    },
    { requiredKeys: [] },
  ),
});

/** All rows but versions, which count writes (I76), under names that do not depend on the order of inserts. */
function stateOf(people: MemoryPeople): unknown {
  const persons = [...people.persons.values()].map(({ id, uuid, properties, isIdentified, createdAt }) => {
    const keysOf = Object.fromEntries(people.stickyKeys.get(id) ?? []);
    return { ids: people.idsOf(id), uuid, properties, isIdentified, createdAt, keysOf };
  });
  const types = new Map([...people.groupTypes].map(([type, index]) => [String(index), type]));
  const groups = [...people.groups].map(([name, { properties, createdAt }]) => {
    const [index = '', key] = name.split(':');
    return { type: types.get(index), key, properties, createdAt };
  });
  const byText = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  return { persons: persons.sort(byText), groups: groups.sort(byText), types: [...people.groupTypes.keys()].sort() };
}

function empty(): MemoryPeople {
  const people = new MemoryPeople();
  people.continuityFlags = ['continuous'];
  return people;
}

describe('batches', () => {
  it('I76, I132: end in the same state, however events are cut into batches', () => {
    fc.assert(
      fc.property(
        fc.array(event, { minLength: 1, maxLength: 30 }),
        fc.array(fc.nat(6), { maxLength: 30 }),
        (sent, cuts) => {
          const { operations } = reduced(sent);
          const one = empty();
          for (const operation of operations) one.apply([operation]);
          const batched = empty();
          for (let from = 0, i = 0; from < operations.length; i++) {
            const to = from + (cuts[i] ?? 6) + 1;
            batched.apply(operations.slice(from, to));
            from = to;
          }
          expect(stateOf(batched)).toEqual(stateOf(one));
          // Sending everything again changes nothing, and no id is left without its person, no person without an id.
          const versions = [...one.persons.values()].map(({ version }) => version);
          one.apply(operations);
          expect([...one.persons.values()].map(({ version }) => version)).toEqual(versions);
          for (const { personId } of batched.distinctIds.values())
            expect(batched.persons.has(personId ?? '')).toBe(true);
          for (const id of batched.persons.keys()) expect(batched.idsOf(id)).not.toEqual([]);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('write in one order, whatever the order of the events (I140)', () => {
    const people = empty();
    const sent = ['é', 'b', '\u{1f600}', 'a', '\uffee'].map((id) => ({ event: '$set', distinct_id: id }));
    const { changes } = people.apply(reduced(sent).operations);
    expect(changes.attached.map(({ distinctId }) => distinctId)).toEqual(['a', 'b', 'é', '\uffee', '\u{1f600}']);
  });

  it('a new person of $identify gets the key of the anonymous id, and no other does (I91)', () => {
    const people = empty();
    const alias = { event: '$create_alias', distinct_id: 'v', properties: { alias: 'w' } };
    const identify = { event: '$identify', distinct_id: 'u', properties: { $anon_distinct_id: 'anon' } };
    people.apply(reduced([alias, identify]).operations);
    const keysOf = (id: string) =>
      Object.fromEntries(people.stickyKeys.get(people.distinctIds.get(id)!.personId!) ?? []);
    expect([keysOf('u'), keysOf('v')]).toEqual([{ continuous: 'anon' }, {}]);
  });
});
