import { z } from '@hono/zod-openapi';
import { ExactNumber } from '@halyard/json';
import { charactersOf } from '@halyard/manage';

/*
 * Fields of bodies as Django REST Framework takes them (M6, M20): scalars are coerced, text is trimmed, and what is wrong is said with the
 * framework's codes. Each is a zod schema, so that the OpenAPI document says the same.
 */

interface TextOptions {
  readonly max?: number;
  /** May be empty. */
  readonly blank?: boolean;
  /** Keep blanks at both ends. */
  readonly untrimmed?: boolean;
}

/** @param index of the item of a list that is wrong */
type Fail = (code: string, message: string, index?: number) => never;

/** Text: numbers become text, booleans and structures are refused. */
export function textField({ max, blank = false, untrimmed = false }: TextOptions = {}) {
  const meta = { type: 'string' as const, ...(max === undefined ? {} : { maxLength: max }) };
  return field<string>(meta, (value, fail) => {
    if (typeof value !== 'string' && !isNumber(value)) return fail('invalid_input', 'Not a valid string.');
    const text = untrimmed ? textOf(value) : textOf(value).trim();
    checkStorable(text, fail);
    if (text === '' && !blank) return fail('blank', 'This field may not be blank.');
    if (max !== undefined && charactersOf(text) > max)
      return fail('max_length', `Ensure this field has no more than ${max} characters.`);
    return text;
  });
}

const TRUE = new Set<unknown>([true, 1, '1', 't', 'true', 'y', 'yes', 'on']);
const FALSE = new Set<unknown>([false, 0, '0', 'f', 'false', 'n', 'no', 'off']);

/** A boolean, also as the words and numbers that forms send. */
export function booleanField() {
  return field<boolean>({ type: 'boolean' }, (value, fail) => {
    const plain = isNumber(value)
      ? Number(textOf(value))
      : typeof value === 'string'
        ? value.trim().toLowerCase()
        : value;
    if (TRUE.has(plain)) return true;
    return FALSE.has(plain) ? false : fail('invalid_input', 'Must be a valid boolean.');
  });
}

/** A whole number, also as text. */
export function integerField({ min, max }: { min?: number; max?: number } = {}) {
  return field<number>({ type: 'integer' }, (value, fail) => {
    const text = typeof value === 'string' ? value.trim() : isNumber(value) ? textOf(value) : '';
    if (!/^[-+]?\d{1,15}(\.0*)?$/.test(text)) return fail('invalid_input', 'A valid integer is required.');
    const number = Number(text);
    if (min !== undefined && number < min)
      return fail('min_value', `Ensure this value is greater than or equal to ${min}.`);
    if (max !== undefined && number > max)
      return fail('max_value', `Ensure this value is less than or equal to ${max}.`);
    return number;
  });
}

/** One of several words. */
export function choiceField<const Word extends string>(words: readonly Word[]) {
  return field<Word>({ type: 'string', enum: [...words] }, (value, fail) => {
    const text = typeof value === 'string' || isNumber(value) ? textOf(value) : JSON.stringify(value);
    return words.find((word) => word === text) ?? fail('invalid_choice', `"${text}" is not a valid choice.`);
  });
}

/** A list of texts; each is trimmed. */
export function textListField({ max }: { max?: number } = {}) {
  const meta = { type: 'array' as const, items: { type: 'string' as const } };
  return field<readonly string[]>(meta, (value, fail) => {
    if (!Array.isArray(value)) return fail('not_a_list', `Expected a list of items but got type "${typeName(value)}".`);
    return value.map((item: unknown, index) => {
      if (typeof item !== 'string' && !isNumber(item)) return fail('invalid_input', 'Not a valid string.', index);
      const text = textOf(item).trim();
      checkStorable(text, fail, index);
      if (max !== undefined && text.length > max)
        return fail('max_length', `Ensure this field has no more than ${max} characters.`, index);
      return text;
    });
  });
}

/** A list of whole numbers. */
export function integerListField() {
  const meta = { type: 'array' as const, items: { type: 'integer' as const } };
  return field<readonly number[]>(meta, (value, fail) => {
    if (!Array.isArray(value)) return fail('not_a_list', `Expected a list of items but got type "${typeName(value)}".`);
    return value.map((item: unknown, index) => {
      const text = typeof item === 'string' ? item.trim() : isNumber(item) ? textOf(item) : '';
      return /^\d{1,10}$/.test(text) && Number(text) < 2 ** 31
        ? Number(text)
        : fail('invalid_input', 'A valid integer is required.', index);
    });
  });
}

/** PostgreSQL keeps neither. */
function checkStorable(text: string, fail: Fail, index?: number): void {
  if (text.includes('\0')) fail('null_characters_not_allowed', 'Null characters are not allowed.', index);
  if (/\p{Surrogate}/u.test(text))
    fail('surrogate_characters_not_allowed', 'Surrogate characters are not allowed.', index);
}

class Refused {
  readonly code: string;
  readonly message: string;
  readonly index: number | undefined;

  constructor(code: string, message: string, index: number | undefined) {
    this.code = code;
    this.message = message;
    this.index = index;
  }
}

function field<Value>(meta: object, read: (value: unknown, fail: Fail) => Value): z.ZodType<Value> {
  const schema = z.unknown().transform((value, context): Value => {
    const refuse = (code: string, message: string, index?: number): never => {
      const path = index === undefined ? [] : [index];
      context.issues.push({ code: 'custom', message, input: value, path, params: { code } });
      return z.NEVER;
    };
    if (value === undefined) return refuse('required', 'This field is required.');
    if (value === null) return refuse('null', 'This field may not be null.');
    try {
      return read(value, (code, message, index) => {
        // oxlint-disable-next-line typescript/only-throw-error -- caught a few lines below
        throw new Refused(code, message, index);
      });
    } catch (refused) {
      if (refused instanceof Refused) return refuse(refused.code, refused.message, refused.index);
      throw refused;
    }
  });
  return schema.openapi(meta as unknown as Parameters<typeof schema.openapi>[0]);
}

/** Numbers arrive as doubles, or with their own text where a double would change them (E95). */
function isNumber(value: unknown): value is number | ExactNumber {
  return typeof value === 'number' || value instanceof ExactNumber;
}

/** The text of what is a number or text already. */
function textOf(value: string | number | ExactNumber): string {
  return value instanceof ExactNumber ? value.text : String(value);
}

/** As Python calls it, since that is what messages of the reference say. */
function typeName(value: unknown): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (isNumber(value)) return Number.isInteger(Number(textOf(value))) ? 'int' : 'float';
  return Array.isArray(value) ? 'list' : 'dict';
}
