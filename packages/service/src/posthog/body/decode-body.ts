import { isObject, type JsonObject, type JsonValue } from '@halyard/json';
import { MAX_BODY_BYTES } from '../../http/read-body.ts';
import type { Compression } from '../query.ts';
import { Failure } from '../wire/failure.ts';
import { gunzip, looksGzipped } from './gunzip.ts';
import { parseExactly, parseLenient, parseStrict } from './lenient-json.ts';
import { base64Text, percentDecoded, utf8Text } from './text.ts';

/** What had to be put right before a body could be read, by the reference's names (H230). */
export type Kludge =
  | 'auto_detected_gzip'
  | 'base64_fallback_success'
  | 'missing_data_prefix'
  | 'padding_needed'
  | 'lossy_utf8';

/** Where kludges are noted. */
export interface Kludges {
  kludges: readonly string[] | undefined;
}

export function note(told: Kludges | undefined, kludge: Kludge): void {
  if (told !== undefined) told.kludges = [...(told.kludges ?? []), kludge];
}

/** How the body says it is packed. */
export interface BodyForm {
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly compression: Compression | undefined;
}

/**
 * The JSON object in a request body, however it is packed (H30–H37). Never throws. Takes long for a body that `isLarge`, for which there
 * is `decodeLargeBody`.
 *
 * @param told gets what had to be put right
 */
export function decodeBody(bytes: Uint8Array, form: BodyForm, told?: Kludges): JsonObject | Failure {
  const refused = refusal(bytes, form);
  if (refused !== null) return refused;
  const value = isForm(form) ? decodeForm(bytes, told) : decodeJson(bytes, form, told);
  return value instanceof Failure ? value : objectOrFailure(value);
}

/** The same body, with what ordered rules are judged by kept beside the values (E175). It must be strict JSON. */
export function decodeDefinitions(bytes: Uint8Array, form: BodyForm): JsonObject | Failure {
  const value = isForm(form)
    ? parseExactly(base64Text(formData(utf8Text(bytes))))
    : decodeJson(bytes, form, undefined, parseExactly);
  return value instanceof Failure ? value : objectOrFailure(value);
}

/** Why a body is not even looked at. */
export function refusal(bytes: Uint8Array, form: BodyForm): Failure | null {
  if (bytes.length > MAX_BODY_BYTES) return new Failure('body_too_large');
  if (form.compression === 'unsupported') return new Failure('compression_unsupported');
  switch (mediaType(form.contentType)) {
    case '':
    case 'application/json':
    case 'text/plain':
      return bytes.length === 0 ? new Failure('body_empty') : null;
    case FORM:
      if (bytes.length === 0) return new Failure('body_empty');
      return form.compression === 'gzip' ? new Failure('compression_unsupported') : null;
    default:
      return new Failure('content_type_unsupported');
  }
}

/** Whether the body is what posthog-js sends with `compression=base64` (H35). */
export function isForm(form: BodyForm): boolean {
  return mediaType(form.contentType) === FORM;
}

/** Whether the body is packed (H32). */
export function isGzipped(bytes: Uint8Array, form: BodyForm, told?: Kludges): boolean {
  if (form.compression === 'gzip' || form.contentEncoding?.toLowerCase().includes('gzip') === true) return true;
  if (!looksGzipped(bytes)) return false;
  note(told, 'auto_detected_gzip');
  return true;
}

/** The base64 text of a form (H35). */
export function formData(text: string, told?: Kludges): string {
  const decoded = percentDecoded(text);
  const isNamed = decoded.startsWith('data=');
  if (!isNamed) note(told, 'missing_data_prefix');
  const data = isNamed ? (decoded.split('=', 2)[1] as string) : decoded; // it has a "="
  if (data.replaceAll(' ', '').length % 4 !== 0) note(told, 'padding_needed');
  return data;
}

/** The value of a form's data, once it is text. */
export function parseForm(text: string, told?: Kludges): JsonValue | Failure {
  if (text.includes('\uFFFD')) note(told, 'lossy_utf8');
  const value = parseStrict(text);
  return value instanceof Failure && value.code === 'json_invalid' ? new Failure('form_invalid') : value;
}

/** H36. */
export function objectOrFailure(value: JsonValue): JsonObject | Failure {
  return isObject(value) ? value : new Failure('body_not_object');
}

/** H32–H34. */
function decodeJson(
  bytes: Uint8Array,
  form: BodyForm,
  told: Kludges | undefined,
  parse = parseLenient,
): JsonValue | Failure {
  const plain = isGzipped(bytes, form, told) ? gunzip(bytes) : bytes;
  if (plain instanceof Failure) return plain;
  const text = utf8Text(plain);
  const value = form.compression === 'base64' ? new Failure('json_invalid') : parse(text);
  if (!(value instanceof Failure) || value.code !== 'json_invalid') return value;
  return noted(parse(base64Text(percentDecoded(text))), told);
}

/** The outcome of the second attempt (H34). */
export function noted(value: JsonValue | Failure, told: Kludges | undefined): JsonValue | Failure {
  if (!(value instanceof Failure)) note(told, 'base64_fallback_success');
  return value;
}

/** H35. */
function decodeForm(bytes: Uint8Array, told: Kludges | undefined): JsonValue | Failure {
  return parseForm(base64Text(formData(utf8Text(bytes), told)), told);
}

const FORM = 'application/x-www-form-urlencoded';

function mediaType(contentType: string | undefined): string {
  if (contentType === undefined || contentType === 'application/json') return contentType ?? '';
  const end = contentType.indexOf(';');
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}
