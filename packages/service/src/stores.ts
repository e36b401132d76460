import { isAway, type OpenProjects } from 'halyard/host';
import { demoToken } from './demo/demo.ts';
import { giveDemoItsKey, seedDemo } from './demo/seed-demo.ts';
import type { Opened } from './operate/closing.ts';
import { type Database, openDatabase } from './operate/database.ts';
import type { Log } from './operate/log/logger.ts';
import { logSchema } from './operate/log/schema-line.ts';
import { Metrics } from './operate/metrics/metrics.ts';
import { Opening } from './operate/opening.ts';
import type { Health } from './operate/probes.ts';
import type { Settings } from './operate/settings/table.ts';
import { openLoggedProjects } from './projects.ts';
import { checkDirectWrites } from './direct-writes.ts';
import { EventSwitch } from './events/event-switch.ts';
import { ownerOf } from './events/people-store.ts';

export interface StoresOptions {
  readonly log: Log;
  /** Told what takes time, for somebody who waits. */
  readonly onProgress: (message: string) => void;
  /** Another process has brought the schema up to date and has told of it. */
  readonly prepared: boolean;
}

/** What a service has opened before it listens. */
export interface Stores {
  readonly database: Database;
  readonly metrics: Metrics | null;
  readonly projects: OpenProjects;
  readonly health: LiveHealth;
  readonly opening: Opening;
  /** Whether events are stored. */
  readonly ingest: EventSwitch;
}

/** What the facts of a request may take of its time: the rest is for waiting, evaluating and writing (H218). */
const SHARE_FOR_FACTS = 0.9;

/**
 * Opens the database of the settings and what is read from it, and prepares both as far as the database is there.
 *
 * @param opened gets what has to be closed, also when this rejects
 */
export async function openStores(
  settings: Settings,
  opened: Opened[],
  { log, onProgress, prepared }: StoresOptions,
): Promise<Stores> {
  const database = await openDatabase(settings, { join: false, logger: log.logger, onProgress });
  opened.push({ name: 'the embedded database', close: () => database.close() });
  const metrics = settings.metrics ? new Metrics() : null;
  const projects = openLoggedProjects({ ...database.urls, onStatement: metrics?.statement }, log, {
    factsTimeoutMs: settings.requestTimeoutMs * SHARE_FOR_FACTS,
    workers: settings.workers,
    stampKeys: !settings.readOnly,
    ...(settings.unknownPerSecond === 0 ? {} : { unknownPerSecond: settings.unknownPerSecond }),
    ...(settings.redisUrl === undefined ? {} : { redis: { url: settings.redisUrl, prefix: settings.redisPrefix } }),
  });
  opened.push({ name: 'the connections to the stores', close: () => projects.close() });
  const embedded = database.folder !== null;
  const health = new LiveHealth(projects, log);
  const demoUrl = embedded && settings.demo === 'auto' ? database.urls.write : null;
  const readTokens = async () => void (health.tokens = await knownTokens(projects, demoUrl));
  const ingest = new EventSwitch({
    wanted: settings.ingest,
    // A database of our own is there to be written.
    readOnly: settings.readOnly && !embedded,
    forward: settings.ingestForward,
    neighbours: settings.neighbours,
    owner: () => ownerOf(database),
  });
  const opening = new Opening({
    log,
    steps: prepared
      ? [readTokens]
      : [
          () => database.migrate(),
          () => checkDirectWrites(settings, database, log),
          readTokens,
          async () => {
            if (!embedded) logSchema(log.logger, await projects.schema());
          },
          () => decideOnEvents(ingest, settings, log),
        ],
    isReady: () => !health.waiting,
  });
  opened.push({ name: 'the preparation of the database', close: () => opening.close() });
  await opening.begin();
  return { database, metrics, projects, health, opening, ingest };
}

/**
 * Finds out whether events are stored, and says so (I201). Where the settings do not insist on it, a database of persons that cannot be used
 * is no reason not to serve flags: the error then shows when events come.
 */
async function decideOnEvents(
  ingest: EventSwitch,
  { ingest: wanted }: Settings,
  { logger, outages }: Log,
): Promise<void> {
  try {
    await ingest.decide();
  } catch (error) {
    if (wanted === 'on' || isAway(error)) throw error;
    outages.warn('events: nobody can say whose tables there are', error);
    return;
  }
  logger.info(ingest.line);
}

/** The projects' tokens; a database without any gets the demo project first, where that is wanted. */
async function knownTokens(projects: OpenProjects, demoUrl: string | null): Promise<readonly string[]> {
  let known = await projects.list();
  if (known.length === 0 && demoUrl !== null) {
    await seedDemo(demoUrl);
    known = await projects.list();
  } else if (demoUrl !== null && known.some(({ token }) => token === demoToken)) await giveDemoItsKey(demoUrl);
  return known.map(({ token }) => token);
}

/** What the probes are told. */
export class LiveHealth implements Health {
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
