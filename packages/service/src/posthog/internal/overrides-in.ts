import { isObject, type JsonObject, member, parseTokens, RepeatedMember, sourceText } from '@halyard/json';
import { type BodyForm, decodeDefinitions } from '../body/decode-body.ts';
import { Failure } from '../wire/failure.ts';

const FIELD = 'override_flags_definitions';

/**
 * The definitions that an internal request brings (H150), read as definitions are everywhere: of ordered rules it is kept how they are written,
 * so that a member that stands twice in them fails their flag (E175). One that stands twice around them is refused: which is meant?
 */
export function overridesIn(bytes: Uint8Array, form: BodyForm): JsonObject | Failure {
  const body = decodeDefinitions(bytes, form);
  if (body instanceof Failure) return body;
  const overrides = member(body, FIELD);
  if (!isObject(overrides)) return {};
  const filters = Object.values(overrides).map((entry) =>
    isObject(entry) ? (member(entry, 'filters') ?? null) : null,
  );
  if (!isAmbiguous(sourceText(overrides)) || filters.some((value) => isAmbiguous(sourceText(value)))) return overrides;
  return new Failure('field_type', `The field "${FIELD}" has an object that names a member twice.`);
}

function isAmbiguous(text: string): boolean {
  try {
    parseTokens(text);
    return false;
  } catch (error) {
    if (error instanceof RepeatedMember) return true;
    throw error;
  }
}
