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

/** What `/_readiness` says, by the number that `readinessOf` gives (H215). */
export const readinesses = [
  [503, 'waiting for the database'],
  [200, 'ready'],
  [503, 'shutting down'],
] as const;

/** Whether new requests should be sent here, as a place in `readinesses`. */
export function readinessOf({ draining, waiting }: Health): 0 | 1 | 2 {
  if (draining) return 2;
  return waiting ? 0 : 1;
}

function readiness(health: Health): Route {
  return (visit) => {
    const [status, text] = readinesses[readinessOf(health)];
    return probe(visit, status, text);
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
