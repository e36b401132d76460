import { isObject, type JsonObject, type JsonValue, parseTokens } from '@halyard/json';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeFile } from './code-text.ts';
import { codeText, storedForm } from './code-value.ts';
import { readSource } from './read-source.ts';

const read = (name: string, text: string): JsonValue => readSource(name, text).value;
const tokens = (text: string): JsonObject => parseTokens(text) as JsonObject;

/** What somebody reads of a refused file, without its name. */
function refusal(name: string, text: string): string {
  try {
    read(name, text);
  } catch (error) {
    return (error as Error).message;
  }
  return 'taken';
}

describe('the text of a file', () => {
  it('E95: keeps every number as it is spelled, in YAML and in JSON', () => {
    const text = '{"a":1.0,"b":1e3,"c":12345678901234567890,"d":[50.00,-0.0,0.1],"e":"1.0","f":1E400}';
    for (const format of ['yaml', 'json'] as const) {
      const file = codeFile(tokens(text), format);
      expect(codeText(read(`x.${format}`, file))).toBe(text);
    }
  });

  it('gives back every value that JSON has', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), (value) => {
        const text = JSON.stringify(value).replaceAll(/\\u0000|\\u[dD][89abAB]../g, '');
        const given = tokens(text);
        for (const format of ['yaml', 'json'] as const) {
          expect(codeText(read(`x.${format}`, codeFile(given, format)))).toBe(codeText(given));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('quotes what other readers of YAML take for something else', () => {
    const text = codeFile(
      tokens('{"a":"no","b":"1.0","c":"null","d":"~","e":"2026-01-01","on":"x","f":"","g":"a: b #c"}'),
      'yaml',
    );
    expect(text).toMatch(/a: "no"\nb: "1.0"\nc: "null"\nd: "~"\n/);
    expect(codeText(read('x.yaml', text))).toContain('"e":"2026-01-01","on":"x","f":"","g":"a: b #c"');
  });

  it('writes texts of several lines as such, and empty lists in one', () => {
    expect(codeFile(tokens('{"text":"a\\nb\\n","list":[],"map":{}}'), 'yaml')).toBe(
      'text: |\n  a\n  b\nlist: []\nmap: {}\n',
    );
  });

  it('leaves comments, order and style of what stays the same', () => {
    const existing = `# About this flag
key: cart # the key

name: 'Cart' # who
active: true
filters:
  # first the testers
  groups:
    - properties: [] # nobody special
      rollout_percentage: 1.50 # half of it
    # then the others
    - rollout_percentage: 12345678901234567890
`;
    const value = tokens(
      '{"key":"cart","name":"Cart","active":false,"filters":{"groups":[{"variant":"a"},{"properties":[],"rollout_percentage":1.50},{"rollout_percentage":12345678901234567890}]},"x":1}',
    );
    const text = codeFile(value, 'yaml', { existing });
    expect(text).toBe(`# About this flag
key: cart # the key

name: 'Cart' # who
active: false
filters:
  # first the testers
  groups:
    - variant: a
    - properties: [] # nobody special
      rollout_percentage: 1.50 # half of it
    # then the others
    - rollout_percentage: 12345678901234567890
x: 1
`);
    expect(codeFile(value, 'yaml', { existing: text })).toBe(text);
    expect(storedForm(read('x.yaml', text))).toBe(storedForm(value));
  });

  it('says what it changes in a text is read back as the value, whatever was there', () => {
    const value = fc.dictionary(fc.constantFrom('a', 'b', 'key', 'list'), fc.jsonValue({ maxDepth: 3 }));
    fc.assert(
      fc.property(value, value, (before, after) => {
        const clean = (given: unknown) => tokens(JSON.stringify(given).replaceAll(/\\u0000|\\u[dD][89abAB]../g, ''));
        const existing = codeFile(clean(before), 'yaml');
        const text = codeFile(clean(after), 'yaml', { existing });
        expect(storedForm(read('x.yaml', text))).toBe(storedForm(clean(after)));
      }),
      { numRuns: 40 },
    );
  });

  it('calls numbers the same that are stored alike', () => {
    const same = (a: string, b: string) => storedForm(parseTokens(a)) === storedForm(parseTokens(b));
    expect([
      same('1e3', '1000'),
      same('1.5e1', '15'),
      same('25e-2', '0.25'),
      same('-0', '0'),
      same('1E+2', '100'),
    ]).toEqual(Array.from({ length: 5 }, () => true));
    expect([same('1.0', '1'), same('50.00', '50.0'), same('1e400', '1e401'), same('0.10', '0.1')]).toEqual(
      Array.from({ length: 4 }, () => false),
    );
    expect(same('{"a":1,"b":[1,2]}', '{"b":[1,2],"a":1}')).toBe(true);
    expect(same('[1,2]', '[2,1]')).toBe(false);
  });
});

describe('a file that cannot be read', () => {
  it.each([
    ['a: 1\nb: 2\na: 3\n', 'x.yaml:3:1: the member "a" stands twice'],
    ['a: &x [1]\nb: *x\n', 'x.yaml:2:4: is an alias: aliases are not taken, write the value out'],
    [
      'a: !!binary aGk=\n',
      'x.yaml:1:13: has the tag tag:yaml.org,2002:binary: tags are not taken, write the value itself',
    ],
    ['a: !js/function "x"\n', /^x\.yaml:1:\d+: .*tag/],
    ['a: 0x1F\n', 'x.yaml:1:4: 0x1F is no number as JSON writes it; a text of that kind needs quotes'],
    ['a:\n  - .inf\n', 'x.yaml:2:5: .inf is no number as JSON writes it; a text of that kind needs quotes'],
    ['? [a]\n: 1\n', 'x.yaml:1:3: is no name of a member'],
    ['a: 1\n---\nb: 2\n', /holds several documents/],
    ['a: [1\nb: 2', /^x\.yaml:\d+:\d+: /],
    ['a: "\tb\n', 'x.yaml:2:1: Missing closing "quote'],
    ['a: \0', 'x.yaml:1:4: holds a NUL character, which cannot be stored'],
    ['['.repeat(50_000), 'x.yaml:1:1001: is nested deeper than 200 levels'],
    [`a: 1\nb:\n${'- '.repeat(20_000)}`, 'x.yaml:3:1: is nested deeper than 200 levels'],
    [`a:\n${' '.repeat(20_000)}b: 1`, 'x.yaml:2:1: is nested deeper than 200 levels'],
    [`${'a: {'.repeat(300)}${'}'.repeat(300)}`, /nested deeper than 200 levels|^x\.yaml:/],
  ])('YAML %j', (text, message) => {
    const said = refusal('x.yaml', text);
    if (message instanceof RegExp) expect(said).toMatch(message);
    else expect(said).toBe(message);
  });

  it.each([
    ['{"a":1,\n "a":2}', 'x.json:2:2: the member "a" stands twice in one object'],
    ['{"a":\n  tru}', 'x.json:2:7: is not JSON from here on'],
    ['', 'x.json:1:1: is not JSON from here on'],
    ['{"a": 1', 'x.json:1:8: is not JSON from here on'],
    ['['.repeat(10_000), 'x.json:1:1: JSON nested deeper than 512 levels'],
  ])('JSON %j', (text, message) => {
    expect(refusal('x.json', text)).toBe(message);
  });

  it('is not one that only looks odd', () => {
    expect(isObject(read('x.json', '\ufeff{"__proto__": 1}'))).toBe(true);
    expect(codeText(read('x.yaml', '__proto__: {a: 1}\n0: b\nyes: no\n'))).toBe(
      '{"0":"b","__proto__":{"a":1},"yes":"no"}',
    );
  });

  it('says where a value stands, and its name where there is none', () => {
    const source = readSource('x.yaml', 'filters:\n  groups:\n    - properties:\n        - key: a\n          type:\n');
    expect(source.placeOf(['filters', 'groups', 0, 'properties', 0, 'key'])).toEqual({
      file: 'x.yaml',
      line: 4,
      column: 16,
    });
    expect(source.placeOf(['filters', 'groups', 0, 'properties', 0, 'type', 'x'])).toMatchObject({ line: 5 });
    expect(source.placeOf(['filters', 'groups', 7])).toMatchObject({ line: 3, column: 5 });
  });
});
