import type { StoredFacts } from '@halyard/data';
import type { JsonValue } from '@halyard/json';
import { isRecord, kindOf, knownKeys } from './arguments.ts';
import { jsonForm } from './json-form.ts';

/** Beyond any store that one would hand over as an object. */
const LIMITS = { depth: 128, values: 50_000_000 };

type Kind = 'string' | 'number' | 'strings' | 'object';

const REQUIRED: Readonly<Record<keyof StoredFacts, Readonly<Record<string, Kind>>>> = {
  persons: { distinctIds: 'strings', properties: 'object' },
  groups: { index: 'number', key: 'string', properties: 'object' },
  staticMembers: { cohortId: 'number', distinctIds: 'strings' },
  stickyKeys: { distinctId: 'string', flagKey: 'string', hashKey: 'string' },
};
const KINDS: Readonly<Record<Kind, readonly [is: (value: unknown) => boolean, expected: string]>> = {
  string: [(value) => typeof value === 'string', 'a string'],
  number: [Number.isInteger, 'a whole number'],
  strings: [(value) => Array.isArray(value) && value.every((one) => typeof one === 'string'), 'a list of strings'],
  object: [isRecord, 'an object'],
};

/**
 * A copy of the facts, with properties in the form of JSON.
 *
 * @throws TypeError naming the entry and the key that cannot be used
 */
export function toStoredFacts(given: StoredFacts): StoredFacts {
  if (!isRecord(given)) throw new TypeError(`facts must be an object such as { persons: [] }, not ${kindOf(given)}`);
  const facts = jsonForm(given, 'facts', LIMITS) as Readonly<Record<string, JsonValue>>;
  knownKeys(facts, Object.keys(REQUIRED), 'facts');
  for (const [name, entries] of Object.entries(facts)) {
    if (!Array.isArray(entries)) throw new TypeError(`facts.${name} must be a list, not ${kindOf(entries)}`);
    for (const [index, entry] of (entries as readonly unknown[]).entries()) {
      checkEntry(entry, `facts.${name}[${index}]`, REQUIRED[name as keyof StoredFacts]);
    }
  }
  return facts;
}

function checkEntry(entry: unknown, place: string, required: Readonly<Record<string, Kind>>): void {
  if (!isRecord(entry)) throw new TypeError(`${place} must be an object, not ${kindOf(entry)}`);
  for (const [key, kind] of Object.entries(required)) {
    const [is, expected] = KINDS[kind];
    if (!is(entry[key])) throw new TypeError(`${place}.${key} must be ${expected}, not ${kindOf(entry[key])}`);
  }
}
