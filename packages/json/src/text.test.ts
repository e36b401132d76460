import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExactNumber } from './exact-number.ts';
import { compareUtf8, jsonText, numberText, textOf } from './text.ts';
import type { JsonValue } from './values.ts';

describe('E95: text of a value', () => {
  it.each<[JsonValue, string]>([
    ['plain "text"', 'plain "text"'],
    ['', ''],
    [true, 'true'],
    [false, 'false'],
    [null, 'null'],
    [[1, 'a'], '[1,"a"]'],
    [{ k: 1 }, '{"k":1}'],
    [[], '[]'],
    [{}, '{}'],
    [[[], {}, [null]], '[[],{},[null]]'],
    [['é"\\\n\u0001'], '["é\\"\\\\\\n\\u0001"]'],
    [new ExactNumber('1.0', 1), '1.0'],
    [[new ExactNumber('9007199254740993', 9007199254740992)], '[9007199254740993]'],
  ])('E95: %j reads %j', (value, text) => {
    expect(textOf(value)).toBe(text);
  });

  it('E95: lists object members in byte order of their names, at every level', () => {
    expect(textOf({ b: 1, a: { z: 1, B: 2 }, 10: 0, 9: 0 })).toBe('{"10":0,"9":0,"a":{"B":2,"z":1},"b":1}');
  });

  it('E95: byte order is that of UTF-8, not of UTF-16', () => {
    expect(textOf({ '\u{1f600}': 1, '\uffee': 2 })).toBe('{"\uffee":2,"\u{1f600}":1}');
  });

  it('compareUtf8 agrees with comparing the encoded bytes', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', 'é', '\uffee', '\u{1f600}', '\u{10ffff}', '\ud7ff', '\ue000'),
    });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });

  it('reads __proto__ as an ordinary member', () => {
    expect(textOf(JSON.parse('{"__proto__":{"a":1},"constructor":2}') as JsonValue)).toBe(
      '{"__proto__":{"a":1},"constructor":2}',
    );
  });

  it('writes 20 000 nested arrays without running out of stack', () => {
    let value: JsonValue = [];
    for (let i = 1; i < 20_000; i++) value = [value];
    expect(textOf(value)).toBe('['.repeat(20_000) + ']'.repeat(20_000));
  });

  it('refuses a value that contains itself', () => {
    const loop: JsonValue[] = [];
    loop.push(loop);
    expect(() => textOf(loop)).toThrow(RangeError);
  });
});

describe('E95: text of a plain double', () => {
  it.each([
    [1, '1'],
    [0, '0'],
    [-0, '-0.0'],
    [-5, '-5'],
    [9007199254740991, '9007199254740991'],
    [9007199254740992, '9007199254740992.0'],
    [9999999999999998, '9999999999999998.0'],
    [1e16, '1e+16'],
    [-1.5e16, '-1.5e+16'],
    [1.8446744073709552e19, '1.8446744073709552e+19'],
    [1e21, '1e+21'],
    [1.5, '1.5'],
    [123456.789, '123456.789'],
    [0.1, '0.1'],
    [0.00001, '0.00001'],
    [0.000012345, '0.000012345'],
    [0.000009999, '9.999e-6'],
    [0.000001, '1e-6'],
    [-1.5e-7, '-1.5e-7'],
    [5e-324, '5e-324'],
    [Number.MAX_VALUE, '1.7976931348623157e+308'],
    [NaN, 'null'],
    [-Infinity, 'null'],
  ])('E95: %d prints %s', (value, text) => {
    expect(numberText(value)).toBe(text);
  });

  it('E95: every finite double reads back unchanged', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(numberText(value))).toBe(value);
      }),
    );
  });
});

describe('jsonText', () => {
  it('keeps member order and number texts, and quotes a string', () => {
    expect(jsonText({ b: new ExactNumber('1.0', 1), a: ['x', null] })).toBe('{"b":1.0,"a":["x",null]}');
    expect(jsonText('a"b')).toBe('"a\\"b"');
  });

  it('agrees with JSON.stringify where numbers are plain integers', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const integers = JSON.parse(
          JSON.stringify(value, (_key, member: unknown) =>
            typeof member === 'number' ? Math.trunc(member % 1e9) + 0 : member,
          ),
        ) as JsonValue;
        expect(jsonText(integers)).toBe(JSON.stringify(integers));
      }),
    );
  });
});
