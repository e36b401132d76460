import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NumberToken, parseTokens, RepeatedMember } from './source.ts';
import { jsonText, sourceText } from './text.ts';
import { parseDefinitions, parseStored } from './parse-json.ts';

describe('E175: the source of definitions', () => {
  const rules = (member: string) => `{"filters":{"return_type":"object",${member}},"key":"a"}`;

  it.each([
    ['a member that stands twice', '"rules":[],"rules":[]'],
    ['a number with more digits than a double has', '"p":33.3300000000000000001'],
    ['a number that rounds to zero', '"p":[1e-400]'],
    ['a number beyond all doubles', '"p":1e400'],
    ['an exponent', '"p":5e1'],
  ])('keeps %s, which the values do not tell', (_, member) => {
    const text = rules(member);
    expect(sourceText(parseDefinitions(text))).toBe(text);
    // An entry that is written and read once more still has it.
    expect(sourceText(parseDefinitions(sourceText(parseDefinitions(text))))).toBe(text);
  });

  it('however the member is spelled that tells them', () => {
    const text = '{"return_t\\u0079pe":"object","a":1,"a":1}';
    expect(sourceText(parseDefinitions(text))).toBe(text);
  });

  it('of nothing else: what holds no rules is read as ever', () => {
    expect(sourceText(parseDefinitions('{"version":2,"a":1,"a":1e2}'))).toBe('{"version":2,"a":100.0}');
  });

  it('changes no value, and no text of documents that lose nothing', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (json) => {
        const text = `{"return_type":2,"x":${json}}`;
        expect(parseDefinitions(text)).toEqual(parseStored(text));
        expect(jsonText(parseDefinitions(text))).toBe(jsonText(parseStored(text)));
      }),
    );
    const copy = { ...(parseDefinitions(rules('"p":50')) as object) };
    expect(sourceText(copy)).toBe(rules('"p":50'));
  });

  it('is refused where it is no JSON or too deep, as ever', () => {
    expect(() => parseDefinitions('{"return_type":2')).toThrow(SyntaxError);
    expect(() => parseDefinitions(`{"return_type":2,"x":${'['.repeat(600)}`)).toThrow('512');
  });
});

describe('parseTokens', () => {
  it('has every number as it is written, and as it is printed (E95)', () => {
    const [a, b, c] = parseTokens('[33.330,1e2,7]') as readonly NumberToken[];
    expect([a?.token, a?.text, a?.value]).toEqual(['33.330', '33.33', 33.33]);
    expect([b?.token, b?.text, b?.value]).toEqual(['1e2', '100.0', 100]);
    expect([c?.token, c?.text, c?.value]).toEqual(['7', '7', 7]);
  });

  it('refuses a member that stands twice, at any depth', () => {
    expect(() => parseTokens('{"a":[{"b":1,"b":1}]}')).toThrow(RepeatedMember);
    expect(() => parseTokens('{"__proto__":1,"__proto__":1}')).toThrow('"__proto__" stands twice');
    expect(parseTokens('[{"b":true},{"b":true}]')).toEqual([{ b: true }, { b: true }]);
  });
});
