import {
  type CompiledProject,
  type OperationOutcome,
  type PeopleStore,
  type PeopleStoreOptions,
  StoreError,
  type WaitingOperation,
} from 'halyard/host';
import type { Opened } from '../operate/closing.ts';
import type { Log } from '../operate/log/logger.ts';
import type { Metrics } from '../operate/metrics/metrics.ts';
import type { Settings } from '../operate/settings/table.ts';
import { Batcher } from './batcher.ts';
import type { EventMeters } from './event-meters.ts';
import { EventReader } from './event-reader.ts';
import type { EventSwitch } from './event-switch.ts';
import { Events, type EventsOptions, type EventProject, type Storing } from './events.ts';
import { FlagCallCounter } from './flag-calls.ts';
import { forgetting } from './forgetting.ts';
import { Forwarder } from './forward.ts';
import { WaitingRoom } from './waiting-room.ts';
import { WarningLines } from './warning-lines.ts';

/** What waits in a process at most beside its bytes (I170). */
const MOST_OPERATIONS = 20_000;

const MEBIBYTE = 1024 * 1024;

/** For how long it is believed that a token belongs to nobody (I24). */
const UNKNOWN_MS = 1_000;

/** What the end of the batches may take of the time for all: counts come behind. */
const SHARE_FOR_BATCHES = 0.7;

/** What a store tells of its transactions. */
export type StoreHooks = Required<Pick<PeopleStoreOptions, 'poolSize' | 'onRepeat' | 'onCommit' | 'onPoison'>>;

export interface OpenEventsOptions {
  readonly ingest: EventSwitch;
  /** Where persons are written; opened unless nothing is to be stored. */
  readonly openStore: (hooks: StoreHooks) => PeopleStore;
  readonly log: Log;
  readonly metrics: Metrics | null;
  readonly times?: EventsOptions['times'];
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly byToken: (
    token: string,
    address: string,
    unknownMs: number,
  ) => CompiledProject | null | Promise<CompiledProject | null>;
}

/** Opens the doors for events that the settings want; undefined: events are dropped, and nothing is needed for that. Nothing is connected yet. */
export function openEvents(settings: Settings, opened: Opened[], options: OpenEventsOptions): Events | undefined {
  const { ingest, log, metrics, clock } = options;
  const forwarder = settings.ingestForward === undefined ? null : new Forwarder(settings.ingestForward);
  if (forwarder === null && ingest.isOn === false) return undefined;
  const room = new WaitingRoom({ operations: MOST_OPERATIONS, bytes: settings.ingestQueueMb * MEBIBYTE });
  const opening: { storing: Storing | null } = { storing: null };
  const meters =
    metrics?.ingest(() => ({
      operations: room.operations,
      bytes: room.bytes,
      oldestMs: opening.storing?.batcher.oldestMs ?? 0,
    })) ?? null;
  opening.storing = ingest.isOn === false ? null : openStoring(settings, opened, meters, options);
  // Where another process has prepared the database, nobody has asked yet. Who sends events asks again.
  ingest.decide().catch(() => undefined);
  if (forwarder !== null)
    opened.push({ name: 'the connections to the upstream', close: () => Promise.resolve(forwarder.close()) });
  return new Events({
    ...(options.times && { times: options.times }),
    ingest,
    room,
    storing: opening.storing,
    forwarder,
    meters,
    clock,
    onError: (error) => log.logger.error({ err: error }, 'a request with events failed; it is to come again'),
    onDropped: (problem) => log.outages.warn('events were not taken by the upstream', new Error(problem)),
    neighbours: settings.neighbours,
    trustProxy: settings.trustProxy,
    holdMs: settings.ingestHoldMs,
    bodyBytes: settings.ingestBodyMb * MEBIBYTE,
  });
}

function openStoring(
  settings: Settings,
  opened: Opened[],
  meters: EventMeters | null,
  { log, clock, byToken, openStore }: OpenEventsOptions,
): Storing {
  const warnings = new WarningLines((fields) => log.logger.warn(fields, 'events have something wrong'));
  const onAway = (error: unknown): void => {
    meters?.repeat('away');
    log.outages.warn('events cannot be stored; they wait for the database', error);
  };
  const store = openStore({
    poolSize: settings.ingestPoolSize,
    onRepeat: (cause) => meters?.repeat(cause),
    onCommit: ({ operations, ms, personsCreated }) => meters?.batch(operations, ms, personsCreated),
    onPoison: (error) => log.outages.warn('an event cannot be stored, ever, and is skipped', error),
  });
  const batcher = new Batcher({
    store,
    size: settings.ingestBatch,
    lanes: settings.ingestPoolSize,
    clock,
    onAway,
    onStored: (batch, outcomes) => told(batch, outcomes, meters, warnings),
  });
  const flagCalls = new FlagCallCounter({
    store,
    clock,
    onUnknown: (calls) => meters?.unknownFlagCalls(calls),
    onError: (error) => log.outages.warn('calls of flags could not be written', error),
  });
  const reader = new EventReader({
    unpackedBytes: 2 * settings.ingestBodyMb * MEBIBYTE,
    ...(settings.ingestIgnoreProperties === undefined ? {} : { ignoreProperties: settings.ingestIgnoreProperties }),
  });
  const forget = forgetting(store, settings.ingestDedupeHours, clock, (error) => {
    // The next time will do.
    if (!(error instanceof StoreError)) log.logger.error({ err: error }, 'ids of old events could not be forgotten');
  });
  opened.push({
    name: 'the events that wait to be stored',
    close: async (leftMs) => {
      await forget.stop();
      await batcher.drained(leftMs * SHARE_FOR_BATCHES);
      await flagCalls.close();
      warnings.close();
      await Promise.all([reader.close(), store.close()]);
    },
  });
  return {
    reader,
    batcher,
    flagCalls,
    warnings,
    onAway,
    byToken: (token, address) => {
      const found = byToken(token, address, UNKNOWN_MS);
      return found instanceof Promise ? found.then(projectOf) : projectOf(found);
    },
  };
}

function projectOf(compiled: CompiledProject | null): EventProject | null {
  if (compiled === null) return null;
  const { project, program } = compiled;
  return {
    teamId: project.teamId,
    projectId: project.projectId,
    variantsOf: (flagKey) => program.variantsOf(flagKey),
  };
}

function told(
  batch: readonly WaitingOperation[],
  outcomes: readonly OperationOutcome[],
  meters: EventMeters | null,
  warnings: WarningLines,
): void {
  for (const [i, { outcome, merge, warnings: kinds }] of outcomes.entries()) {
    const teamId = batch[i]?.teamId ?? 0;
    for (const kind of outcome === 'poisonous' ? [...kinds, outcome] : kinds) {
      warnings.warn(teamId, kind);
      meters?.warning(kind);
    }
    if (outcome === 'not_persisted') continue;
    meters?.events(outcome === 'poisonous' ? 'ignored' : outcome, 1);
    if (merge !== null) meters?.merge(merge);
  }
}
