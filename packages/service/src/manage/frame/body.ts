import type { z } from '@hono/zod-openapi';
import { isObject, type JsonObject, parseJson, TooDeep } from '@halyard/json';
import { type Headers, header } from '../../http/messages.ts';
import type { Problem } from '@halyard/manage';
import { ApiError, invalid } from './api-error.ts';

/** A file of a multipart body, such as a list of persons. */
export interface UploadedFile {
  readonly name: string;
  readonly text: string;
}

/** What a request brought: members, and the files of a multipart body. */
export interface RequestBody {
  readonly members: JsonObject;
  readonly files: ReadonlyMap<string, UploadedFile>;
}

const NO_FILES: ReadonlyMap<string, UploadedFile> = new Map();

/**
 * Reads a body (M5): JSON, a form, or multipart. Nothing at all is an object without members. Numbers keep their text (E95).
 *
 * @throws {ApiError} 400 for what cannot be read and for what is no object, 415 for another media type
 */
export async function readRequestBody(headers: Headers, bytes: Uint8Array): Promise<RequestBody> {
  const type = header(headers, 'content-type') ?? '';
  const media = type.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (bytes.length === 0) return { members: {}, files: NO_FILES };
  if (media === 'application/json') return { members: jsonMembers(decoded(bytes)), files: NO_FILES };
  if (media === 'application/x-www-form-urlencoded') {
    return { members: fromEntries(new URLSearchParams(decoded(bytes))), files: NO_FILES };
  }
  if (media === 'multipart/form-data') return multipart(type, bytes);
  const detail = `Unsupported media type "${type}" in request.`;
  throw new ApiError(415, { type: 'invalid_request', code: 'unsupported_media_type', detail, attr: null });
}

/**
 * Reads members by a schema; what the schema does not name is ignored (M5).
 *
 * @throws {ApiError} 400 with every error, in the order of the schema
 */
export function readMembers<Schema extends z.ZodType>(schema: Schema, members: JsonObject): z.output<Schema> {
  const result = schema.safeParse(members);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue): Problem => {
    const params = issue.code === 'custom' ? (issue.params as { code?: string } | undefined) : undefined;
    return {
      type: 'validation_error',
      code: params?.code ?? 'invalid_input',
      detail: issue.message,
      attr: issue.path.length === 0 ? null : issue.path.map(String).join('__'),
    };
  });
  const [first, ...others] = problems;
  throw first === undefined ? invalid('Invalid input.') : new ApiError(400, [first, ...others]);
}

function jsonMembers(text: string): JsonObject {
  let value;
  try {
    value = parseJson(text);
  } catch (error) {
    const why = error instanceof TooDeep ? 'it is nested too deeply' : 'it is not JSON';
    const detail = `JSON parse error - ${why}`;
    throw new ApiError(400, { type: 'invalid_request', code: 'parse_error', detail, attr: null });
  }
  if (isObject(value)) return value;
  const kind =
    value === null ? 'NoneType' : Array.isArray(value) ? 'list' : typeof value === 'string' ? 'str' : typeof value;
  throw invalid(`Invalid data. Expected a dictionary, but got ${PYTHON_NAMES[kind] ?? kind}.`);
}

const PYTHON_NAMES: Readonly<Record<string, string>> = { number: 'int', boolean: 'bool', object: 'float' };

async function multipart(type: string, bytes: Uint8Array): Promise<RequestBody> {
  let form: FormData;
  try {
    // oxlint-disable-next-line typescript/no-deprecated -- a body is small (H30) and held whole already
    form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData();
  } catch {
    const detail = 'Multipart form parse error - the parts cannot be told apart';
    throw new ApiError(400, { type: 'invalid_request', code: 'parse_error', detail, attr: null });
  }
  const texts: [string, string][] = [];
  const files = new Map<string, UploadedFile>();
  for (const [name, part] of form.entries()) {
    if (typeof part === 'string') texts.push([name, part]);
    else files.set(name, { name: part.name, text: await part.text() });
  }
  return { members: fromEntries(texts), files };
}

/** Forms name a member several times for a list; the last one counts, as everywhere in the framework of the reference. */
function fromEntries(entries: Iterable<[string, string]>): JsonObject {
  const members: JsonObject = {};
  for (const [name, value] of entries) {
    Object.defineProperty(members, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return members;
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const detail = 'The body is not UTF-8 text';
    throw new ApiError(400, { type: 'invalid_request', code: 'parse_error', detail, attr: null });
  }
}
