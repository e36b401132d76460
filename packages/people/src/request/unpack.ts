import type { EventRequest } from './event-request.ts';
import { lzText } from './lz-text.ts';
import { Refusal } from './refusal.ts';

/** Asks the caller to unpack bytes: it may do so in a thread, must stop at `limit` bytes, and gives what came out. */
export interface Inflate {
  readonly format: 'gzip' | 'deflate' | 'br' | 'zstd';
  readonly bytes: Uint8Array;
  /** How many unpacked bytes are allowed. */
  readonly limit: number;
}

/** What came out; or that it is more than the limit, that the bytes are broken, or that the runtime lacks the format. */
export type Inflated = Uint8Array | 'too_large' | 'broken' | 'unknown_format';

export type Unpacking<Result> = Generator<Inflate, Result, Inflated>;

const mebibyte = 1024 * 1024;
const defaultUnpackedBytes = 40 * mebibyte;

/** More than any SDK packs one into another: gzip in base64 in a form. */
const mostLayers = 4;

/**
 * The JSON text in a v0 request (I21). Every layer is recognised by its bytes; `compression`, `Content-Type` and
 * `Content-Encoding` decide only what bytes cannot tell.
 */
export function* unpackV0(request: EventRequest): Unpacking<string | Refusal> {
  const data = request.query.get('data');
  let bytes: Uint8Array = data === null || data === '' ? request.body : Buffer.from(data, 'utf8');
  let hint = request.query.get('compression')?.toLowerCase() ?? '';
  const isForm = mediaType(request) === 'application/x-www-form-urlencoded' && bytes === request.body;
  const encoding = contentEncoding(request);
  if ((encoding === 'deflate' || encoding === 'br') && !looksLikeJson(bytes) && bytes === request.body) {
    const inflated = yield inflate(encoding, bytes, request);
    if (typeof inflated !== 'string') bytes = inflated;
    else if (inflated === 'too_large') return tooLarge(request);
  }
  let formIsOpen = isForm;
  for (let layer = 0; layer < mostLayers; layer++) {
    if (isGzip(bytes)) {
      const inflated = yield inflate('gzip', bytes, request);
      if (inflated === 'too_large') return tooLarge(request);
      if (typeof inflated === 'string') return new Refusal(400, 'The body begins like gzip, but is broken.');
      bytes = inflated;
      continue;
    }
    if (bytes.length === 0) return new Refusal(400, 'The request has no body and no data.');
    if (looksLikeJson(bytes) && !formIsOpen) break;
    const text = utf8(bytes);
    if (formIsOpen || text.startsWith('data=')) {
      const form = new URLSearchParams(text);
      const inside = form.get('data');
      if (inside === null) return new Refusal(400, 'The body is said to be a form, but has no field data.');
      hint = form.get('compression')?.toLowerCase() ?? hint;
      bytes = Buffer.from(looksLikeJson(Buffer.from(inside)) ? inside : inside.replaceAll(' ', '+'), 'utf8');
      formIsOpen = false;
      continue;
    }
    if (hint === 'lz64' || hint === 'lz-string') {
      const unpacked = lzText(text.trim(), limitOf(request));
      if (unpacked === 'too_large') return tooLarge(request);
      if (unpacked !== 'broken') return utf8(unpacked);
    }
    const decoded = base64(text, hint === 'base64' || hint === 'b64');
    if (decoded === undefined) break;
    bytes = decoded;
  }
  return utf8(bytes);
}

/** The JSON text in a v1 request (I40): packed as `Content-Encoding` says, or not at all. */
export function* unpackV1(request: EventRequest): Unpacking<string | Refusal> {
  const encoding = contentEncoding(request);
  if (encoding === '' || encoding === 'identity') return utf8(request.body);
  if (encoding !== 'gzip' && encoding !== 'deflate' && encoding !== 'br' && encoding !== 'zstd')
    return unsupported(encoding);
  const inflated = yield inflate(encoding, request.body, request);
  switch (inflated) {
    case 'too_large':
      return tooLarge(request);
    case 'unknown_format':
      return unsupported(encoding);
    case 'broken':
      return new Refusal(400, `The body is no ${encoding}, though Content-Encoding says so.`);
    default:
      return utf8(inflated);
  }
}

/** The type of a body without its parameters, in lower case. */
export function mediaType(request: EventRequest): string {
  return (request.header('content-type') ?? '').split(';', 1).join('').trim().toLowerCase();
}

function contentEncoding(request: EventRequest): string {
  return (request.header('content-encoding') ?? '').trim().toLowerCase();
}

function unsupported(encoding: string): Refusal {
  return new Refusal(415, `Content-Encoding ${JSON.stringify(encoding.slice(0, 40))} is not supported: send gzip.`);
}

function limitOf(request: EventRequest): number {
  return request.limits?.unpackedBytes ?? defaultUnpackedBytes;
}

function inflate(format: Inflate['format'], bytes: Uint8Array, request: EventRequest): Inflate {
  return { format, bytes, limit: limitOf(request) };
}

function tooLarge(request: EventRequest): Refusal {
  const most = Math.floor(limitOf(request) / mebibyte);
  return new Refusal(413, `The body is larger than ${most} MiB once unpacked: send smaller batches.`);
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 0x08;
}

/** Whether the first byte that is no white space opens a list or an object. */
function looksLikeJson(bytes: Uint8Array): boolean {
  let at = bytes[0] === 0xef ? 3 : 0; // byte order mark
  for (; at < bytes.length; at++) {
    const byte = bytes[at] as number; // at < length
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return byte === 0x7b || byte === 0x5b;
  }
  return false;
}

const STRICT_BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Bytes of a base64 text: strict unless it is said to be base64; undefined when it is none. */
function base64(text: string, isSaid: boolean): Uint8Array | undefined {
  const solid = text.trim().replaceAll(' ', '+');
  const isStrict = solid.length % 4 === 0 && STRICT_BASE64.test(solid);
  return isStrict || (isSaid && /^[\w+/=-]+$/.test(solid)) ? Buffer.from(solid, 'base64') : undefined;
}

function utf8(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}
