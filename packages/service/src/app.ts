import { withCors } from './http/cors.ts';
import type { HttpRequest, HttpResponse } from './http/messages.ts';
import { type RequestRecord, startRecord } from './http/request-record.ts';
import type { Projects } from './posthog/ports.ts';
import { type KeyedPorts, keyedRoutes } from './posthog/keyed-routes.ts';
import { arrayConfigRoute } from './posthog/array-config.ts';
import { type DetailLog, flagsRoute } from './posthog/flags-route.ts';
import { type EarlyAccess, earlyAccessRoute } from './posthog/early-access.ts';
import { metricsRoute } from './operate/metrics/metrics-route.ts';
import { eventSink, neighbourRoutes } from './posthog/neighbours.ts';
import { surveysRoute } from './posthog/surveys.ts';
import { type ScriptPackage, staticScripts } from './posthog/static-scripts.ts';
import type { Cookieless } from './posthog/cookieless/cookieless.ts';
import type { GeoIp } from './posthog/geo/geo-ip.ts';
import { BATCH_PATH, batchEvaluationRoute, type BatchStore } from './posthog/internal/batch-evaluation.ts';
import type { InternalRequests } from './posthog/internal/internal-requests.ts';
import type { Bots } from './posthog/protection/bots.ts';
import type { Quota } from './posthog/protection/quota.ts';
import type { Usage } from './posthog/usage.ts';
import type { RateLimits } from './posthog/protection/rate-limits.ts';
import { type Health, probeRoutes } from './operate/probes.ts';
import type { Events } from './events/events.ts';
import type { Intake } from './http/intake.ts';
import type { Route } from './http/route.ts';
import type { Refusal } from './http/refusal.ts';
import { Failure, failureResponse } from './posthog/wire/failure.ts';
import { emptyResponse } from './http/response.ts';
import { storeFailure } from './posthog/wire/store-failure.ts';
import type { Management } from './manage/mount.ts';
import { CONSOLE_PATH, consoleRoute } from './console/console-route.ts';

export interface AppOptions {
  readonly projects: Projects;
  /** What is opened with a key: definitions for local evaluation and remote configuration. Without it nobody has one. */
  readonly keyed?: KeyedPorts | undefined;
  readonly health: Health;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Take the client's address from `X-Forwarded-For` (H51). */
  readonly trustProxy: boolean;
  /** Treat the path `/decide` like the header of the old protocol (H3 (R)). */
  readonly decideByPath: boolean;
  /** Answer version 3 and above with typed records (H65). Default true. */
  readonly typedRecords?: boolean;
  /** Store no sticky keys (H221). Default false. */
  readonly readOnly?: boolean;
  /** Which routes there are (H2). Default: all. */
  readonly mode?: ServiceMode | undefined;
  /** Answer the routes of neighbouring services (H205, H243, H244). */
  readonly neighbours: boolean;
  /** What stands in front of `/flags`: nothing, unless given (H95, H145, H105). */
  readonly limits?: RateLimits | null | undefined;
  readonly bots?: Bots | null | undefined;
  readonly quota?: Quota | null | undefined;
  /** Counts usage (H109, H110); without it nobody does. */
  readonly usage?: Usage | null | undefined;
  /** Makes ids for those who keep none (H140). */
  readonly cookieless?: Cookieless | null | undefined;
  /** Who may ask for more than everybody (H150). */
  readonly internal?: InternalRequests | null | undefined;
  /** What batches are made from, for internal requests; without it there are none (H195). */
  readonly batches?: BatchStore | undefined;
  /** Where addresses are (H130). */
  readonly geo?: GeoIp | null | undefined;
  /** Reads early access features; without it there are none. */
  readonly earlyAccess?: EarlyAccess | undefined;
  /** The script files of the browser SDK; without it they are unknown (H245). */
  readonly scripts?: ScriptPackage | undefined;
  /** The text of `/metrics`; without it there is no such path (H1). */
  readonly metrics?: (() => Promise<string>) | undefined;
  /** What changes flags instead of evaluating them: all paths below `/api/` that nobody above has. Without it there are none. */
  readonly management?: Management | undefined;
  /** Takes events instead of dropping them; without it they are dropped (H243). */
  readonly events?: Events | undefined;
  /** The folder of the web console; without it there is none. */
  readonly console?: string | undefined;
  /** Hears of every request as it begins, for traces. */
  readonly onBegin?: ((request: HttpRequest, record: RequestRecord) => void) | undefined;
  /** Hears of every failure that is not the caller's. */
  readonly onError: (error: unknown, requestId: string) => void;
  /** Hears how each answer came about, for debug logs. */
  readonly onDetail?: DetailLog | undefined;
}

/** `flags`: what evaluates; `definitions`: what is for local evaluation; both beside the probes (H2). */
export type ServiceMode = 'all' | 'flags' | 'definitions';

/** The service without sockets. */
export interface App {
  /** The beginning of a request's record, which whoever answers it completes. */
  record(request: HttpRequest): RequestRecord;
  /** Answers a request. Never throws and never rejects. */
  handle(request: HttpRequest, record: RequestRecord): HttpResponse | Promise<HttpResponse>;
  /** Whether what is sent to this path and query is not even looked at, so that nobody needs to keep it (H243). */
  dropsBody(url: string): boolean;
  /** How what is sent to this path is taken, where that is not as everywhere; undefined: as everywhere. */
  intake(url: string): Intake | undefined;
  /** Whether what is sent to this path has time of its own, and waits for nobody (H195). */
  hasOwnTime(url: string): boolean;
  /** The answer to a request that is not handled: too large, too late, too many. */
  refuse(request: HttpRequest, record: RequestRecord, code: Refusal): HttpResponse;
}

/** The service as a function from request to response: no socket, no global, no clock of its own. */
export function createApp(options: AppOptions): App {
  const metrics = options.metrics === undefined ? undefined : metricsRoute(options.metrics);
  const { management, events } = options;
  const page = options.console === undefined ? null : consoleRoute(options.console);
  const find = routing(options, metrics, page);
  const isManagement = (url: string): boolean =>
    management !== undefined && isBelowApi(url) && find(pathOf(url)) === management.route;

  // H10: metrics are nothing for browsers; management answers pages of its own site only, since it knows their cookie.
  const finished = (route: Route, request: HttpRequest, response: HttpResponse): HttpResponse =>
    route === metrics || route === management?.route || route === page ? response : withCors(request, response);
  const failed = (route: Route, request: HttpRequest, record: RequestRecord, error: unknown): HttpResponse => {
    const failure = storeFailure(error);
    if (failure.code !== 'rate_limit_exceeded') options.onError(error, record.requestId);
    return finished(route, request, failureResponse(failure, record));
  };

  const handle: App['handle'] = (request, record) => {
    const { method, url } = request;
    const path = pathOf(url);
    const search = url.slice(path.length + 1);
    // H11: any OPTIONS request, pre-flight or not.
    const route = method === 'OPTIONS' && !isManagement(url) ? allowed : find(path);
    try {
      const response = route({ request, path, search, record });
      if (!(response instanceof Promise)) return finished(route, request, response);
      return response.then(
        (settled) => finished(route, request, settled),
        (error: unknown) => failed(route, request, record, error),
      );
    } catch (error) {
      return failed(route, request, record, error);
    }
  };

  return {
    record: (request) => {
      const record = startRecord(request, options.trustProxy, options.clock());
      options.onBegin?.(request, record);
      return record;
    },
    handle,
    // The many are not looked at.
    intake: (url) => (events === undefined || url.startsWith('/flags') ? undefined : events.intake(pathOf(url))),
    hasOwnTime: (url) =>
      (url.startsWith(BATCH_PATH) && find(pathOf(url)) !== unknown) ||
      isManagement(url) ||
      (page !== null && isConsole(url)) ||
      (events !== undefined && !url.startsWith('/flags') && events.intake(pathOf(url)) !== undefined),
    dropsBody: (url) => find(pathOf(url)) === eventSink,
    refuse: (request, record, code) => {
      const answer = events?.refuse(pathOf(request.url), code) ?? null;
      if (answer !== null) return withCors(request, answer);
      const failure = new Failure(code);
      if (management === undefined || !isManagement(request.url)) {
        return withCors(request, failureResponse(failure, record));
      }
      const { status } = failureResponse(failure, record);
      return management.refuse(status, failure.detail);
    },
  };
}

/** Below these paths is what people and their tools manage; `/logout` is where PostHog has it. */
function isBelowApi(path: string): boolean {
  return path.startsWith('/api/') || path.startsWith('/logout');
}

/** Also without the slash at its end, where people write it by hand. */
function isConsole(path: string): boolean {
  return path.startsWith(CONSOLE_PATH) || path === '/console';
}

function pathOf(url: string): string {
  const mark = url.indexOf('?');
  return mark < 0 ? url : url.slice(0, mark);
}

/** The table of paths (H1); a path works with and without a slash at its end. */
function routing(options: AppOptions, metrics: Route | undefined, page: Route | null): (path: string) => Route {
  const { projects, clock, decideByPath, typedRecords = true, readOnly = false, onDetail } = options;
  const { limits, bots, quota, usage, geo, internal, cookieless, management } = options;
  const flags = flagsRoute({
    projects,
    clock,
    decideByPath,
    typedRecords,
    readOnly,
    onDetail,
    limits,
    bots,
    quota,
    usage,
    geo,
    internal,
    cookieless,
    observer: management?.observer,
  });
  const { mode = 'all', batches } = options;
  const keyed = keyedRoutes(options.keyed, projects, quota ?? null, usage ?? null, clock);
  const evaluating: readonly (readonly [string, Route])[] = [
    ['/flags', flags],
    ['/decide', flags],
    ...(internal === null || internal === undefined || batches === undefined
      ? []
      : [[BATCH_PATH, batchEvaluationRoute(internal, batches, clock)] as const]),
  ];
  const routes: readonly (readonly [string, Route])[] = [
    ...(mode === 'definitions' ? [] : evaluating),
    ...(mode === 'flags' ? [] : keyed.fixed),
    ...probeRoutes(options.health),
    ...(metrics === undefined ? [] : [['/metrics', metrics] as const]),
    ...(options.neighbours ? neighbourRoutes() : []),
    ...(options.neighbours
      ? [
          [
            '/api/early_access_features',
            earlyAccessRoute({ projects, clock, earlyAccess: options.earlyAccess }),
          ] as const,
          ['/api/surveys', surveysRoute(projects)] as const,
        ]
      : []),
  ];
  const table = new Map(routes.flatMap(([path, route]) => [[path, route] as const, [`${path}/`, route] as const]));
  const scripts = staticScripts(options.scripts);
  const { events } = options;
  return (path) => {
    const route = table.get(path);
    // Events may be wanted where they would be dropped, which the database decides.
    if (route !== undefined && route !== eventSink) return route;
    const taken = events?.routeOf(path) ?? route;
    if (taken !== undefined) return taken;
    const neighbour = options.neighbours ? (arrayConfigRoute(path, projects) ?? scripts(path)) : null;
    const known = (mode === 'flags' ? null : keyed.byPath(path)) ?? neighbour;
    if (known !== null) return known;
    if (page !== null && isConsole(path)) return page;
    return management !== undefined && isBelowApi(path) ? management.route : unknown;
  };
}

const allowed: Route = () => emptyResponse(200);

/** H2: 404 with an empty body. */
const unknown: Route = () => emptyResponse(404);
