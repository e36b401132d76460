import { z } from '@hono/zod-openapi';
import { type JsonObject, parseJson } from '@halyard/json';
import { Refusal } from '@halyard/manage';
import { describe, expect, it } from 'vitest';
import { readMembers } from './body.ts';
import { booleanField, choiceField, integerField, integerListField, textField, textListField } from './fields.ts';

const schema = z.object({
  name: textField({ longest: 5 }),
  note: textField({ mayBeBlank: true }).nullable().optional(),
  on: booleanField().optional(),
  count: integerField({ least: 1, most: 10 }).optional(),
  kind: choiceField(['all', 'client']).optional(),
  tags: textListField({ longest: 3 }).optional(),
  ids: integerListField().optional(),
});

const read = (json: string): object => readMembers(schema, parseJson(json) as JsonObject);

function refusal(json: string): unknown {
  try {
    return read(json);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.problems.map(({ code, attr }) => `${attr} ${code}`);
  }
}

describe('fields of bodies', () => {
  it.each([
    ['{"name": 5}', { name: '5' }],
    ['{"name": 1.0}', { name: '1.0' }],
    ['{"name": " a "}', { name: 'a' }],
    ['{"name": "🚩🚩🚩🚩🚩"}', { name: '🚩🚩🚩🚩🚩' }],
    ['{"name": "a", "note": null, "unknown": {}}', { name: 'a', note: null }],
    ['{"name": "a", "note": " "}', { name: 'a', note: '' }],
    ['{"name": "a", "on": "true"}', { name: 'a', on: true }],
    ['{"name": "a", "on": 1}', { name: 'a', on: true }],
    ['{"name": "a", "on": "F"}', { name: 'a', on: false }],
    ['{"name": "a", "count": "7"}', { name: 'a', count: 7 }],
    [
      '{"name": "a", "kind": "client", "tags": [" x ", 1], "ids": ["4", 5]}',
      { name: 'a', kind: 'client', tags: ['x', '1'], ids: [4, 5] },
    ],
  ])('M6: takes %s', (json, expected) => {
    expect(read(json)).toEqual(expected);
  });

  it.each([
    ['{}', ['name required']],
    ['{"name": null}', ['name null']],
    ['{"name": " "}', ['name blank']],
    ['{"name": "abcdef"}', ['name max_length']],
    ['{"name": true}', ['name invalid_input']],
    ['{"name": ["a"]}', ['name invalid_input']],
    ['{"name": "a\\u0000"}', ['name null_characters_not_allowed']],
    ['{"name": "a", "on": "perhaps"}', ['on invalid_input']],
    ['{"name": "a", "on": null}', ['on null']],
    ['{"name": "a", "on": {}}', ['on invalid_input']],
    ['{"name": "a", "count": 1.5}', ['count invalid_input']],
    ['{"name": "a", "count": 11}', ['count max_value']],
    ['{"name": "a", "count": 0}', ['count min_value']],
    ['{"name": "a", "kind": "other"}', ['kind invalid_choice']],
    ['{"name": "a", "tags": "x"}', ['tags not_a_list']],
    ['{"name": "a", "tags": [{}]}', ['tags__0 invalid_input']],
    ['{"name": "a", "tags": ["long"]}', ['tags__0 max_length']],
    ['{"name": "a", "ids": [1, 99999999999]}', ['ids__1 max_value']],
    ['{"on": "x", "count": "y"}', ['name required', 'on invalid_input', 'count invalid_input']],
  ])('M20, M21, M71: refuses %s', (json, expected) => {
    expect(refusal(json)).toEqual(expected);
  });
});
