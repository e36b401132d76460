import fc from 'fast-check';
import { createHalyard, type PropertyInput } from 'halyard';
import { type JsonObject, type JsonValue, parseJson, textOf } from '@halyard/json';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Door } from './doors/door.ts';
import { openDoor } from './doors/doors.ts';

/*
 * An SDK sends what `JSON.stringify` writes; the Node library is given the value itself. One input, one answer.
 */

let http: Door;
beforeAll(async () => {
  http = await openDoor('http');
});
afterAll(() => http.close());

it('the Node library answers for a value as the HTTP door does for its JSON (E95)', async () => {
  const values = [...ODD, ...fc.sample(jsonLike(), 80)];
  const cases = values.map((value) => {
    const written = parseJson(JSON.stringify({ k: value })) as JsonObject;
    return { value, written, data: caseOf(written) };
  });
  await http.prepare(cases.map(({ data }) => data));
  let on = 0;
  for (const { value, written, data } of cases) {
    const answer = await http.answer(data);
    if ('skipped' in answer) throw new Error(answer.skipped);
    const library = await createHalyard({ definitions: data });
    const flags = library.evaluateSync({ distinctId: 'u', personProperties: { k: value as PropertyInput } });
    const answers = new Map([...answer.flags].map(([key, { enabled }]) => [key, enabled]));
    expect([written, new Map(Object.entries(flags.values()))]).toEqual([written, answers]);
    if (flags.isEnabled('same text')) on++;
  }
  // Every value that is there was compared with its own text; what is left is what JSON leaves out.
  expect(on).toBe(cases.filter(({ written }) => 'k' in written).length);
});

it('the Node library takes what the HTTP door takes, and no deeper (H37)', async () => {
  const nested = (levels: number): JsonValue => (levels === 0 ? 1 : [nested(levels - 1)]);
  const [deepest, deeper] = [126, 127].map((levels) => ({ k: nested(levels) }));
  const library = await createHalyard({ definitions: caseOf({}) });
  const ask = (personProperties: object): unknown =>
    library.evaluateSync({ distinctId: 'u', personProperties: personProperties as Record<string, PropertyInput> });
  const cases = [deepest, deeper].map((properties) => caseOf(properties as JsonObject));
  await http.prepare(cases);
  expect(await http.answer(cases[0] as JsonObject)).toMatchObject({ errors: false });
  expect(() => ask(deepest as object)).not.toThrow();
  await expect(http.answer(cases[1] as JsonObject)).rejects.toThrow('status 400');
  expect(() => ask(deeper as object)).toThrow('personProperties.k[0]');
});

const OPERATORS = [
  ['is_set', ''],
  ['is_not_set', ''],
  ['exact', '0'],
  ['exact', '-0.0'],
  ['exact', 'null'],
  ['is_not', '{}'],
  ['gt', 1],
  ['lte', 1],
  ['icontains', 'e'],
  ['icontains', '.'],
  ['regex', '^[0-9]+$'],
  ['is_date_after', '1990-01-01'],
] as const;

/** A project that looks at `k` in every way, its own text included. */
function caseOf(properties: JsonObject): JsonObject {
  const probes: (readonly [key: string, operator: string, value: JsonValue])[] = OPERATORS.map(
    ([operator, value]) => [`${operator} ${value}`, operator, value] as const,
  );
  const { k } = properties;
  if (k !== undefined) probes.push(['same text', 'exact', textOf(k)]);
  const flags = probes.map(([key, operator, value], i) => ({
    id: i + 1,
    key,
    active: true,
    filters: { groups: [{ properties: [{ key: 'k', type: 'person', operator, value }], rollout_percentage: 100 }] },
  }));
  return { flags, request: { distinct_id: 'u', person_properties: properties } };
}

const ODD: readonly unknown[] = [
  -0,
  2 ** 53,
  1e16,
  -1e17,
  1e21,
  Number.NaN,
  new URL('https://a.b/'),
  new Date(0),
  Object('boxed'),
  { toJSON: () => 'json' },
  [undefined, -0],
];

function jsonLike(): fc.Arbitrary<unknown> {
  const scalar = fc.oneof(
    fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
    fc.double(),
    fc.integer(),
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.date({ noInvalidDate: false }),
  );
  const list = fc.array(scalar, { maxLength: 3 });
  return fc.oneof(
    scalar,
    scalar.map((value) => ({ toJSON: () => value })),
    list,
    fc.record({ a: scalar, b: list }),
  );
}
