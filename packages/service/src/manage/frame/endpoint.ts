import type { z } from '@hono/zod-openapi';
import type { JsonObject } from '@halyard/json';
import type { Caller, Organization, Project, Scope } from '@halyard/manage';
import type { UploadedFile } from './body.ts';
import type { Stream } from '../../http/stream.ts';
import type { Services } from './services.ts';
import type { Changes } from './write-policy.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** What a path is below; what it names is found, and the caller's right to it checked, before anything else. */
export interface Places {
  readonly root: unknown;
  readonly organization: { readonly organization: Organization };
  readonly project: { readonly project: Project };
}

export type Place = keyof Places;

/** Who may come in (M14 to M16). */
export type Access =
  | {
      /** A key needs all of these; a session does not. */
      readonly scopes: readonly [Scope, ...Scope[]];
      /** Least level of membership in the organization of the path. Default 1. */
      readonly level?: number;
    }
  /** Nobody without a session. */
  | { readonly only: 'session' }
  /** Whoever has any credential, whatever it is restricted to: what a key may know of itself. */
  | { readonly only: 'credential'; readonly scopes?: readonly Scope[] }
  /** Everybody: signing in. */
  | { readonly only: 'nobody in particular' };

/** One request to an endpoint, read and let in. */
export type Call<Where extends Place, Body> = Places[Where] & {
  readonly caller: Caller;
  readonly services: Services;
  /** Parts of the path by their names. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Absolute address of the request, as its caller would write it. */
  readonly url: URL;
  readonly body: Body;
  /** Members of the body as they were sent: which of them there are. */
  readonly sent: JsonObject;
  readonly files: ReadonlyMap<string, UploadedFile>;
  /** Address of the caller. */
  readonly address: string;
};

/** What an endpoint answers. */
export interface Reply {
  readonly status: number;
  /** Any JSON value, members that are undefined left out; undefined: nothing at all. */
  readonly body?: unknown;
  /** Bytes to answer as they are, in the place of a body. */
  readonly raw?: Uint8Array;
  /** Written bit by bit, in the place of a body. */
  readonly stream?: Stream;
  readonly headers?: Readonly<Record<string, string>>;
}

interface EndpointOptions<Where extends Place, Body> {
  readonly method: Method;
  /** Such as `/feature_flags/{id}/`, below the place. With a slash at the end, which callers may leave out (M1). */
  readonly path: string;
  readonly place: Where;
  /** Below `/api/halyard/`, where the reference has nothing (section 17). Only in projects. */
  readonly own?: true;
  /** A whole path that leads here, too. */
  readonly alias?: string;
  readonly access: Access;
  readonly changes: Changes;
  /** One sentence for the OpenAPI document. */
  readonly summary: string;
  /** Parameters of the query with what they mean, for the document; none is refused (M23). */
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: z.ZodType<Body>;
  /** What is answered by status, for the document. */
  readonly answers: Readonly<Record<number, z.ZodType | string>>;
  readonly handle: (call: Call<Where, Body>) => Promise<Reply>;
}

/** A method of a path, with everything that is done and said about it. */
export interface Endpoint extends Omit<EndpointOptions<Place, unknown>, 'handle' | 'path'> {
  /** The whole path. */
  readonly path: string;
  readonly handle: (call: Call<Place, unknown>) => Promise<Reply>;
}

const roots: Readonly<Record<Place, string>> = {
  root: '/api',
  organization: '/api/organizations/{organization_id}',
  project: '/api/projects/{project_id}',
};

const OWN_ROOT = '/api/halyard/projects/{project_id}';

/** Describes an endpoint. The kind of place says what its handler is given. */
export function endpoint<Where extends Place, Body = unknown>(options: EndpointOptions<Where, Body>): Endpoint {
  return {
    ...options,
    path: `${options.own === true ? OWN_ROOT : roots[options.place]}${options.path}`,
    // The place and the schema of the same endpoint made the call that it is handed.
    handle: (call) => options.handle(call as Call<Where, Body>),
  };
}

/** 200 with this. */
export function ok(body: unknown): Reply {
  return { status: 200, body };
}

/** 201 with what was made. */
export function created(body: unknown): Reply {
  return { status: 201, body };
}

/** 204. */
export function nothing(): Reply {
  return { status: 204 };
}
