import { z } from '@hono/zod-openapi';
import type { JsonValue } from '@halyard/json';
import {
  coerceBoolean,
  coerceChoice,
  type Coerced,
  coerceInteger,
  coerceList,
  coerceText,
  type IntegerRules,
  type TextRules,
} from '@halyard/manage';

/*
 * Fields of bodies as zod schemas, so that the OpenAPI document says what is read; how each value is read is the same as in the bodies of
 * flags (M6, M20).
 */

/** Text: numbers become text, booleans and structures are refused. */
export function textField(rules: TextRules = {}) {
  const meta = { type: 'string' as const, ...(rules.longest === undefined ? {} : { maxLength: rules.longest }) };
  return field<string>(meta, (value) => coerceText(value, rules));
}

/** A boolean, also as the words and numbers that forms send. */
export function booleanField() {
  return field<boolean>({ type: 'boolean' }, coerceBoolean);
}

/** A whole number, also as text. */
export function integerField(rules: IntegerRules = {}) {
  return field<number>({ type: 'integer' }, (value) => coerceInteger(value, rules));
}

/** One of several words. */
export function choiceField<const Word extends string>(words: readonly Word[]) {
  return field<Word>({ type: 'string', enum: [...words] }, (value) => coerceChoice(value, words));
}

/** A list of texts; each is trimmed. */
export function textListField(rules: TextRules = {}) {
  const meta = { type: 'array' as const, items: { type: 'string' as const } };
  return field<readonly string[]>(meta, (value) => coerceList(value, (item) => coerceText(item, rules)));
}

/** The largest number of a column `integer`. */
const LARGEST = 2 ** 31 - 1;

/** A list of ids. */
export function integerListField() {
  const meta = { type: 'array' as const, items: { type: 'integer' as const } };
  return field<readonly number[]>(meta, (value) =>
    coerceList(value, (item) => coerceInteger(item, { least: 0, most: LARGEST })),
  );
}

function field<Value>(meta: object, coerce: (value: JsonValue) => Coerced<Value>): z.ZodType<Value> {
  const schema = z.unknown().transform((value, context): Value => {
    const refuse = (code: string, message: string, path: number[] = []): never => {
      context.issues.push({ code: 'custom', message, input: value, path, params: { code } });
      return z.NEVER;
    };
    if (value === undefined) return refuse('required', 'This field is required.');
    // Schemas are given members of bodies.
    const read = coerce(value as JsonValue);
    if (!('problem' in read)) return read.value;
    const { code, detail, index } = read.problem;
    return refuse(code, detail, index === undefined ? [] : [index]);
  });
  return schema.openapi(meta as unknown as Parameters<typeof schema.openapi>[0]);
}
