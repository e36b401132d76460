import { type JsonValue, jsonText, parseJson } from '@halyard/json';
import type { Operation } from '@halyard/people';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { operationsText, parseOperations } from './operation-text.ts';

/** As requests bring them: numbers of any length, keys of any name. */
const value = fc
  .oneof(fc.json(), fc.constantFrom('12345678901234567890.10', '1e400', '[-0,1.0]', '{"__proto__":{"a":null}}'))
  .map((text) => parseJson(text));

const members = fc
  .array(fc.tuple(fc.oneof(fc.string(), fc.constant('__proto__')), value))
  .map((list) => new Map<string, JsonValue>(list));

const operation: fc.Arbitrary<Operation> = fc.record({
  uuid: fc.option(fc.uuid()),
  time: fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }),
  groupTypes: fc.array(fc.string()),
  person: fc.option(
    fc.record({
      distinctId: fc.string(),
      isPersonEvent: fc.boolean(),
      set: members,
      setOnce: members,
      unset: fc.array(fc.string()),
      merge: fc.option(
        fc.record(
          { source: fc.string(), evenIdentified: fc.boolean(), isIdentify: fc.boolean() },
          { noNullPrototype: true },
        ),
      ),
    }),
  ),
  group: fc.option(fc.record({ type: fc.string(), key: fc.string(), set: members })),
});

describe('operations on their way from one thread to another', () => {
  it('I22: are the same at its end, numbers to the last digit', () => {
    fc.assert(
      fc.property(fc.array(operation), (operations) => {
        const there = parseOperations(operationsText(operations));
        expect(operationsText(there)).toBe(operationsText(operations));
        expect(there.map(told)).toEqual(operations.map(told));
      }),
    );
  });

  it('I22: nest as deep as a request may', () => {
    const deep = parseJson('['.repeat(120) + ']'.repeat(120));
    const set = new Map([['deep', deep]]);
    const person = { distinctId: 'n', isPersonEvent: true, set, setOnce: new Map(), unset: [], merge: null };
    const [there] = parseOperations(operationsText([{ uuid: null, time: 0, groupTypes: [], person, group: null }]));
    expect(jsonText(there?.person?.set.get('deep') ?? null)).toBe(jsonText(deep));
  });
});

/** With its properties as lists of texts, which can be compared. */
function told({ person, group, ...rest }: Operation): object {
  const texts = (some: ReadonlyMap<string, JsonValue> | undefined) =>
    some === undefined ? [] : [...some].map(([key, inner]) => [key, jsonText(inner)]);
  return {
    ...rest,
    group: group === null ? null : { ...group, set: texts(group.set) },
    person: person === null ? null : { ...person, set: texts(person.set), setOnce: texts(person.setOnce) },
  };
}
