import { flagSentence, namesOf } from '@halyard/engine/review';
import { describe, expect, it } from 'vitest';
import { jsonProblem, readJson, writeJson } from './exact-json.ts';

describe('JSON of the console', () => {
  it.each([
    '12345678901234567890',
    '[9007199254740993,-9007199254740993]',
    '{"a":1.0,"b":1e3,"c":0.1000000000000000055511151231257827}',
    '[{"deep":[{"n":0.30000000000000004440892098500626}]}]',
    '{"__proto__":1,"constructor":{"toJSON":2}}',
    '["\\u0000exact 1","exact 1","\\"",""]',
    '[true,null,-0.5,100,"12345678901234567890"]',
  ])('K40, E95: writes what it read, byte for byte: %s', (text) => {
    expect(writeJson(readJson(text))).toBe(text);
    expect(readJson(writeJson(readJson(text), 2))).toEqual(readJson(writeJson(readJson(text))));
  });

  it('leaves out what is undefined, and writes nothing that reads as a number for a share that is not chosen', () => {
    expect(writeJson({ a: undefined, share: Number.NaN })).toBe('{"share":""}');
  });

  it('E95: sentences say large numbers as they are', () => {
    const filters = readJson(
      '{"groups":[{"properties":[{"key":"id","type":"person","operator":"exact","value":[12345678901234567890]}]}]}',
    );
    expect(
      flagSentence(
        { id: 1, key: 'x', active: true, filters },
        namesOf({ teamId: 1, flags: [], cohorts: [], groupTypeMapping: {} }),
      ),
    ).toContain('12345678901234567890');
  });

  it.each([
    ['{"a": ', 1, 7, 'the text ends too early'],
    ['{\n  "a": 1,\n}', 3, 1, '“}” does not fit here'],
    ['{"a": 1, "a": 2}', 1, 17, 'the member "a" stands twice in one object'],
    ['nul', 1, 1, '“n” does not fit here'],
  ])('K36: says where a text is no JSON: %s', (text, line, column, message) => {
    expect(jsonProblem(text)).toEqual({ line, column, message });
    expect(jsonProblem('  ')).toBeNull();
    expect(jsonProblem('{"a": [1]}')).toBeNull();
  });
});
