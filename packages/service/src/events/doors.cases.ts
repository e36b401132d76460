import type { FlagCallCount, OperationOutcome, PeopleStore, TableOwner, WaitingOperation } from 'halyard/host';
import { CompiledProject, compile, StoreError } from 'halyard/host';
import { pino } from 'pino';
import { Writable } from 'node:stream';
import { createApp } from '../app.ts';
import { type Listening, listen } from '../http/listen.ts';
import { closeAll, type Opened } from '../operate/closing.ts';
import type { Log } from '../operate/log/logger.ts';
import { OutageLines } from '../operate/log/outage-lines.ts';
import { Metrics } from '../operate/metrics/metrics.ts';
import { readSettings } from '../operate/settings/read-settings.ts';
import { EventSwitch } from './event-switch.ts';
import type { EventsOptions } from './events.ts';
import { openEvents } from './open-events.ts';

export const TOKEN = 'phc_events';
export const NOW = Date.UTC(2026, 10, 30, 9);

/** Remembers what it is to store, and is away when it is told to be. */
export class ScriptedStore implements PeopleStore {
  readonly batches: (readonly WaitingOperation[])[] = [];
  readonly calls: FlagCallCount[] = [];
  away = false;
  tables: TableOwner = 'halyard';
  /** Ids of persons that others hold until the end (I144). */
  readonly contested = new Set<string>();
  /** Resolves when a batch may be committed. */
  gate: Promise<void> = Promise.resolve();
  tries = 0;

  /** Distinct ids in the order in which they were stored. */
  get ids(): string[] {
    return this.batches.flat().flatMap(({ operation }) => operation.person?.distinctId ?? []);
  }

  async apply(operations: readonly WaitingOperation[]): Promise<readonly OperationOutcome[]> {
    this.tries += 1;
    this.#check();
    await this.gate;
    this.#check();
    this.batches.push(operations);
    return operations.map(({ operation }) => {
      const isContested = this.contested.has(operation.person?.distinctId ?? '');
      return { outcome: isContested ? 'not_persisted' : 'applied', merge: null, warnings: [] };
    });
  }

  addFlagCalls(counts: readonly FlagCallCount[]): Promise<void> {
    this.#check();
    this.calls.push(...counts);
    return Promise.resolve();
  }

  forgetEvents(): Promise<number> {
    return Promise.resolve(0);
  }

  owner(): Promise<TableOwner> {
    return this.away ? Promise.reject(unavailable()) : Promise.resolve(this.tables);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #check(): void {
    if (this.away) throw unavailable();
  }
}

function unavailable(): StoreError {
  return new StoreError('unavailable', 'persons writer', 'away');
}

/** A service that takes events and answers nothing else. */
export interface Doors {
  readonly url: string;
  readonly store: ScriptedStore;
  readonly ingest: EventSwitch;
  readonly log: { readonly msg: string; readonly [field: string]: unknown }[];
  /** Tokens that were asked for. */
  readonly asked: string[];
  /** Projects by token. */
  readonly projects: Map<string, CompiledProject>;
  metrics(): Promise<string>;
  /** As on a signal to stop. */
  close(ms?: number): Promise<void>;
}

/** What a request is sent with beside its body. */
export interface Sent {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
}

/** A v0 body. */
export function batchOf(...events: object[]): string {
  return JSON.stringify({ api_key: TOKEN, batch: events });
}

export async function send(
  { url }: { readonly url: string },
  body: string | Uint8Array,
  { path = '/batch/', method = 'POST', headers = {} }: Sent = {},
): Promise<{ status: number; text: string; headers: Headers }> {
  const init = { method, headers, ...(method === 'POST' ? { body: body as string } : {}) };
  const response = await fetch(`${url}${path}`, init);
  return { status: response.status, text: await response.text(), headers: response.headers };
}

export function projectWith(teamId: number): CompiledProject {
  const flag = {
    id: 1,
    key: 'colour',
    active: true,
    filters: { groups: [], multivariate: { variants: [{ key: 'blue', rollout_percentage: 100 }] } },
  };
  const flags = [flag, { id: 2, key: 'off', active: false, filters: { groups: [] } }];
  const program = compile({ teamId, flags, cohorts: [], groupTypeMapping: {} });
  const project = { teamId, projectId: teamId, token: TOKEN, name: '', timezone: 'UTC', settings: {} };
  return new CompiledProject(project, program, '1', null);
}

export async function openDoors(
  env: Readonly<Record<string, string>> = {},
  change: (store: ScriptedStore) => void = () => undefined,
  times: NonNullable<EventsOptions['times']> = {},
  people?: PeopleStore,
): Promise<Doors> {
  const settings = readSettings({ PORT: '0', ...env });
  const lines: Doors['log'] = [];
  const sink = new Writable({
    write: (chunk, _encoding, done) => done(void lines.push(JSON.parse(String(chunk)) as Doors['log'][number])),
  });
  const logger = pino({}, sink);
  const log: Log = { logger, outages: new OutageLines(logger), line: () => undefined, flush: () => undefined };
  const store = new ScriptedStore();
  change(store);
  const metrics = new Metrics();
  const asked: string[] = [];
  const projects = new Map([[TOKEN, projectWith(7)]]);
  const ingest = new EventSwitch({
    wanted: settings.ingest,
    readOnly: settings.readOnly,
    forward: settings.ingestForward,
    neighbours: settings.neighbours,
    owner: () => store.owner(),
  });
  await ingest.decide().catch(() => undefined);
  const opened: Opened[] = [];
  const events = openEvents(settings, opened, {
    ingest,
    openStore: () => people ?? store,
    log,
    metrics,
    times,
    clock: () => NOW,
    byToken: (token) => {
      asked.push(token);
      if (store.away && !projects.has(token)) throw unavailable();
      return projects.get(token) ?? null;
    },
  });
  const app = createApp({
    projects: { byToken: () => null },
    health: { draining: false, waiting: false, warmUp: () => Promise.resolve() },
    clock: () => NOW,
    trustProxy: settings.trustProxy,
    decideByPath: true,
    neighbours: settings.neighbours,
    events,
    onError: (error) => lines.push({ msg: String(error) }),
  });
  const listening: Listening = await listen({
    app,
    accessLog: () => undefined,
    host: '127.0.0.1',
    port: 0,
    timeoutMs: settings.requestTimeoutMs,
    concurrency: 1000,
    queue: 2000,
    queueMs: 500,
  });
  opened.push({
    name: 'the requests under way',
    close: (leftMs) => {
      events?.stop();
      return listening.close(leftMs);
    },
  });
  return {
    url: listening.url,
    store,
    ingest,
    log: lines,
    asked,
    projects,
    metrics: () => metrics.text(),
    close: async (ms = 10_000) => void (await closeAll(opened, performance.now() + ms)),
  };
}
