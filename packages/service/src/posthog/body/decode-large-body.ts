import { StringDecoder } from 'node:string_decoder';
import type { JsonObject, JsonValue } from '@halyard/json';
import type { Turns } from 'halyard/host';
import { Failure } from '../wire/failure.ts';
import {
  type BodyForm,
  formData,
  isForm,
  isGzipped,
  type Kludges,
  noted,
  objectOrFailure,
  parseForm,
  refusal,
} from './decode-body.ts';
import { gunzipLarge, unpackedSize } from './gunzip.ts';
import { parseLenient } from './lenient-json.ts';
import { percentDecoded } from './text.ts';

/** From here on a body is decoded in pieces, in bytes; below, decoding takes some milliseconds at most. */
const LARGE = 128 * 1024;

/** How much text is read from bytes, or looked through by a pattern, in one piece. */
const PIECE = 512 * 1024;

/** Whether a body is one for `decodeLargeBody`. The size that a gzip stream states may be wrong; but then it is broken. */
export function isLarge(bytes: Uint8Array, form: BodyForm): boolean {
  return bytes.length > LARGE || (bytes.length > 64 && isGzipped(bytes, form) && unpackedSize(bytes) > LARGE);
}

/** `decodeBody` in pieces: the same outcome, and nobody else waits for it. Never rejects. */
export async function decodeLargeBody(
  bytes: Uint8Array,
  form: BodyForm,
  turns: Turns,
  told?: Kludges,
): Promise<JsonObject | Failure> {
  const refused = refusal(bytes, form);
  if (refused !== null) return refused;
  const value = isForm(form) ? await decodeForm(bytes, turns, told) : await decodeJson(bytes, form, turns, told);
  return value instanceof Failure ? value : objectOrFailure(value);
}

/** H32–H34. */
async function decodeJson(
  bytes: Uint8Array,
  form: BodyForm,
  turns: Turns,
  told: Kludges | undefined,
): Promise<JsonValue | Failure> {
  const plain = isGzipped(bytes, form, told) ? await gunzipLarge(bytes) : bytes;
  if (plain instanceof Failure) return plain;
  const text = await utf8InPieces(plain, turns);
  if (form.compression !== 'base64') {
    await turns.next();
    const value = parseLenient(text);
    if (!(value instanceof Failure) || value.code !== 'json_invalid') return value;
  }
  await turns.next();
  const decoded = await base64InPieces(percentDecoded(text), turns);
  await turns.next();
  return noted(parseLenient(decoded), told);
}

/** H35. */
async function decodeForm(bytes: Uint8Array, turns: Turns, told: Kludges | undefined): Promise<JsonValue | Failure> {
  const text = await utf8InPieces(bytes, turns);
  await turns.next();
  const data = await base64InPieces(formData(text, told), turns);
  await turns.next();
  return parseForm(data, told);
}

async function utf8InPieces(bytes: Uint8Array, turns: Turns): Promise<string> {
  const decoder = new StringDecoder('utf8');
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = '';
  for (let start = 0; start < buffer.length; start += PIECE) {
    await turns.next();
    text += decoder.write(buffer.subarray(start, start + PIECE));
  }
  return text + decoder.end();
}

async function base64InPieces(text: string, turns: Turns): Promise<string> {
  let solid = '';
  for (let start = 0; start < text.length; start += PIECE) {
    await turns.next();
    solid += text.slice(start, start + PIECE).replaceAll(/\s/g, '');
  }
  await turns.next();
  return utf8InPieces(Buffer.from(solid, 'base64'), turns);
}
