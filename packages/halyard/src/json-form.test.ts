import fc from 'fast-check';
import { jsonText, parseJson } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import { createHalyard, type Flags, type Halyard, type PropertyInput } from './index.ts';

type Filter = { key: string; type: 'person'; operator: string; value: unknown };

const filter = (operator: string, value: unknown = '', key = 'k'): Filter => ({ key, type: 'person', operator, value });
const flag = (id: number, key: string, ...properties: Filter[]) => ({
  id,
  key,
  active: true,
  filters: { groups: [{ properties, rollout_percentage: 100 }] },
});
const withFilter = (...filters: Filter[]): Promise<Halyard> =>
  createHalyard({ definitions: { flags: [flag(1, 'f', ...filters)] } });
const ask = (halyard: Halyard, personProperties: unknown): Flags =>
  halyard.evaluateSync({ distinctId: 'u', personProperties: personProperties as Record<string, PropertyInput> });

class Money {
  readonly #cents = 1250;
  toJSON(): string {
    return `${this.#cents / 100} EUR`;
  }
}
class Point {
  readonly x = 1;
  get inherited(): number {
    return 2;
  }
}

describe('a property has the value that JSON.stringify writes for it', () => {
  it.each<[string, unknown, string]>([
    ['what toJSON gives', new Money(), '12.5 EUR'],
    ['what the toJSON of a function gives', Object.assign(() => 1, { toJSON: () => 'called' }), 'called'],
    ['a URL', new URL('https://a.b/'), 'https://a.b/'],
    ['a date', new Date(Date.UTC(2026, 0, 2)), '2026-01-02T00:00:00.000Z'],
    ['an invalid date', new Date(Number.NaN), 'null'],
    ['a boxed string', Object('x'), 'x'],
    ['a boxed number', Object(3), '3'],
    ['a boxed boolean', Object(true), 'true'],
    ['a boxed big integer', Object(5n), '5'],
    ['minus zero', -0, '0'],
    ['not-a-number', Number.NaN, 'null'],
    ['infinity', Number.POSITIVE_INFINITY, 'null'],
    ['an integer beyond 2^53, which is no fraction (E95)', 2 ** 60, '1152921504606847000'],
    ['a big integer, digit by digit', 9_007_199_254_740_993n, '9007199254740993'],
    ['a list with holes and undefined', Object.assign([undefined], { 2: new Money() }), '[null,null,"12.5 EUR"]'],
    ['an object of a class: its own properties', new Point(), '{"x":1}'],
    ['bytes', Buffer.from('a'), '{"data":[97],"type":"Buffer"}'],
    ['what toJSON gives, deep inside', { a: [{ b: new Money(), c: undefined }] }, '{"a":[{"b":"12.5 EUR"}]}'],
    ['a key that is called __proto__', JSON.parse('{"__proto__":-0}'), '{"__proto__":0}'],
  ])('%s', async (_name, value, text) => {
    const halyard = await withFilter(filter('exact', text));
    expect(ask(halyard, { k: value }).value('f')).toBe(true);
    // A second time on the same object, and beside values that need no conversion.
    expect(ask(halyard, { a: 'b', k: value, c: 1 }).value('f')).toBe(true);
  });

  it('tells toJSON the key', async () => {
    const halyard = await withFilter(filter('exact', '["k.0"]'));
    const teller = (key: string) => ({ toJSON: (own: string) => `${key}.${own}` });
    expect(ask(halyard, { k: [teller('k')] }).value('f')).toBe(true);
  });

  it('leaves out what is undefined', async () => {
    const halyard = await withFilter(filter('is_not_set'));
    expect(ask(halyard, { k: undefined }).value('f')).toBe(true);
    expect(ask(halyard, { k: { toJSON: () => undefined } }).value('f')).toBe(true);
    expect(ask(halyard, { k: null }).value('f')).toBe(false);
  });

  it('reads an object of properties that has a toJSON of its own', async () => {
    const halyard = await withFilter(filter('exact', 'pro'));
    expect(ask(halyard, { toJSON: () => ({ k: 'pro' }) }).value('f')).toBe(true);
    expect(() => ask(halyard, new Money())).toThrow(
      'personProperties must be an object, but its toJSON() gives a string',
    );
  });

  it('reads definitions and stored facts in the same way', async () => {
    const halyard = await createHalyard({
      definitions: { flags: [flag(1, 'f', filter('exact', new Money()))] },
      facts: { persons: [{ distinctIds: ['u'], properties: { k: new Money() as unknown as string } }] },
    });
    expect((await halyard.evaluate({ distinctId: 'u' })).value('f')).toBe(true);
  });

  it('gives the answer of JSON.parse(JSON.stringify(value)), whatever the value', async () => {
    const halyard = await createHalyard({ definitions: { flags: PROBES } });
    await fc.assert(
      fc.asyncProperty(jsonLike(), async (value) => {
        const written = JSON.stringify({ k: value });
        const seen = ask(halyard, { k: value });
        expect(seen.values()).toEqual(ask(halyard, JSON.parse(written)).values());
        // Not only equal to itself: the text compared is that of the JSON.
        const json = parseJson(written);
        const { conditions } = await halyard.explain('set', {
          distinctId: 'u',
          personProperties: { k: value as PropertyInput },
        });
        const read = conditions[0]?.filters[0]?.seen;
        expect(jsonText(read === undefined ? {} : { k: read })).toBe(jsonText(json));
      }),
      { numRuns: 400 },
    );
  });
});

/** Callers throw whatever they like. */
function thrown(value: unknown): never {
  throw value;
}

describe('a property without a JSON form is refused by argument and key', () => {
  const loop: unknown[] = [];
  loop.push({ again: loop });
  const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const endless = {
    toJSON: () => ({ deeper: endless }),
  };

  it.each<[string, unknown, string]>([
    [
      'a Map',
      { k: new Map([['a', 1]]) },
      'personProperties.k is a Map, which JSON would write as {}: pass Object.fromEntries(map)',
    ],
    [
      'a Set in a list',
      { k: [new Set(['a'])] },
      'personProperties.k[0] is a Set, which JSON would write as {}: pass [...set]',
    ],
    [
      'a promise',
      { k: Promise.resolve('x') },
      'personProperties.k is a Promise, which JSON would write as {}: await it first',
    ],
    ['a pattern', { k: /x/ }, 'personProperties.k is a RegExp, which JSON would write as {}: pass its source'],
    [
      'an error',
      { k: new Error('x') },
      'personProperties.k is an Error, which JSON would write as {}: pass its message',
    ],
    ['a function', { k: () => 1 }, 'personProperties.k is a function, which has no JSON form: pass what it returns'],
    ['a symbol', { a: { 'b c': Symbol('x') } }, 'personProperties.a["b c"] is a symbol, which has no JSON form'],
    ['a boxed symbol', { k: Object(Symbol('x')) as unknown }, 'personProperties.k is a symbol'],
    ['a list in itself', { k: loop }, 'personProperties.k[0].again contains itself'],
    ['a toJSON without end', { k: endless }, 'is nested deeper than'],
    ['nesting', { k: deep(200) }, 'is nested deeper than 126 levels'],
    [
      'a list of a thousand million holes',
      { k: Array.from({ length: 0 }, () => 0).concat(Array(1e9)) },
      'is too large',
    ],
    [
      'a getter that throws',
      {
        k: {
          get a() {
            throw new Error('no access');
          },
        },
      },
      'personProperties.k.a cannot be read: no access',
    ],
    [
      'a getter at the top',
      {
        get k() {
          return thrown('odd');
        },
      },
      'personProperties cannot be read: odd',
    ],
    [
      'a toJSON that throws',
      {
        k: {
          toJSON() {
            throw new Error('not now');
          },
        },
      },
      'personProperties.k cannot be read: not now',
    ],
    ['a revoked proxy', { k: revoked.proxy }, 'personProperties.k cannot be read: '],
    ['a revoked proxy for all properties', revoked.proxy, 'personProperties cannot be read: '],
    [
      'a proxy that refuses its keys',
      {
        k: new Proxy(
          {},
          {
            ownKeys() {
              return thrown(null);
            },
          },
        ),
      },
      'personProperties.k cannot be read: null',
    ],
    ['a Map for all properties', new Map(), 'personProperties is a Map, which JSON would write as {}'],
  ])('%s', async (_name, personProperties, message) => {
    const halyard = await withFilter(filter('is_set'));
    expect(() => ask(halyard, personProperties)).toThrow(TypeError);
    expect(() => ask(halyard, personProperties)).toThrow(message);
    expect(ask(halyard, { k: 'a' }).value('f')).toBe(true); // and the next call is none the worse
  });

  it('in groups and group properties too', async () => {
    const halyard = await withFilter(filter('is_set'));
    const wrong = { distinctId: 'u', groups: { company: new Map() as never } };
    expect(() => halyard.evaluateSync(wrong)).toThrow('groups.company is a Map');
    const deeper = { distinctId: 'u', groupProperties: { company: { k: new Set() as never } } };
    expect(() => halyard.evaluateSync(deeper)).toThrow('groupProperties.company.k is a Set');
  });

  it('in definitions', async () => {
    const definitions = { flags: [flag(1, 'f', filter('exact', new Map()))] };
    await expect(createHalyard({ definitions })).rejects.toThrow(
      'definitions.flags[0].filters.groups[0].properties[0].value is a Map',
    );
  });

  it('reads each property once, so that none is another when it is compared', async () => {
    const halyard = await withFilter(filter('exact', 'first'), filter('icontains', 'first'));
    let reads = 0;
    const shifty = {
      get k() {
        return ++reads === 1 ? 'first' : Symbol('later');
      },
    };
    expect(ask(halyard, shifty).value('f')).toBe(true);
    expect(reads).toBe(1);
    const target = { k: 'first' };
    const proxy = new Proxy(target, { get: (_, key) => (key === 'k' && ++reads === 2 ? 'first' : 'later') });
    expect(ask(halyard, proxy).value('f')).toBe(true);
  });

  it('leaves the caller’s object alone, and is not moved by it while facts are loaded', async () => {
    const halyard = await createHalyard({
      definitions: { flags: [flag(1, 'f', filter('exact', 'pro'), filter('is_set', '', 'stored'))] },
      facts: { persons: [{ distinctIds: ['u'], properties: { stored: 1 } }] },
    });
    const personProperties: Record<string, PropertyInput> = Object.freeze({ k: 'pro', since: new Date(0) });
    expect((await halyard.evaluate({ distinctId: 'u', personProperties })).value('f')).toBe(true);
    const changing: Record<string, PropertyInput> = { k: 'pro' };
    const pending = halyard.evaluate({ distinctId: 'u', personProperties: changing });
    changing['k'] = 'free';
    expect((await pending).value('f')).toBe(true);
  });
});

const PROBES = [
  ...['0', '-0.0', 'null', '{}', '[]', 'true', '', '1', '[null]', '1.0'].map((text, i) =>
    flag(20 + i, `is ${text}`, filter('exact', text)),
  ),
  flag(1, 'set', filter('is_set')),
  flag(2, 'not set', filter('is_not_set')),
  ...['gt', 'lt', 'gte', 'lte'].map((operator, i) => flag(3 + i, operator, filter(operator, 1))),
  ...['"', 'e', '.', '0', 'a', '{', '['].map((part, i) => flag(10 + i, `has ${part}`, filter('icontains', part))),
  flag(40, 'date', filter('is_date_before', '2020-01-01')),
  flag(41, 'text', filter('regex', '^[^0-9]*$')),
];

/** Anything that JSON.stringify gives a value for, or leaves out. */
function jsonLike(): fc.Arbitrary<unknown> {
  const scalar = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.double(),
    fc.constantFrom(-0, 2 ** 53, 2 ** 60, 1e16, 1e21, 1e22, -1e17, 0.1, 1e-7),
    fc.integer(),
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.date({ noInvalidDate: false }),
    fc.webUrl().map((url) => new URL(url)),
    fc.oneof(fc.string(), fc.double(), fc.boolean()).map((value) => Object(value) as unknown),
  );
  return fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      scalar,
      scalar.map((value) => ({ toJSON: () => value })),
      // What toJSON gives is not asked for its own toJSON, which would be a function left over.
      tie('value').map((value) => ({ toJSON: () => jsonOf(value) })),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.array(tie('value'), { maxLength: 4 }).map((list) => Object.assign([...list], { length: list.length + 1 })),
      fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'length')), tie('value')),
      fc.record({ x: tie('value'), y: tie('value') }).map((fields) => Object.assign(new Point(), fields)),
    ),
  })).value;
}

function jsonOf(value: unknown): unknown {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}
