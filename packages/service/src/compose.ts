import { routerDefaults, StoreError } from 'halyard/host';
import { createApp } from './app.ts';
import { closeAll, drainAndClose, type Opened } from './operate/closing.ts';
import { type Guards, openGuards } from './guards.ts';
import { type Dispatched, type Listening, listen } from './http/listen.ts';
import { createAccessLog } from './operate/log/access-log.ts';
import type { Metrics } from './operate/metrics/metrics.ts';
import type { Log } from './operate/log/logger.ts';
import type { Remembered } from './observe/recent-requests.ts';
import { openTraces, type Traces } from './operate/traces.ts';
import { mostConnections, warnOfFewFiles } from './operate/open-files.ts';
import { ProbePort } from './operate/probe-port.ts';
import type { Health } from './operate/probes.ts';
import { keyedPorts } from './keyed-ports.ts';
import { managementConnections, openManagement } from './open-management.ts';
import type { Management } from './manage/mount.ts';
import type { Settings } from './operate/settings/table.ts';
import type { Recompile } from './posthog/internal/internal-requests.ts';
import { findConsole } from './console/find-console.ts';
import type { Events } from './events/events.ts';
import { openEvents } from './events/open-events.ts';
import { peopleStore } from './events/people-store.ts';
import { findScripts } from './posthog/static-scripts.ts';
import { newSetup } from './setup-secret.ts';
import { openStores, type Stores } from './stores.ts';

/** A service that answers. */
export interface Service {
  readonly url: string;
  /** Where the probes have a port of their own; undefined: nowhere. */
  readonly probesUrl: string | undefined;
  /** The service runs its own database. */
  readonly embedded: boolean;
  /** Public tokens of some projects, oldest first; null while the database is away. */
  readonly tokens: readonly string[] | null;
  /** Path of the page on which the first user is made, with a new secret in it; null: none is to be made (M185). Rejects while the database is away. */
  newSetup(): Promise<string | null>;
  /** Rejects when the database, away at the start, turns out to be of no use; never resolves. */
  readonly failed: Promise<never>;
  /**
   * Says that it is not ready, pauses where the settings want that, then takes no more requests, lets running ones finish, and closes
   * everything (H220). Resolves within the time of the settings, also when something hangs, which then stays open: the log says what.
   */
  close(): Promise<void>;
}

/** One of several processes that serve together. */
export interface WorkerPart {
  readonly worker: number;
  /** Where its connections come from. */
  readonly dispatched: Dispatched;
  /** The metrics of all processes, as a page. */
  readonly page: () => Promise<string>;
  /** What all processes remember of a project's requests. Rejects when the others do not say in time. */
  readonly recent: (teamId: number) => Promise<Remembered>;
}

/** A service that is a part of a larger one, which opens the database, listens, and says when to end. */
export interface PartialService extends Omit<Service, 'close'> {
  /** What this process alone has counted; null: nothing is counted. */
  readonly metrics: Metrics | null;
  /** What this process alone remembers of a project's requests. */
  ownRecent(teamId: number): Remembered;
  /** From now on says that it is not ready. */
  drain(): void;
  /** As `Service.close` without its pause, within so many milliseconds. */
  close(withinMs: number): Promise<void>;
}

export interface ComposeOptions {
  readonly log: Log;
  /** Told what takes time, for somebody who waits. */
  readonly onProgress: (message: string) => void;
  /** The time of day that flags are decided by, in milliseconds since the epoch. Default: the world's. */
  readonly clock?: () => number;
  /** After so long the management API answers questions about everybody from a sample. Default: its own. */
  readonly sampleAfterMs?: number;
}

/** What requests under way may take of the time in which the port is closed: the rest is for refusing those that are not done. */
const SHARE_FOR_REQUESTS = 0.9;

/**
 * Builds the service of the settings in this process and starts it, also while a database that the settings name is away. What was started
 * is stopped again when a later step fails.
 */
export async function startService(settings: Settings, options: ComposeOptions): Promise<Service> {
  const service = await startPart(settings, options, undefined);
  return {
    url: service.url,
    probesUrl: service.probesUrl,
    embedded: service.embedded,
    tokens: service.tokens,
    newSetup: () => service.newSetup(),
    failed: service.failed,
    close: () =>
      drainAndClose(
        settings,
        () => service.drain(),
        (endsAt) => service.close(endsAt - performance.now()),
      ),
  };
}

/**
 * Opens the probes' own port where the settings want one.
 *
 * @param opened gets the port as what is closed last: until then there is something to tell
 * @returns where they are answered; undefined: on the port of all others
 */
export async function openProbePort(
  { host, probePort }: Settings,
  health: Health,
  opened: Opened[],
): Promise<string | undefined> {
  if (probePort === undefined) return undefined;
  const probes = await ProbePort.open(host, probePort, health);
  opened.unshift({ name: 'the probes', close: () => probes.close() });
  return probes.url;
}

/**
 * The same as a part of a service of several processes.
 *
 * @param part undefined: this process is the whole service
 */
export async function startPart(
  settings: Settings,
  { log, onProgress, clock = Date.now, sampleAfterMs }: ComposeOptions,
  part: WorkerPart | undefined,
): Promise<PartialService> {
  const opened: Opened[] = [];
  const close = (withinMs: number) => closeLogged(opened, performance.now() + withinMs, log);
  try {
    const stores = await openStores(settings, opened, { log, onProgress, prepared: part !== undefined });
    const { database, projects, metrics, health, opening } = stores;
    metrics?.watch({ pools: projects.pools, projects: () => projects.registry.metrics() });
    const maxConnections = mostConnections(ownConnections(settings));
    const recompile: Recompile = (token, change) => projects.recompiled(token, change);
    const guards = await openGuards(settings, opened, log, recompile, metrics);
    const { tracesUrl } = settings;
    const traces =
      tracesUrl === undefined
        ? null
        : await openTraces(tracesUrl, (spans, error) =>
            log.logger.warn({ spans, err: error }, 'spans could not be sent to the collector of traces'),
          );
    if (traces !== null) opened.push({ name: 'the traces', close: () => traces.close() });
    const management = openManagement(settings, database, log, {
      clock,
      compiled: async (token) => projects.registry.byToken(token),
      // M196: a replica may not have what was just written.
      recompiled: (token, change) => projects.recompiled(token, change, 'writer'),
      persons: (teamId, after, limit) => projects.persons(teamId, after, limit),
      onTeamChange: (listener) => projects.onTeamChange(listener),
      definitionsWritten: (teamId) => stores.projects.registry.refreshed(teamId),
      ...(sampleAfterMs === undefined ? {} : { sampleAfterMs }),
      ...(part === undefined ? {} : { recentOfAll: part.recent }),
    });
    if (management !== undefined) opened.push({ name: 'the management API', close: () => management.close() });
    const events = openEvents(settings, opened, {
      ingest: stores.ingest,
      openStore: (hooks) => peopleStore(database, hooks),
      log,
      metrics,
      clock,
      byToken: (token, address, unknownMs) => projects.registry.byToken(token, address, unknownMs),
    });
    const listening = await listenWith(settings, {
      log,
      stores,
      guards,
      traces,
      management,
      events,
      clock,
      maxConnections,
      part,
    });
    opened.push({
      name: 'the requests under way',
      close: (leftMs) => {
        management?.endStreams();
        events?.stop();
        return listening.close(leftMs * SHARE_FOR_REQUESTS);
      },
    });
    // Of several processes the primary has it.
    const probesUrl = part === undefined ? await openProbePort(settings, health, opened) : undefined;
    return {
      url: listening.url,
      probesUrl,
      embedded: database.folder !== null,
      tokens: health.tokens,
      newSetup: () => newSetup(settings, database),
      failed: opening.failed,
      metrics,
      ownRecent: (teamId) => management?.ownRecent(teamId) ?? { requests: [], properties: [] },
      drain: () => void (health.draining = true),
      close: (withinMs) => {
        health.draining = true;
        return close(withinMs);
      },
    };
  } catch (error) {
    await close(settings.shutdownMs);
    throw error;
  }
}

/** Closes what was opened until `endsAt` (on the clock of `performance.now()`), and logs what is not done then. */
export async function closeLogged(opened: Opened[], endsAt: number, { logger }: Log): Promise<void> {
  const late = await closeAll(opened, endsAt);
  if (late.length > 0) logger.warn({ still_open: late }, 'not everything could be closed in time');
}

/** How many connections to databases the pools may have. */
function ownConnections(settings: Settings): number {
  const sizes = [
    settings.readPoolSize,
    settings.writePoolSize,
    settings.personsReadPoolSize,
    settings.personsWritePoolSize,
  ];
  const management = settings.management ? managementConnections : 0;
  const ingest = settings.ingest === 'off' ? 0 : settings.ingestPoolSize;
  return sizes.reduce<number>((sum, size = routerDefaults.maxConnections) => sum + size, management + ingest);
}

interface Parts {
  readonly log: Log;
  readonly stores: Stores;
  readonly guards: Guards;
  readonly traces: Traces | null;
  readonly management: Management | undefined;
  readonly events: Events | undefined;
  readonly clock: () => number;
  readonly maxConnections: number | undefined;
  readonly part: WorkerPart | undefined;
}

function listenWith(
  settings: Settings,
  { log, stores, guards, traces, management, events, clock, maxConnections, part }: Parts,
): Promise<Listening> {
  const { logger, outages } = log;
  const { projects, health, metrics } = stores;
  const keyed = keyedPorts(projects, settings);
  metrics?.watchKeyedLimits(() => keyed.limits?.entries ?? 0);
  const app = createApp({
    projects: projects.registry,
    keyed,
    health,
    clock,
    trustProxy: settings.trustProxy,
    decideByPath: settings.decideByPath,
    typedRecords: settings.typedRecords,
    readOnly: settings.readOnly,
    mode: settings.mode,
    neighbours: settings.neighbours,
    ...guards,
    management,
    events,
    console: findConsole(settings),
    onBegin: traces?.begin,
    batches: projects,
    earlyAccess: (teamId) => projects.earlyAccess(teamId),
    scripts: settings.neighbours ? findScripts() : undefined,
    metrics: metrics === null ? undefined : (part?.page ?? (() => metrics.text())),
    onError: (error, requestId) => {
      const fields = { request_id: requestId };
      if (error instanceof StoreError) outages.warn('definitions could not be read', error, fields);
      else logger.error({ ...fields, err: error }, 'a request failed');
    },
    onDetail: logger.isLevelEnabled('debug') ? (message, fields) => logger.debug(fields, message) : undefined,
  });
  const accessLog = createAccessLog({
    write: log.line,
    clock: Date.now,
    enabled: (level) => logger.isLevelEnabled(level),
    ids: settings.logIds,
    address: settings.logAddress,
    worker: part?.worker,
  });
  const counted = metrics === null ? accessLog : metrics.counting(accessLog);
  return listen({
    app,
    accessLog: traces === null ? counted : traces.tracing(counted),
    host: settings.host,
    port: settings.port,
    timeoutMs: settings.requestTimeoutMs,
    concurrency: settings.concurrency,
    queue: settings.queue,
    queueMs: settings.queueMs,
    maxConnections,
    dispatched: part?.dispatched,
    onOverload: (error) => outages.warn('connections are refused for a moment', error),
    onRefused: warnOfFewFiles(outages),
  });
}
