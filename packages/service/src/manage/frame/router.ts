import { Hono } from 'hono';
import { jsonText, type JsonValue } from '@halyard/json';
import type { HttpRequest, HttpResponse } from '../../http/messages.ts';
import type { Stream } from '../../http/stream.ts';
import { Refusal } from '@halyard/manage';
import { ApiError, problemBody } from './api-error.ts';
import type { Endpoint, Reply } from './endpoint.ts';
import { type CallContext, handleCall, refuseMethod, type RoutedRequest } from './handle-call.ts';
import { openApiDocument } from './open-api.ts';

/** A request before its path is known. */
export type UnroutedRequest = Omit<RoutedRequest, 'params'>;

/** What no `Response` can carry. */
interface Streamed {
  stream?: Stream;
}

interface Env {
  readonly Bindings: { readonly unrouted: UnroutedRequest; readonly context: CallContext; readonly streamed: Streamed };
}

const DOCUMENT = '/api/halyard/openapi.json';
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** The management API as a function from request to answer, without limits of its own. */
export class ManagementRouter {
  // M1: a slash at the end or none, the same route.
  readonly #hono = new Hono<Env>({ strict: false });

  /**
   * @param version of Halyard, for the OpenAPI document
   * @param answerError makes an answer of whatever was thrown
   */
  constructor(
    endpoints: readonly Endpoint[],
    version: string,
    answerError: (error: unknown, request: HttpRequest) => HttpResponse,
  ) {
    const hono = this.#hono;
    let document: object | undefined;
    const paths = new Map<string, Endpoint[]>();
    for (const each of endpoints) paths.set(each.path, [...(paths.get(each.path) ?? []), each]);
    // Fixed names win over what may be an id (M3).
    for (const path of [...paths.keys()].sort(fixedFirst)) this.#mount(path, paths.get(path) ?? []);
    hono.get(DOCUMENT, (c) => c.json((document ??= openApiDocument(endpoints, version))));
    hono.notFound((c) => responseOf(answerError(Refusal.notFound('Endpoint not found.'), c.env.unrouted.request)));
    hono.onError((error, c) => responseOf(answerError(error, c.env.unrouted.request)));
  }

  /** Answers. Never rejects. */
  async answer(unrouted: UnroutedRequest, context: CallContext): Promise<HttpResponse> {
    const { method, url } = unrouted.request;
    // By the path alone: the public address may have a part before it, and any host.
    const request = new Request(`http://management.invalid${url}`, {
      method: METHODS.has(method) ? method : 'OPTIONS',
    });
    const streamed: Streamed = {};
    const response = await this.#hono.fetch(request, { unrouted, context, streamed });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const headers: Record<string, string> = {};
    response.headers.forEach((value, name) => (headers[name] = value));
    return { status: response.status, headers, body: bytes.length === 0 ? null : bytes, ...streamed };
  }

  #mount(path: string, endpoints: readonly Endpoint[]): void {
    const byMethod = new Map(endpoints.map((each) => [each.method.toUpperCase(), each]));
    const pattern = path.replaceAll(/\{(\w+)\}/g, ':$1').replace(/\/$/, '');
    const aliases = pattern.startsWith('/api/projects/:project_id')
      ? [pattern, pattern.replace('/api/projects/', '/api/environments/')]
      : [pattern];
    const further = endpoints.flatMap(({ alias }) => (alias === undefined ? [] : [alias]));
    for (const alias of [...aliases, ...further]) {
      this.#hono.all(alias, async (c) => {
        const { unrouted, context } = c.env;
        const routed: RoutedRequest = { ...unrouted, params: c.req.param() };
        const { method } = unrouted.request;
        const endpoint = byMethod.get(method === 'HEAD' ? 'GET' : method);
        if (endpoint !== undefined) {
          const response = written(await handleCall(endpoint, routed, context));
          if (response.stream !== undefined) c.env.streamed.stream = response.stream;
          return responseOf(response);
        }
        return refuseMethod(routed, context, [...byMethod.keys()]);
      });
    }
  }
}

/** Of two paths, the one with a fixed name where the other has a parameter comes first. */
function fixedFirst(a: string, b: string): number {
  const rank = (path: string): string => path.replaceAll(/\{\w+\}/g, '\uffff');
  return rank(a) < rank(b) ? -1 : 1;
}

/** An answer as bytes: members that are undefined left out, numbers with the text that they have (E95). */
export function written({ status, body, raw, stream, headers = {} }: Reply): HttpResponse {
  const safe = { 'cache-control': 'no-store', ...headers };
  if (stream !== undefined) return { status, headers: safe, body: null, stream };
  if (raw !== undefined) return { status, headers: safe, body: raw };
  if (body === undefined) return { status, headers: safe, body: null };
  const bytes = Buffer.from(jsonText(withoutUndefined(body)));
  return { status, headers: { 'content-type': 'application/json', ...safe }, body: bytes };
}

/** A refusal as bytes (M20). */
export function writtenRefusal(refusal: Refusal): HttpResponse {
  const headers = refusal instanceof ApiError ? refusal.headers : {};
  return written({ status: refusal.status, body: problemBody(refusal), headers });
}

function responseOf({ status, headers, body }: HttpResponse): Response {
  return new Response(body === null ? null : new Uint8Array(Buffer.from(body)), { status, headers });
}

function withoutUndefined(value: unknown): JsonValue {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) {
    return value as JsonValue;
  }
  const members: Record<string, JsonValue> = {};
  for (const [name, member] of Object.entries(value)) {
    if (member !== undefined)
      Object.defineProperty(members, name, { value: withoutUndefined(member), enumerable: true });
  }
  return members;
}
