import type { HttpResponse } from '../http/messages.ts';
import { emptyResponse, textResponse } from '../http/response.ts';
import type { Route, Visit } from '../http/route.ts';

/** What the probes look at. */
export interface Health {
  /** True from the moment shutdown begins. */
  readonly draining: boolean;
  /** The database has not been reached since the start. */
  readonly waiting: boolean;
  /** Opens connections ahead of the first request. Never rejects: a failure concerns the log only. */
  warmUp(): Promise<void>;
}

/** `/_readiness`, `/_liveness`, `/_startup` and `/`, by path. */
export function probeRoutes(health: Health): ReadonlyMap<string, Route> {
  return new Map<string, Route>([
    // H215: whether new requests should be sent here.
    ['/_readiness', readiness(health)],
    // H216: alive as long as it can answer, also while it is not ready.
    ['/_liveness', (visit) => probe(visit, 200, 'alive')],
    ['/_startup', startup(health)],
    ['/', (visit) => probe(visit, 200, 'Halyard feature flags')],
  ]);
}

function readiness(health: Health): Route {
  return (visit) => {
    if (health.draining) return probe(visit, 503, 'shutting down');
    return health.waiting ? probe(visit, 503, 'waiting for the database') : probe(visit, 200, 'ready');
  };
}

/** H217: the first call warms up, every call says 200. */
function startup(health: Health): Route {
  let warm: Promise<void> | undefined;
  return async (visit) => {
    warm ??= health.warmUp();
    await warm;
    return probe(visit, 200, 'started');
  };
}

function probe({ request, record }: Visit, status: number, text: string): HttpResponse {
  record.routine = true;
  if (request.method !== 'GET' && request.method !== 'HEAD') return emptyResponse(405, { allow: 'GET, HEAD' });
  return textResponse(status, text);
}
