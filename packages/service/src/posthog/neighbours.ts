import { emptyResponse, jsonResponse } from '../http/response.ts';
import type { Route } from '../http/route.ts';

/** Where SDKs send events (H242, H243). */
const EVENT_PATHS = [
  '/batch',
  '/e',
  '/i/v0/e',
  '/capture',
  '/track',
  '/engage',
  '/s',
  '/i/v1/analytics/events',
  // What AI clients, logs, metrics and traces send (H244).
  '/i/v0/ai',
  '/i/v0/ai/batch',
  '/i/v1/logs',
  '/i/v1/metrics',
  '/i/v1/traces',
];

/** Features of the product that this service does not have (H244). */
const EMPTY_LISTS: readonly (readonly [string, string])[] = [
  ['/api/web_experiments', '{"experiments":[]}'],
  ['/api/product_tours', '{"product_tours":[]}'],
  ['/api/conversations/v1/widget/messages', '{"messages":[],"has_more":false}'],
];

/**
 * Routes that SDKs expect at the same host but that belong to other services, by path: answered so that an SDK that
 * is pointed at this service alone stays quiet.
 */
export function neighbourRoutes(): ReadonlyMap<string, Route> {
  const routes = new Map<string, Route>(EVENT_PATHS.map((path) => [path, eventSink]));
  for (const [path, body] of EMPTY_LISTS) routes.set(path, emptyList(body));
  return routes;
}

/** Events are accepted and dropped: an error status would make SDKs retry, queue and log. */
export const eventSink: Route = ({ request, record }) => {
  record.routine = true;
  const known = request.method === 'POST' || request.method === 'GET' || request.method === 'HEAD';
  return known ? jsonResponse('{"status":1}') : emptyResponse(405, { allow: 'GET, POST, OPTIONS, HEAD' });
};

function emptyList(body: string): Route {
  return ({ request, record }) => {
    record.routine = true;
    const known = request.method === 'GET' || request.method === 'HEAD';
    return known ? jsonResponse(body) : emptyResponse(405, { allow: 'GET, OPTIONS, HEAD' });
  };
}
