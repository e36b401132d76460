import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asciiJson } from './ascii-json.ts';

describe('ASCII JSON', () => {
  it('escapes what is not ASCII, by UTF-16 unit', () => {
    expect(asciiJson('{"ü":"🚩"}')).toBe('{"\\u00fc":"\\ud83d\\udea9"}');
    expect(asciiJson('{"a":1}')).toBe('{"a":1}');
  });

  it('is ASCII and means the same, whatever the document', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const text = asciiJson(JSON.stringify(value));
        expect(text).toMatch(/^[\x20-\x7e]*$/);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
