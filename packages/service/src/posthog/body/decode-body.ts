import { isObject, type JsonObject, type JsonValue } from '@halyard/json';
import { MAX_BODY_BYTES } from '../../http/read-body.ts';
import type { Compression } from '../query.ts';
import { Failure } from '../wire/failure.ts';
import { gunzip, looksGzipped } from './gunzip.ts';
import { parseLenient, parseStrict } from './lenient-json.ts';
import { base64Text, percentDecoded, utf8Text } from './text.ts';

/** How the body says it is packed. */
export interface BodyForm {
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly compression: Compression | undefined;
}

/**
 * The JSON object in a request body, however it is packed (H30–H37). Never throws. Takes long for a body that `isLarge`, for which there
 * is `decodeLargeBody`.
 */
export function decodeBody(bytes: Uint8Array, form: BodyForm): JsonObject | Failure {
  const refused = refusal(bytes, form);
  if (refused !== null) return refused;
  const value = isForm(form) ? decodeForm(bytes) : decodeJson(bytes, form);
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
export function isGzipped(bytes: Uint8Array, form: BodyForm): boolean {
  return (
    form.compression === 'gzip' || form.contentEncoding?.toLowerCase().includes('gzip') === true || looksGzipped(bytes)
  );
}

/** The base64 text of a form (H35). */
export function formData(text: string): string {
  const decoded = percentDecoded(text);
  return decoded.startsWith('data=') ? (decoded.split('=', 2)[1] as string) : decoded; // it has a "="
}

/** H36. */
export function objectOrFailure(value: JsonValue): JsonObject | Failure {
  return isObject(value) ? value : new Failure('body_not_object');
}

/** H32–H34. */
function decodeJson(bytes: Uint8Array, form: BodyForm): JsonValue | Failure {
  const plain = isGzipped(bytes, form) ? gunzip(bytes) : bytes;
  if (plain instanceof Failure) return plain;
  const text = utf8Text(plain);
  const value = form.compression === 'base64' ? new Failure('json_invalid') : parseLenient(text);
  if (!(value instanceof Failure) || value.code !== 'json_invalid') return value;
  return parseLenient(base64Text(percentDecoded(text)));
}

/** H35. */
function decodeForm(bytes: Uint8Array): JsonValue | Failure {
  return parseStrict(base64Text(formData(utf8Text(bytes))));
}

const FORM = 'application/x-www-form-urlencoded';

function mediaType(contentType: string | undefined): string {
  if (contentType === undefined || contentType === 'application/json') return contentType ?? '';
  const end = contentType.indexOf(';');
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}
