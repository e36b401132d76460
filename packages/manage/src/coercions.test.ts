import { readFileSync } from 'node:fs';
import { type JsonValue, parseJson } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import {
  coerceBoolean,
  coerceChoice,
  type Coerced,
  coerceInteger,
  coerceList,
  coerceNullableBoolean,
  coerceText,
  coerceTime,
} from './coercions.ts';

/* Django REST Framework read the same values (conformance/fields/record.py). */

interface Recorded {
  readonly field: string;
  readonly json: string;
  readonly value?: unknown;
  readonly code?: string;
  readonly detail?: string;
  readonly index?: number;
}

const file = new URL('../../../conformance/fields/answers.json', import.meta.url);
const recorded = JSON.parse(readFileSync(file, 'utf8')) as readonly Recorded[];

const fields: Readonly<Record<string, (value: JsonValue) => Coerced<unknown>>> = {
  text: (value) => coerceText(value, { longest: 5 }),
  'text or nothing': (value) => coerceText(value, { longest: 5, mayBeBlank: true }),
  'text or null': (value) => (value === null ? { value } : coerceText(value)),
  'untrimmed text': (value) => coerceText(value, { untrimmed: true }),
  boolean: coerceBoolean,
  'boolean or null': coerceNullableBoolean,
  integer: (value) => coerceInteger(value, { least: -3, most: 2 ** 31 - 1 }),
  choice: (value) => coerceChoice(value, ['all', 'client', '1']),
  texts: (value) => coerceList(value, (item) => coerceText(item, { longest: 3 })),
  'at most two texts': (value) => coerceList(value, (item) => coerceText(item), { most: 2 }),
  integers: (value) => coerceList(value, (item) => coerceInteger(item)),
  time: coerceTime,
};

/** Where we leave the framework on purpose, and what we do. */
const ours: Readonly<Record<string, object>> = {
  // M6: text is trimmed, that of booleans and times too.
  'boolean " TRUE "': { value: true },
  'boolean "\\u00a0true"': { value: true },
  'boolean or null " "': { value: null },
  'time " 2026-11-20T10:00:00Z "': { value: '2026-11-20T10:00:00.000Z' },
  // Spellings of Python alone.
  'integer "1_000"': { code: 'invalid_input' },
  'integer "\\u0665"': { code: 'invalid_input' },
  'time "20261120T100000Z"': { code: 'invalid_input' },
  // Bodies are parsed as definitions are (E95), where minus zero has a sign.
  'text -0': { value: '-0.0' },
  // A text of any length is no number here, whatever the reason.
  [`integer "${'1'.repeat(1001)}"`]: { code: 'invalid_input' },
};

/** A moment to the millisecond, which is as far as we keep it. */
const moment = (value: unknown): unknown => (typeof value === 'string' ? new Date(value).toISOString() : value);

describe('values of bodies', () => {
  it.each(recorded)('M6, M20: $field: $json', ({ field, json, value, code, detail, index }) => {
    const read = fields[field]?.(parseJson(json));
    const answer = read !== undefined && 'problem' in read ? read.problem : read;
    const departure = ours[`${field} ${json}`];
    if (departure !== undefined) {
      expect(answer).toMatchObject(departure);
      // It is none when the framework does the same.
      expect({ value, code }).not.toMatchObject(departure);
      return;
    }
    if (code === undefined) expect(answer).toEqual({ value: field === 'time' ? moment(value) : value });
    else if (field === 'time') expect(answer).toMatchObject({ code });
    else expect(answer).toEqual({ code, detail, ...(index === undefined ? {} : { index }) });
  });

  it('M6: every departure from the framework is one that was recorded', () => {
    const known = new Set(recorded.map(({ field, json }) => `${field} ${json}`));
    expect(Object.keys(ours).filter((name) => !known.has(name))).toEqual([]);
  });
});
