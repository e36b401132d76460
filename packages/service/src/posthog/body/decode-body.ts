import { ExactNumber, type JsonObject, type JsonValue } from '@halyard/json';
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

/** The JSON object in a request body, however it is packed (H30–H37). Never throws. */
export function decodeBody(bytes: Uint8Array, form: BodyForm): JsonObject | Failure {
  if (bytes.length > MAX_BODY_BYTES) return new Failure('body_too_large');
  if (form.compression === 'unsupported') return new Failure('compression_unsupported');
  const value = decodeValue(bytes, form);
  if (value instanceof Failure) return value;
  return isObject(value) ? value : new Failure('body_not_object');
}

function decodeValue(bytes: Uint8Array, form: BodyForm): JsonValue | Failure {
  switch (mediaType(form.contentType)) {
    case '':
    case 'application/json':
    case 'text/plain':
      return bytes.length === 0 ? new Failure('body_empty') : decodeJson(bytes, form);
    case 'application/x-www-form-urlencoded':
      return bytes.length === 0 ? new Failure('body_empty') : decodeForm(bytes, form);
    default:
      return new Failure('content_type_unsupported');
  }
}

/** H32–H34. */
function decodeJson(bytes: Uint8Array, form: BodyForm): JsonValue | Failure {
  const gzipped =
    form.compression === 'gzip' || form.contentEncoding?.toLowerCase().includes('gzip') === true || looksGzipped(bytes);
  const plain = gzipped ? gunzip(bytes) : bytes;
  if (plain instanceof Failure) return plain;
  const text = utf8Text(plain);
  const value = form.compression === 'base64' ? new Failure('json_invalid') : parseLenient(text);
  if (!(value instanceof Failure) || value.code !== 'json_invalid') return value;
  return parseLenient(base64Text(percentDecoded(text)));
}

/** H35: what posthog-js sends with `compression=base64`. */
function decodeForm(bytes: Uint8Array, form: BodyForm): JsonValue | Failure {
  if (form.compression === 'gzip') return new Failure('compression_unsupported');
  const text = percentDecoded(utf8Text(bytes));
  const data = text.startsWith('data=') ? (text.split('=', 2)[1] as string) : text; // it has a "="
  return parseStrict(base64Text(data));
}

function mediaType(contentType: string | undefined): string {
  if (contentType === undefined || contentType === 'application/json') return contentType ?? '';
  const end = contentType.indexOf(';');
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}

function isObject(value: JsonValue): value is JsonObject {
  // An exact number is an object too, but not a plain one.
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);
}
