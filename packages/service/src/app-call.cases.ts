import type { JsonObject } from '@halyard/json';
import { createApp, type ServiceMode } from './app.ts';
import type { HttpResponse } from './http/messages.ts';
import type { RequestRecord } from './http/request-record.ts';
import type { EarlyAccess } from './posthog/early-access.ts';
import type { Projects } from './posthog/ports.ts';
import type { Cookieless } from './posthog/cookieless/cookieless.ts';
import type { GeoIp } from './posthog/geo/geo-ip.ts';
import type { InternalRequests } from './posthog/internal/internal-requests.ts';
import type { Bots } from './posthog/protection/bots.ts';
import type { KeyedPorts } from './posthog/keyed-routes.ts';
import type { Quota } from './posthog/protection/quota.ts';
import type { Usage } from './posthog/usage.ts';
import type { RateLimits } from './posthog/protection/rate-limits.ts';
import type { ScriptPackage } from './posthog/static-scripts.ts';
import { projectsWith, StubProject, TOKEN } from './posthog/stub-projects.cases.ts';

export const NOW = 1_790_000_000_123;
export const REQUEST_ID = '7f2b6a52-2f0e-4c52-9d0b-0f6a3d1f0c11';

/** A request, and the service that it meets. */
export interface Call {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array | JsonObject;
  readonly projects?: Projects;
  readonly decideByPath?: boolean;
  readonly typedRecords?: boolean;
  readonly neighbours?: boolean;
  readonly readOnly?: boolean;
  readonly draining?: boolean;
  readonly waiting?: boolean;
  readonly limits?: RateLimits | null;
  readonly bots?: Bots;
  readonly quota?: Quota | null;
  readonly usage?: Usage;
  readonly keyed?: KeyedPorts;
  readonly geo?: GeoIp;
  readonly internal?: InternalRequests;
  readonly cookieless?: Cookieless;
  readonly mode?: ServiceMode;
  readonly earlyAccess?: EarlyAccess;
  readonly scripts?: ScriptPackage;
  readonly metrics?: () => Promise<string>;
  readonly onError?: (error: unknown) => void;
  readonly onDetail?: (message: string, fields: object) => void;
}

/** An answer, and what the log line would say of its request. */
export type Answered = HttpResponse & { readonly record: RequestRecord };

export async function call(options: Call): Promise<Answered> {
  const app = createApp({
    projects: options.projects ?? projectsWith(new StubProject()),
    health: {
      draining: options.draining ?? false,
      waiting: options.waiting ?? false,
      warmUp: () => Promise.resolve(),
    },
    clock: () => NOW,
    trustProxy: false,
    decideByPath: options.decideByPath ?? true,
    typedRecords: options.typedRecords ?? true,
    readOnly: options.readOnly ?? false,
    neighbours: options.neighbours ?? true,
    limits: options.limits,
    bots: options.bots,
    quota: options.quota,
    usage: options.usage,
    keyed: options.keyed,
    geo: options.geo,
    internal: options.internal,
    cookieless: options.cookieless,
    mode: options.mode,
    earlyAccess: options.earlyAccess,
    scripts: options.scripts,
    metrics: options.metrics,
    onError: options.onError ?? (() => undefined),
    onDetail: options.onDetail,
  });
  const { body = new Uint8Array() } = options;
  const bytes = body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const request = {
    method: options.method ?? 'POST',
    url: options.url ?? '/flags/?v=2',
    headers: { 'x-request-id': REQUEST_ID, ...options.headers },
    body: bytes,
    peer: '192.0.2.7',
  };
  const record = app.record(request);
  return { ...(await app.handle(request, record)), record };
}

export function json(response: HttpResponse): Record<string, unknown> {
  return JSON.parse(response.body as string) as Record<string, unknown>;
}

/** A body with all that is needed. */
export const USER = { token: TOKEN, distinct_id: 'shopper-17' };
