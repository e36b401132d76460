import type { HttpRequest } from '../http/messages.ts';
import { header } from '../http/messages.ts';
import { LostSpans } from './lost-spans.ts';
import type { RequestRecord } from '../http/request-record.ts';
import type { AccessLog } from './log/access-log.ts';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';

/** One span per request, sent to a collector. */
export interface Traces {
  /** Notes what a request's span needs to know of it. */
  readonly begin: (request: HttpRequest, record: RequestRecord) => void;
  /** The same access log, with a span for every request. */
  tracing(next: AccessLog): AccessLog;
  /** Sends what is gathered. */
  close(): Promise<void>;
}

/** The packages of OpenTelemetry, which are loaded when traces are wanted and not before. */
async function packages() {
  const [{ ROOT_CONTEXT, SpanKind, SpanStatusCode, trace }, { parseTraceParent }, resources, sdk, exporter] =
    await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/core'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/exporter-trace-otlp-http'),
    ]);
  return {
    ROOT_CONTEXT,
    SpanKind,
    SpanStatusCode,
    trace,
    parseTraceParent,
    resourceFromAttributes: resources.resourceFromAttributes,
    BasicTracerProvider: sdk.BasicTracerProvider,
    BatchSpanProcessor: sdk.BatchSpanProcessor,
    OTLPTraceExporter: exporter.OTLPTraceExporter,
  };
}

const NAMES = ['api', 'core', 'resources', 'sdk-trace-base', 'exporter-trace-otlp-http'];

/**
 * Opens the way to a collector that takes OTLP over HTTP. Spans carry no ids of users, addresses or tokens. A collector that is away costs spans and nothing else.
 *
 * @param onLost told of spans that could not be sent, once a minute
 * Rejects with an `Error` that says what to install when the packages are missing.
 */
export async function openTraces(
  url: string,
  onLost: (spans: number, error: unknown) => void,
  { load = packages, now = () => performance.now() }: TracesOptions = {},
): Promise<Traces> {
  const otel = await loaded(load);
  const lost = new LostSpans(onLost, now);
  const provider = new otel.BasicTracerProvider({
    resource: otel.resourceFromAttributes({ 'service.name': 'halyard' }),
    spanProcessors: [new otel.BatchSpanProcessor(telling(new otel.OTLPTraceExporter({ url }), lost))],
  });
  const tracer = provider.getTracer('halyard');
  return {
    begin(request, record) {
      record.traced = {
        method: request.method,
        route: routeOf(request.url),
        parent: header(request.headers, 'traceparent'),
      };
    },
    tracing: (next) => (response, record, timings) => {
      next(response, record, timings);
      const { traced } = record;
      if (traced === undefined || record.routine) return;
      const parent = traced.parent === undefined ? null : otel.parseTraceParent(traced.parent);
      const context =
        parent === null
          ? otel.ROOT_CONTEXT
          : otel.trace.setSpanContext(otel.ROOT_CONTEXT, { ...parent, isRemote: true });
      const endedAt = Date.now();
      const span = tracer.startSpan(
        `${traced.method} ${traced.route}`,
        {
          kind: otel.SpanKind.SERVER,
          startTime: endedAt - timings.durationMs,
          attributes: attributesOf(traced, record),
        },
        context,
      );
      span.setAttribute('http.response.status_code', response.status);
      if (timings.bodyReadMs !== undefined) span.setAttribute('halyard.body_read_ms', timings.bodyReadMs);
      if (timings.concurrencyWaitMs !== undefined) span.setAttribute('halyard.wait_ms', timings.concurrencyWaitMs);
      if (response.status >= 500) span.setStatus({ code: otel.SpanStatusCode.ERROR });
      span.end(endedAt);
    },
    async close() {
      // It fails for spans that could not be sent, which are told of here.
      await provider.shutdown().catch(() => undefined);
      lost.flush();
    },
  };
}

export interface TracesOptions {
  readonly load?: typeof packages;
  /** Milliseconds. */
  readonly now?: () => number;
}

/** The same exporter, whose failures are counted: OpenTelemetry itself says nothing of them. */
function telling(exporter: SpanExporter, lost: LostSpans): SpanExporter {
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        if (result.error !== undefined) lost.add(spans.length, result.error);
        done(result);
      });
    },
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
    shutdown: () => exporter.shutdown(),
  };
}

async function loaded(load: typeof packages): ReturnType<typeof packages> {
  try {
    return await load();
  } catch (error) {
    const list = NAMES.map((name) => `@opentelemetry/${name}`).join(' ');
    throw new Error(`HALYARD_TRACES_URL needs packages that are not installed: npm install ${list}`, { cause: error });
  }
}

type Traced = NonNullable<RequestRecord['traced']>;

function attributesOf({ method, route }: Traced, record: RequestRecord): Record<string, string | number> {
  const { requestId, teamId, lib, flagsEvaluated, flagsErrored, errorCode } = record;
  return {
    'http.request.method': method,
    'http.route': route,
    'halyard.request_id': requestId,
    ...(teamId === undefined ? {} : { 'halyard.team_id': teamId }),
    ...(lib === undefined ? {} : { 'halyard.lib': lib }),
    ...(flagsEvaluated === undefined ? {} : { 'halyard.flags_evaluated': flagsEvaluated }),
    ...(flagsErrored === undefined ? {} : { 'halyard.flags_errored': flagsErrored }),
    ...(errorCode === undefined ? {} : { 'error.type': errorCode }),
  };
}

/** The first part of the path: what is behind it may be a token or a key. */
function routeOf(url: string): string {
  return /^\/[\w-]{0,40}/.exec(url)?.[0] ?? '/';
}
