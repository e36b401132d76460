import { setTimeout as sleep } from 'node:timers/promises';
import { StoreError, type OpenProjects } from 'halyard/host';
import { createApp } from './app.ts';
import { closeAll, type Opened } from './operate/closing.ts';
import { openDatabase } from './operate/database.ts';
import { seedDemo } from './demo/seed-demo.ts';
import { type Listening, listen } from './http/listen.ts';
import { createAccessLog } from './operate/log/access-log.ts';
import { Metrics } from './operate/metrics/metrics.ts';
import type { Log } from './operate/log/logger.ts';
import { logSchema } from './operate/log/schema-line.ts';
import { Opening } from './operate/opening.ts';
import { openLoggedProjects } from './projects.ts';
import { mostConnections } from './operate/open-files.ts';
import type { Health } from './operate/probes.ts';
import type { Settings } from './operate/settings/table.ts';

/** A service that answers. */
export interface Service {
  readonly url: string;
  /** The service runs its own database. */
  readonly embedded: boolean;
  /** Public tokens of some projects, oldest first; null while the database is away. */
  readonly tokens: readonly string[] | null;
  /** Rejects when the database, away at the start, turns out to be of no use; never resolves. */
  readonly failed: Promise<never>;
  /**
   * Says that it is not ready, pauses where the settings want that, then takes no more requests, lets running ones finish, and closes
   * everything (H220). Resolves within the time of the settings, also when something hangs, which then stays open: the log says what.
   */
  close(): Promise<void>;
}

export interface ComposeOptions {
  readonly log: Log;
  /** Told what takes time, for somebody who waits. */
  readonly onProgress: (message: string) => void;
  /** The time of day that flags are decided by, in milliseconds since the epoch. Default: the world's. */
  readonly clock?: () => number;
}

/** What the facts of a request may take of its time: the rest is for waiting, evaluating and writing (H218). */
const SHARE_FOR_FACTS = 0.9;

/** What requests under way may take of the time in which the port is closed: the rest is for refusing those that are not done. */
const SHARE_FOR_REQUESTS = 0.9;

/**
 * Builds the service of the settings and starts it, also while a database that the settings name is away. What was started is stopped
 * again when a later step fails.
 */
export async function startService(
  settings: Settings,
  { log, onProgress, clock = Date.now }: ComposeOptions,
): Promise<Service> {
  const ownConnections = [
    settings.readPoolSize,
    settings.writePoolSize,
    settings.personsReadPoolSize,
    settings.personsWritePoolSize,
  ].reduce<number>((sum, size = 2) => sum + size, 0);
  const maxConnections = mostConnections(ownConnections);
  const opened: Opened[] = [];
  const end = async (endsAt: number): Promise<void> => {
    const late = await closeAll(opened, endsAt);
    if (late.length > 0) log.logger.warn({ still_open: late }, 'not everything could be closed in time');
  };
  try {
    const database = await openDatabase(settings, { join: false, logger: log.logger, onProgress });
    opened.push({ name: 'the embedded database', close: () => database.close() });
    const metrics = settings.metrics ? new Metrics() : null;
    const projects = openLoggedProjects({ ...database.urls, onStatement: metrics?.statement }, log, {
      factsTimeoutMs: settings.requestTimeoutMs * SHARE_FOR_FACTS,
      ...(settings.redisUrl === undefined ? {} : { redis: { url: settings.redisUrl, prefix: settings.redisPrefix } }),
    });
    opened.push({ name: 'the connections to the stores', close: () => projects.close() });
    const embedded = database.folder !== null;
    const health = new LiveHealth(projects, log);
    const demoUrl = embedded && settings.demo === 'auto' ? database.urls.write : null;
    const opening = new Opening({
      log,
      steps: [
        () => database.migrate(),
        async () => void (health.tokens = await knownTokens(projects, demoUrl)),
        async () => {
          if (!embedded) logSchema(log.logger, await projects.schema());
        },
      ],
      isReady: () => !health.waiting,
    });
    opened.push({ name: 'the preparation of the database', close: () => opening.close() });
    await opening.begin();
    metrics?.watch({ pools: projects.pools, projects: () => projects.registry.metrics() });
    const listening = await listenWith(settings, { log, projects, health, metrics, clock, maxConnections });
    opened.push({ name: 'the requests under way', close: (leftMs) => listening.close(leftMs * SHARE_FOR_REQUESTS) });
    return {
      url: listening.url,
      embedded,
      tokens: health.tokens,
      failed: opening.failed,
      close: async () => {
        const endsAt = performance.now() + settings.shutdownMs;
        health.draining = true;
        if (settings.drainMs > 0) await sleep(settings.drainMs);
        await end(endsAt);
      },
    };
  } catch (error) {
    await end(performance.now() + settings.shutdownMs);
    throw error;
  }
}

/** The projects' tokens; a database without any gets the demo project first, where that is wanted. */
async function knownTokens(projects: OpenProjects, demoUrl: string | null): Promise<readonly string[]> {
  let known = await projects.list();
  if (known.length === 0 && demoUrl !== null) {
    await seedDemo(demoUrl);
    known = await projects.list();
  }
  return known.map(({ token }) => token);
}

class LiveHealth implements Health {
  draining = false;
  /** Null: not read yet. */
  tokens: readonly string[] | null = null;
  readonly #projects: OpenProjects;
  readonly #log: Log;

  constructor(projects: OpenProjects, log: Log) {
    this.#projects = projects;
    this.#log = log;
  }

  get waiting(): boolean {
    return this.tokens === null;
  }

  async warmUp(): Promise<void> {
    try {
      await this.#projects.warmUp();
    } catch (error) {
      this.#log.logger.warn({ err: error }, 'the connections could not be opened ahead of the first request');
    }
  }
}

interface Parts {
  readonly log: Log;
  readonly projects: OpenProjects;
  readonly health: Health;
  readonly metrics: Metrics | null;
  readonly clock: () => number;
  readonly maxConnections: number | undefined;
}

function listenWith(
  settings: Settings,
  { log, projects, health, metrics, clock, maxConnections }: Parts,
): Promise<Listening> {
  const { logger, outages } = log;
  const app = createApp({
    projects: projects.registry,
    health,
    clock,
    trustProxy: settings.trustProxy,
    decideByPath: settings.decideByPath,
    readOnly: settings.readOnly,
    neighbours: settings.neighbours,
    metrics: metrics === null ? undefined : () => metrics.text(),
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
  });
  return listen({
    app,
    accessLog: metrics === null ? accessLog : metrics.counting(accessLog),
    host: settings.host,
    port: settings.port,
    timeoutMs: settings.requestTimeoutMs,
    concurrency: settings.concurrency,
    queue: settings.queue,
    queueMs: settings.queueMs,
    maxConnections,
    onRefused: (error) =>
      outages.warn('connections are refused; let the process open more files (ulimit -n, LimitNOFILE)', error),
  });
}
