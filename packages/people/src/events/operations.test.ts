import { jsonText } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import { MemoryPeople, NOW, reduced, reducedText } from '../memory-people.cases.ts';
import { personUuid } from './event-uuid.ts';

const event = (name: string, properties: object = {}, fields: object = {}) => ({
  event: name,
  distinct_id: 'n',
  properties,
  ...fields,
});
const operationOf = (...args: Parameters<typeof event>) => reduced([event(...args)]).operations[0];
const setOf = (properties: object) => Object.fromEntries(operationOf('$set', properties)!.person!.set);

describe('operations', () => {
  it('I27, I61: cookieless and personless events have no effect', () => {
    const { operations, personless, warnings } = reduced([
      event('e', { $cookieless_mode: true }),
      event('e', {}, { distinct_id: '$posthog_cookieless' }),
      event('e', { $process_person_profile: false, $groups: { company: 'acme' } }),
      event('$groupidentify', { $process_person_profile: false, $group_type: 'a', $group_key: 'b' }),
      event('e', { $process_person_profile: 'false' }),
    ]);
    expect([operations.length, personless]).toEqual([1, 4]);
    expect(warnings).toEqual(['personless_person_event', 'malformed_process_person_profile']);
  });

  it('I62: flag calls and what is not about persons change nothing, a flag call that asks for a person does', () => {
    const names = ['$exception', '$$heatmap', '$snapshot', '$performance_event', '$$client_ingestion_warning'];
    expect(reduced(names.map((name) => event(name, { $set: { a: 1 }, $groups: { g: 1 } })))).toMatchObject({
      operations: [],
      ignored: 5,
    });
    const call = { $feature_flag: 'f', $feature_flag_response: true };
    expect(operationOf('$feature_flag_called', call)).toBeUndefined();
    expect(operationOf('$feature_flag_called', { ...call, $process_person_profile: true })!.person).not.toBeNull();
  });

  it('I110: a flag call counts key, value and errors, personless or not', () => {
    const calls = [
      { $feature_flag: 'f', $feature_flag_response: false, $process_person_profile: false },
      { $feature_flag: 'f', $feature_flag_error: 'flag_missing' },
      { $feature_flag: '' },
      { $feature_flag: 'f', $feature_flag_response: 'blue' },
    ].map((properties) => event('$feature_flag_called', properties));
    expect(reduced(calls).flagCalls.map(({ value, isError }) => [value, isError])).toEqual([
      ['false', false],
      ['(none)', true],
      ['blue', false],
    ]);
  });

  it('I81: what the caller meant by alias is not asked; only the event counts', () => {
    const { merge } = operationOf('$create_alias', { alias: 'u1' }, { distinct_id: 'old' })!.person!;
    expect(merge).toEqual({ source: 'u1', evenIdentified: false, isIdentify: false });
  });

  it('I82: ids that would merge strangers are refused, others are cut to what /flags can name', () => {
    const illegal = ['null', "'None'", '"0"', 'GUEST', 'a\0b', 'a'.repeat(401), ['undefined'].join('')];
    const merges = illegal.map((alias) => operationOf('$create_alias', { alias })!.person!.merge);
    expect(merges).toEqual(illegal.map(() => null));
    expect(operationOf('$create_alias', { alias: 'b' }, { distinct_id: 'a\0' })!.person!.merge).toBeNull();
    expect(operationOf('$create_alias', { alias: 'a'.repeat(400) })!.person!.merge!.source).toBe('a'.repeat(200));
    expect(operationOf('$create_alias', { alias: ' n' })!.person!.merge!.source).toBe(' n');
  });

  it('I22: NUL and lone surrogates are replaced, at any depth; numbers keep their digits; __proto__ is a key', () => {
    const text =
      '{"event":"e","distinct_id":"n\\ud800","properties":{"$set":{"__proto__":1,"a\\u0000":["\\udc00",{"b\\ud83d":9007199254740993}]}}}';
    const people = new MemoryPeople();
    people.apply(reducedText(`[${text}]`).operations);
    const [row] = people.persons.values();
    expect(people.idsOf(row!.id)).toEqual(['n\uFFFD']);
    expect(Object.keys(row!.properties)).toEqual(['__proto__', 'a\uFFFD']);
    expect(jsonText(row!.properties['a\uFFFD']!)).toBe('["\uFFFD",{"b\uFFFD":9007199254740993}]');
  });

  it('I70: lifts event properties under their own and their first name, not over what is set', () => {
    const lifted = setOf({ $browser: 'C', _kx: 'k', $set: { $browser: 'mine' }, other: 1 });
    expect(lifted).toEqual({ $browser: 'mine', _kx: 'k' });
    const { setOnce } = operationOf('e', { $browser: 'C', _kx: 'k', utm_term: null })!.person!;
    expect(Object.fromEntries(setOnce)).toEqual({ $initial_browser: 'C', $initial__kx: 'k' });
    expect(setOf({ $set: 'text', $set_once: [1] })).toEqual({});
    expect(setOf({ $os: null, $os_name: 'iOS' })).toEqual({ $os: null });
    expect(setOf({ $is_server: true, $os_name: 'Linux' })).toEqual({});
  });

  it('I100, I102: group types and keys are texts, numbers or true, up to 400 characters', () => {
    const group = (properties: object) => operationOf('$groupidentify', properties)?.group ?? null;
    expect(group({ $group_type: 'a', $group_key: 5 })).toMatchObject({ type: 'a', key: '5' });
    expect(group({ $group_type: true, $group_key: 'b' })).toMatchObject({ type: 'true', key: 'b' });
    const none = [0, '', null, {}, ['a'], 'a'.repeat(401)];
    expect(none.map((key) => group({ $group_type: 'a', $group_key: key }))).toEqual(none.map(() => null));
    const { groupTypes } = operationOf('e', { $groups: { a: 1, b: null } })!;
    expect(groupTypes).toEqual(['a', 'b']);
    expect(operationOf('e', { $groups: ['a'] })!.groupTypes).toEqual([]);
  });

  it('I152: an event without a uuid has one of its own text, if it has a time', () => {
    const at = { timestamp: '2026-11-30T08:00:00Z', uuid: '' };
    const uuids = [at, at, { ...at, distinct_id: 'm' }, { uuid: '' }].map(
      (fields) => operationOf('$set', {}, fields)!.uuid,
    );
    expect(uuids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(uuids[1]).toBe(uuids[0]);
    expect(uuids[2]).not.toBe(uuids[0]);
    expect(uuids[3]).toBeNull();
  });

  it('I88: the uuid of a person is made of team and distinct id', () => {
    expect(personUuid(1, 'a')).toBe(personUuid(1, 'a'));
    expect(new Set([personUuid(1, 'a'), personUuid(2, 'a'), personUuid(1, 'b')]).size).toBe(3);
  });

  it('I190, I192: leaves out what is too large, too long, or not to be stored', () => {
    const { operations, warnings } = reduced(
      [
        event('$set', { $set: { ['k'.repeat(401)]: 1, email: 'x', $browser: 'C', a: 1 } }),
        event('$set', { $set: { a: 'x'.repeat(300_000) }, $unset: ['b'] }),
      ],
      { ignoreProperties: ['email', '$br*'] },
    );
    expect(operations.map(({ person }) => Object.fromEntries(person!.set))).toEqual([{ a: 1 }, {}]);
    expect(operations[1]!.person!.unset).toEqual(['b']);
    expect(warnings).toEqual(['key_too_long', 'event_too_large']);
  });
});

describe('rows', () => {
  const set = (id: string, properties: object, more: object = {}) =>
    event('$set', { $set: properties, ...more }, { distinct_id: id });
  const merge = event('$identify', { $anon_distinct_id: 'o' });
  const propertiesOf = (people: MemoryPeople, id: string) =>
    people.persons.get(people.distinctIds.get(id)!.personId!)!.properties;

  it('I75: 1 and 1.0 are one value, and so are members in another order', () => {
    const people = new MemoryPeople();
    const first = '{"event":"$set","distinct_id":"n","properties":{"$set":{"a":1.0,"b":{"x":1,"y":[2.50]}}}}';
    people.apply(reducedText(`[${first}]`).operations);
    people.apply(reduced([set('n', { a: 1, b: { y: [2.5], x: 1 } })]).operations);
    expect([...people.persons.values()][0]!.version).toBe(0);
    for (const a of ['9007199254740993', '9007199254740992'])
      people.apply(reducedText(`[${first.replace('1.0', a)}]`).operations);
    expect([...people.persons.values()][0]!.version).toBe(2);
  });

  it('I190: a person has at most 2000 keys; what is over is left out and told', () => {
    const people = new MemoryPeople();
    const many = Object.fromEntries(Array.from({ length: 2500 }, (_, i) => [`k${i}`, i]));
    const { operations } = people.apply(reduced([set('n', many)]).operations);
    const warnings = operations.flatMap((operation) => operation.warnings);
    expect(Object.keys(propertiesOf(people, 'n')).length).toBe(2000);
    expect(warnings).toEqual(['too_many_keys']);
    people.apply(reduced([set('n', { k1: 'new', more: 1 })]).operations);
    expect(propertiesOf(people, 'n')).toMatchObject({ k1: 'new' });
    expect(propertiesOf(people, 'n')).not.toHaveProperty('more');
  });

  it('I77: a merge that is too much drops keys of the source, in byte order, but none of those that are kept', () => {
    const people = new MemoryPeople();
    const kilobytes = (n: number) => 'x'.repeat(n * 1024);
    const sent = [
      set('n', { own: kilobytes(200) }),
      set('n', { own2: kilobytes(200) }),
      set('o', { a: kilobytes(100), email: kilobytes(100) }),
      set('o', { z: 1, b: kilobytes(10) }),
    ];
    people.apply(reduced(sent).operations);
    const { operations } = people.apply(reduced([merge]).operations);
    const warnings = operations.flatMap((operation) => operation.warnings);
    expect(Object.keys(propertiesOf(people, 'n'))).toEqual(['own', 'own2', 'email', 'z', 'b']);
    expect(warnings).toEqual(['person_too_large']);
  });

  it('I78: tells the hour of the newest event of what is written', () => {
    const people = new MemoryPeople();
    const { changes } = people.apply(reduced([set('n', { a: 1 }), set('n', { a: 2 })]).operations);
    expect(changes.newPersons[0]!.lastSeenAt).toBe(NOW - (NOW % 3_600_000));
  });

  it('I103, I104: a group is written when it changes, and is of one type', () => {
    const people = new MemoryPeople();
    const group = (type: string, groupSet: object, timestamp = '2026-11-30T08:00:00Z') =>
      event('$groupidentify', { $group_type: type, $group_key: 'x', $group_set: groupSet }, { timestamp });
    people.apply(reduced([group('a', { n: 1 }), group('b', { n: '1' })]).operations);
    people.apply(reduced([group('a', { n: '1' }, '2026-11-29T08:00:00Z'), group('b', { n: '1' })]).operations);
    expect([...people.groups.values()].map(({ version, properties }) => [version, properties])).toEqual([
      [2, { n: '1' }],
      [1, { n: '1' }],
    ]);
    expect(people.groups.get('0:x')!.createdAt).toBe(Date.UTC(2026, 10, 29, 8));
  });
});
