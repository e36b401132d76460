import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExactNumber } from './exact-number.ts';
import { parseExact } from './parse-exact.ts';
import { parseJson, TooDeep, TooManyValues } from './parse-json.ts';
import { textOf } from './text.ts';

/** The same value with every ExactNumber replaced by its double. */
function plain(value: unknown): unknown {
  if (value instanceof ExactNumber) return value.value;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

function outcomeOf(parse: () => unknown): unknown {
  try {
    return { value: plain(parse()) };
  } catch (error) {
    return (error as Error).name;
  }
}

describe('numbers', () => {
  it.each([
    ['1', '1'],
    ['0', '0'],
    ['-7', '-7'],
    ['1.0', '1.0'],
    ['0.0', '0.0'],
    ['-0', '-0.0'],
    ['-0.0', '-0.0'],
    ['3.10', '3.1'],
    ['2.50', '2.5'],
    ['1e3', '1000.0'],
    ['1E+3', '1000.0'],
    ['15e-1', '1.5'],
    ['100e-2', '1.0'],
    ['1e15', '1000000000000000.0'],
    ['1e16', '1e+16'],
    ['12345678901234567.0', '1.2345678901234568e+16'],
    ['0.00001', '0.00001'],
    ['0.000001', '1e-6'],
    ['1.5e-7', '1.5e-7'],
    ['0.99999999999999999999', '1.0'],
    ['0.30000000000000004', '0.30000000000000004'],
    ['9007199254740991', '9007199254740991'],
    ['9007199254740992', '9007199254740992'],
    ['9007199254740993', '9007199254740993'],
    ['9007199254740993.0', '9007199254740992.0'],
    ['9223372036854775807', '9223372036854775807'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['-9223372036854775809', '-9.223372036854776e+18'],
    ['18446744073709551615', '18446744073709551615'],
    ['18446744073709551616', '1.8446744073709552e+19'],
    ['100000000000000000000', '1e+20'],
    ['5e-324', '5e-324'],
    ['1.7976931348623157e308', '1.7976931348623157e+308'],
    ['1e-400', '0.0'],
  ])('E95: the token %s reads as the text %s', (token, text) => {
    expect(textOf(parseJson(token))).toBe(text);
    expect(textOf(parseJson(`[${token}]`))).toBe(`[${text}]`);
    expect(textOf(parseJson(`{"a" : ${token} }`))).toBe(`{"a":${text}}`);
  });

  it('keeps a number that no double can hold as it was written, infinite in comparisons', () => {
    for (const token of ['1e400', '-1e400', '9'.repeat(400), `${'9'.repeat(400)}.5`]) {
      const number = parseJson(token) as ExactNumber;
      expect(number.text).toBe(token);
      expect(Math.abs(number.value)).toBe(Infinity);
    }
  });

  it('gives plain numbers where a double is enough', () => {
    expect(parseJson('[1.0, 2, 3.5, 1e300]')).toEqual([new ExactNumber('1.0', 1), 2, 3.5, 1e300]);
  });

  it('leaves numbers inside strings alone', () => {
    expect(parseJson('{"version": "1.0", "t": "a\\": 1.0, 1e5", "n": 2}')).toEqual({
      version: '1.0',
      t: 'a": 1.0, 1e5',
      n: 2,
    });
  });
});

describe('agreement with JSON.parse', () => {
  // One exact number sends the whole document through the exact parser.
  const documents = fc.oneof(
    fc.json(),
    fc.json().map((json) => `[1.0,${json}]`),
    fc.json().map((json) => `\t{"x":\r\n1e2 , "y" : ${json} }\n`),
  );

  it('on any JSON', () => {
    fc.assert(
      fc.property(documents, (text) => {
        expect(plain(parseJson(text))).toStrictEqual(JSON.parse(text));
        expect(plain(parseExact(text))).toStrictEqual(JSON.parse(text));
      }),
      { seed: 95, numRuns: 500 },
    );
  });

  it('on broken JSON: both refuse, with a SyntaxError, or both accept', () => {
    const broken = fc
      .tuple(
        documents,
        fc.nat(),
        fc.nat(3),
        fc.constantFrom(
          '',
          '"',
          '\\',
          '0',
          '-',
          '.',
          'e',
          ',',
          ']',
          '}',
          '{',
          '[',
          ':',
          '\u0001',
          ' ',
          '\u00a0',
          '\ufeff',
        ),
      )
      .map(([text, at, drop, add]) => {
        const index = at % (text.length + 1);
        return text.slice(0, index) + add + text.slice(index + drop);
      });
    fc.assert(
      fc.property(broken, (text) => {
        const expected = outcomeOf(() => JSON.parse(text));
        expect(outcomeOf(() => parseJson(text))).toStrictEqual(expected);
        expect(outcomeOf(() => parseExact(text))).toStrictEqual(expected);
      }),
      { seed: 95, numRuns: 3000 },
    );
  });

  it('on garbage: nothing but a SyntaxError', () => {
    const units = fc.constantFrom(...'[]{}",:.0123456789eE+-truefalsn \\u\n\u0000é'.split(''));
    fc.assert(
      fc.property(fc.string({ unit: units, maxLength: 12 }), (text) => {
        expect(outcomeOf(() => parseJson(text))).toStrictEqual(outcomeOf(() => JSON.parse(text)));
      }),
      { seed: 95, numRuns: 3000 },
    );
  });

  it.each([
    '',
    ' ',
    '01.0',
    '1.',
    '[1.0,]',
    '{"a":1.0,}',
    '{1.0:2}',
    '"\\x" ',
    '1.0 2',
    '[1.0',
    '{"a" 1.0}',
    'nul',
    '+1.0',
    '.5',
    '1e',
    '--1e5',
    '[1.0}',
    '{"a":1.0]',
  ])('refuses %j', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
    expect(() => parseExact(text)).toThrow(SyntaxError);
  });
});

describe('objects', () => {
  it.each(['{"__proto__":{"admin":true},"n":1}', '{"__proto__":{"admin":true},"n":1.0}'])(
    'keeps __proto__ as an ordinary own key in %s',
    (text) => {
      const value = parseJson(text) as Record<string, unknown>;
      expect(Object.hasOwn(value, '__proto__')).toBe(true);
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect('admin' in value).toBe(false);
    },
  );

  it.each(['{"a":1,"b":2,"a":3}', '{"a":1.0,"b":2,"a":3}'])('lets the last of duplicate keys win in %s', (text) => {
    expect(textOf(parseJson(text))).toBe('{"a":3,"b":2}');
  });
});

describe('number of values', () => {
  it.each(['1', '1.0'])('refuses more than maxValues members and items of all levels around %s', (inner) => {
    const text = `{"a":[${inner},{"b":2,"c":", ,"}],"d":[]}`;
    expect(() => parseJson(text, { maxValues: 4 })).not.toThrow();
    expect(() => parseJson(text, { maxValues: 3 })).toThrow(new TooManyValues('JSON of more than 3 values'));
    expect(() => parseJson(text, { maxValues: 3 })).toThrow(SyntaxError);
  });
});

describe('nesting', () => {
  it.each(['1', '1.0'])('refuses more than maxDepth levels around %s, naming the limit', (inner) => {
    const nested = (depth: number): string => '['.repeat(depth) + inner + ']'.repeat(depth);
    expect(() => parseJson(nested(128))).not.toThrow();
    expect(() => parseJson(nested(129))).toThrow(new TooDeep('JSON nested deeper than 128 levels'));
    expect(() => parseJson(nested(3), { maxDepth: 3 })).not.toThrow();
    expect(() => parseJson(nested(4), { maxDepth: 3 })).toThrow(new TooDeep('JSON nested deeper than 3 levels'));
  });

  it('counts depth, not brackets', () => {
    const wide = `[${Array.from({ length: 500 }, () => '{"a":[1.0]}').join(',')}]`;
    expect(parseJson(wide, { maxDepth: 3 })).toHaveLength(500);
    expect(parseJson(`["${'['.repeat(500)}\\"${'{'.repeat(500)}"]`, { maxDepth: 1 })).toHaveLength(1);
  });

  it('needs no stack where the caller allows any depth', () => {
    const deep = `${'[{"a":'.repeat(20_000)}1.0${'}]'.repeat(20_000)}`;
    expect(textOf(parseJson(deep, { maxDepth: 100_000 }))).toBe(deep);
  });
});
