import * as fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { type JsonObject, type JsonValue, parseJson, textOf } from '@halyard/json';
import { type RequestFields, readFields } from './request-fields.ts';
import { Failure } from './wire/failure.ts';

function read(body: string | JsonObject): RequestFields {
  const fields = readFields(typeof body === 'string' ? (parseJson(body) as JsonObject) : body);
  if (fields instanceof Failure) throw new Error(fields.detail);
  return fields;
}

function problem(body: JsonObject): string {
  const fields = readFields(body);
  return fields instanceof Failure ? `${fields.code}: ${fields.detail}` : 'accepted';
}

/** Every field with all its names, a value that it takes, and the fields of the result that show it. */
const FIELDS: readonly (readonly [keyof RequestFields, readonly string[], JsonValue])[] = [
  ['token', ['token', 'api_key', '$token'], 'phc_x'],
  ['distinctId', ['distinct_id', '$distinct_id'], 'user-1'],
  ['groups', ['groups', '$groups'], { workspace: 'ws-9', project: 5 }],
  ['personProperties', ['person_properties', '$properties'], { plan: 'pro' }],
  ['groupProperties', ['group_properties', '$group_properties'], { workspace: { tier: 'gold' } }],
  ['anonDistinctId', ['anon_distinct_id', '$anon_distinct_id'], 'anon-1'],
  ['deviceId', ['device_id', '$device_id'], 'device-1'],
  ['flagKeys', ['flag_keys', 'flag_keys_to_evaluate'], ['a', 'b']],
  ['evaluationContexts', ['evaluation_contexts', 'evaluation_environments'], ['checkout']],
];

describe('names', () => {
  const cases = FIELDS.flatMap(([field, names, value]) => names.map((name) => [name, field, value] as const));

  it.each(cases)('H40: %s is read as %s', (name, field, value) => {
    expect(read({ [name]: value })[field]).toEqual(value);
  });

  it.each(FIELDS)('H41 (R): %s takes the first present one of %j', (field, names, value) => {
    const all: JsonObject = Object.fromEntries(names.map((name) => [name, value] as const).reverse());
    const other = Array.isArray(value) ? ['other'] : typeof value === 'object' ? {} : 'other';
    const [first, second] = names as [string, string];
    expect(read({ ...all, [second]: other })[field]).toEqual(value);
    expect(read({ ...all, [first]: null })[field]).toEqual(value);
  });

  it('H40: null means absent, unknown fields are ignored', () => {
    const nothing = read({});
    const nulls = Object.fromEntries(FIELDS.flatMap(([, names]) => names).map((name) => [name, null]));
    expect(read({ ...nulls, disable_flags: null, evaluation_runtime: null, sent_at: 5, $lib: [] })).toEqual(nothing);
    expect(nothing.disableFlags).toBe(false);
    expect(nothing.token).toBeUndefined();
  });

  it('fields come from the body itself, never from a prototype key', () => {
    expect(
      read('{"__proto__":{"token":"stolen","distinct_id":"x"},"constructor":{"prototype":{"token":"y"}}}'),
    ).toEqual(read({}));
  });
});

describe('types', () => {
  const wrong: readonly (readonly [string, JsonValue])[] = [
    ...['token', 'api_key', '$token', 'anon_distinct_id', '$device_id', 'evaluation_runtime', 'timezone'].flatMap(
      (name) => [1, true, [], {}].map((value) => [name, value] as const),
    ),
    ...['cookieless_hash_extra', 'ip_address'].map((name) => [name, 5] as const),
    ...[true, [], {}].map((value) => ['distinct_id', value] as const),
    ...['groups', 'person_properties', 'group_properties', 'override_flags_definitions'].flatMap((name) =>
      ['x', 1, false, []].map((value) => [name, value] as const),
    ),
    ['$group_properties', { workspace: 'gold' }],
    ['group_properties', { workspace: ['gold'] }],
    ...['flag_keys', 'flag_keys_to_evaluate', 'evaluation_contexts', 'evaluation_environments'].flatMap((name) =>
      ['x', 1, {}, [1], ['a', null], [['a']]].map((value) => [name, value] as const),
    ),
    ...['disable_flags', 'geoip_disable'].flatMap((name) =>
      ['true', 1, 0, [], {}].map((value) => [name, value] as const),
    ),
  ];

  it.each(wrong)('H40: %s cannot be %j', (name, value) => {
    expect(problem({ [name]: value })).toContain(`field_type: The field "${name}" must be `);
  });

  it('H40: an exact number is a number, not an object', () => {
    expect(problem(parseJson('{"groups":1.0}') as JsonObject)).toMatch(/^field_type/);
    expect(problem(parseJson('{"group_properties":{"a":1e3}}') as JsonObject)).toMatch(/^field_type/);
  });
});

describe('distinct id', () => {
  it.each([
    ['42', '42'],
    ['-1.5', '-1.5'],
    ['1.0', '1.0'],
    ['9007199254740993', '9007199254740993'],
    ['""', ''],
  ])('H45: %s becomes %j', (json, expected) => {
    expect(read(`{"distinct_id":${json}}`).distinctId).toBe(expected);
  });

  it('H45: more than 200 bytes are cut to the first 200 characters', () => {
    expect(read({ distinct_id: 'x'.repeat(200) }).distinctId).toHaveLength(200);
    expect(read({ distinct_id: 'x'.repeat(10_240) }).distinctId).toBe('x'.repeat(200));
  });

  it('H45: bytes decide whether to cut, characters where', () => {
    expect(read({ distinct_id: 'ü'.repeat(150) }).distinctId).toBe('ü'.repeat(150));
    expect(read({ distinct_id: '🚩'.repeat(201) }).distinctId).toBe('🚩'.repeat(200));
    expect(read({ distinct_id: `${'🚩'.repeat(199)}ab` }).distinctId).toBe(`${'🚩'.repeat(199)}a`);
  });

  it('H45: a lone surrogate counts as one character', () => {
    expect(read({ distinct_id: '\ud800'.repeat(300) }).distinctId).toBe('\ud800'.repeat(200));
  });
});

describe('device id', () => {
  it('H40: falls back to person_properties.$device_id', () => {
    expect(read({ person_properties: { $device_id: 'd' } }).deviceId).toBe('d');
    expect(read({ device_id: '', $properties: { $device_id: 'd' } }).deviceId).toBe('d');
    expect(read({ device_id: 'own', person_properties: { $device_id: 'd' } }).deviceId).toBe('own');
  });

  it('H40: empty text and other types count as absent', () => {
    expect(read({ device_id: '', person_properties: { $device_id: '' } }).deviceId).toBeUndefined();
    expect(read({ person_properties: { $device_id: 5 } }).deviceId).toBeUndefined();
  });
});

describe('runtime', () => {
  it.each([
    ['client', 'client'],
    ['SERVER', 'server'],
    ['All', 'all'],
    ['mobile', 'all'],
    ['', 'all'],
  ])('H40: evaluation_runtime %j is %s', (word, runtime) => {
    expect(read({ evaluation_runtime: word }).runtime).toBe(runtime);
  });
});

describe('against a plain schema', () => {
  const text = v.nullish(v.string());
  const flag = v.nullish(v.boolean());
  const map = v.custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value));
  const maps = v.pipe(
    map,
    v.check((value) => Object.values(value).every((member) => v.is(map, member))),
  );
  const list = v.nullish(v.array(v.string()));
  const schema = v.object({
    token: text,
    distinct_id: v.nullish(v.union([v.string(), v.number()])),
    groups: v.nullish(map),
    person_properties: v.nullish(map),
    group_properties: v.nullish(maps),
    anon_distinct_id: text,
    device_id: text,
    flag_keys: list,
    disable_flags: flag,
    geoip_disable: flag,
    evaluation_contexts: list,
    evaluation_runtime: text,
    timezone: text,
    cookieless_hash_extra: text,
    ip_address: text,
    override_flags_definitions: v.nullish(map),
  });

  const value = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom<JsonValue>(null, 'text', '', 5, true, false, [], ['a'], [1], {}, { a: {} }),
    },
    fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue>,
  );
  const body = fc.dictionary(fc.constantFrom(...Object.keys(schema.entries), 'other'), value, { maxKeys: 4 });

  it('H40: the hand-written reader accepts exactly what the schema accepts, and reads the same', () => {
    fc.assert(
      fc.property(body, (candidate) => {
        const expected = v.safeParse(schema, candidate);
        const fields = readFields(candidate);
        expect(fields instanceof Failure).toBe(!expected.success);
        if (fields instanceof Failure || !expected.success) return;
        const plain = expected.output;
        expect(fields.token).toBe(plain.token ?? undefined);
        expect(fields.distinctId).toBe(
          (plain.distinct_id ?? null) === null ? undefined : textOf(plain.distinct_id as JsonValue),
        );
        expect(fields.groups).toEqual(plain.groups ?? undefined);
        expect(fields.personProperties).toEqual(plain.person_properties ?? undefined);
        expect(fields.groupProperties).toEqual(plain.group_properties ?? undefined);
        expect(fields.flagKeys).toEqual(plain.flag_keys ?? undefined);
        expect(fields.disableFlags).toBe(plain.disable_flags ?? false);
      }),
      { numRuns: 2000 },
    );
  });
});
