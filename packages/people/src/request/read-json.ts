import { type JsonValue, parseJson, TooDeep } from '@halyard/json';
import { Refusal } from './refusal.ts';

/** The body as JSON, numbers as they are written (I22). */
export function readJson(text: string): JsonValue | Refusal {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof TooDeep) return new Refusal(400, 'The body nests lists and objects deeper than 128 levels.');
    if (error instanceof SyntaxError) return new Refusal(400, 'The body is no JSON.');
    throw error;
  }
}
