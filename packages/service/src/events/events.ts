import { setTimeout as sleep } from 'node:timers/promises';
import {
  acceptedAnswer,
  type Entry,
  type EventAnswer,
  type EventPath,
  type EventRequest,
  eventPath,
  laterAnswer,
  Refusal,
  refusedAnswer,
} from '@halyard/people';
import { TooManyUnknownTokens } from 'halyard/host';
import type { Intake } from '../http/intake.ts';
import { type Headers, header, type HttpRequest, type HttpResponse } from '../http/messages.ts';
import type { Refusal as ListenerRefusal } from '../http/refusal.ts';
import { emptyResponse } from '../http/response.ts';
import type { Route, Visit } from '../http/route.ts';
import { eventSink } from '../posthog/neighbours.ts';
import type { Batcher } from './batcher.ts';
import type { EventMeters, RefusedCause } from './event-meters.ts';
import type { EventReader } from './event-reader.ts';
import type { EventSwitch } from './event-switch.ts';
import type { FlagCallCounter, VariantsOf } from './flag-calls.ts';
import type { Forwarder } from './forward.ts';
import { type EventsRead, READ_HEADERS } from './read-events.ts';
import type { WaitingRoom } from './waiting-room.ts';
import type { WarningLines } from './warning-lines.ts';

/** A project, as far as events are about it. */
export interface EventProject {
  readonly teamId: number;
  readonly projectId: number;
  readonly variantsOf: VariantsOf;
}

/** What stores events. */
export interface Storing {
  readonly reader: EventReader;
  readonly batcher: Batcher;
  readonly flagCalls: FlagCallCounter;
  readonly warnings: WarningLines;
  /** The project of a token; null: there is none, which was looked up within the last second. Rejects while the store cannot say. */
  readonly byToken: (token: string, address: string) => EventProject | null | Promise<EventProject | null>;
  /** Hears that something could not be asked, which is asked again. */
  readonly onAway: (error: unknown) => void;
}

export interface EventsOptions {
  readonly ingest: EventSwitch;
  readonly room: WaitingRoom;
  /** Null: nothing is stored, whatever the database is. */
  readonly storing: Storing | null;
  /** Null: nothing is sent on. */
  readonly forwarder: Forwarder | null;
  /** Hears of what nobody foresaw. */
  readonly onError: (error: unknown) => void;
  /** Hears of requests that the upstream did not take. */
  readonly onDropped: (problem: string) => void;
  readonly meters: EventMeters | null;
  /** Accept and drop what is not stored (H243). */
  readonly neighbours: boolean;
  readonly trustProxy: boolean;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly holdMs: number;
  readonly bodyBytes: number;
  /** Others than those of the specification, for tests. */
  readonly times?: Partial<typeof TIMES>;
}

/** Bodies that take longer are cut off (I171); what own commit and upstream may take together (I181). In ms. */
const TIMES = { bodyMs: 10_000, forwardMs: 9_000 };

/** When to come again: after an overload, and after an outage (I170, I172). */
const OVERLOADED_SECONDS = 5;
const AWAY_SECONDS = 30;

/** Pause before the store is asked again. */
const AGAIN_MS = 1_000;

/** What the answers of `/flags` allow as well. */
const METHODS = { allow: 'GET, POST, OPTIONS, HEAD' };

/** "Later": nothing else makes all SDKs keep their events (I53). */
class Later {
  readonly cause: RefusedCause;
  readonly seconds: number;

  constructor(cause: RefusedCause, seconds: number) {
    this.cause = cause;
    this.seconds = seconds;
  }
}

/** The doors for events of SDKs: what is taken, kept, sent on and answered (I10–I53). */
export class Events {
  readonly #options: EventsOptions;
  readonly #intake: Intake;
  readonly #times: typeof TIMES;
  #isStopping = false;

  constructor(options: EventsOptions) {
    this.#options = options;
    this.#times = { ...TIMES, ...options.times };
    const { room, bodyBytes } = options;
    const isStopping = (): boolean => this.#isStopping;
    this.#intake = {
      bodyBytes,
      bodyMs: this.#times.bodyMs,
      get isOpen() {
        return room.isOpen && !isStopping();
      },
      take: (bytes, held) => room.take(bytes, held),
      give: (bytes) => room.give(bytes),
    };
  }

  /** How a path takes bodies; undefined: it is no path of events, or they are dropped. */
  intake(path: string): Intake | undefined {
    const kind = eventPath(path);
    return kind !== undefined && this.#isTaken(kind) ? this.#intake : undefined;
  }

  /** Whether what is sent to a path is dropped unread. */
  drops(path: string): boolean {
    const kind = eventPath(path);
    return kind !== undefined && !this.#isTaken(kind);
  }

  /** Null: no path of events, or there are none. */
  routeOf(path: string): Route | null {
    const kind = eventPath(path);
    if (kind === undefined) return null;
    if (this.#isTaken(kind)) return (visit) => this.#answer(visit, kind);
    const { neighbours, forwarder, ingest } = this.#options;
    return neighbours || forwarder !== null || ingest.isOn === true ? eventSink : null;
  }

  /** The answer to a request that did not get as far as its route; null: it is no request with events. */
  refuse(path: string, code: ListenerRefusal): HttpResponse | null {
    const kind = eventPath(path);
    if (kind === undefined || !this.#isTaken(kind)) return null;
    const about = { path: kind };
    const answer = ((): EventAnswer => {
      switch (code) {
        case 'body_too_large':
        case 'events_too_large':
          return refusedAnswer(about, new Refusal(413, 'The body is too large: send smaller batches.'));
        case 'body_unreadable':
        case 'host_ambiguous':
        case 'target_invalid':
          return refusedAnswer(about, new Refusal(400, 'The request cannot be read.'));
        case 'overloaded':
        case 'request_timeout':
          this.#options.meters?.refused(this.#isStopping ? 'stopping' : 'room');
          return laterAnswer(about, OVERLOADED_SECONDS);
      }
    })();
    return this.#counted(kind, answer);
  }

  /** From now on every request is to come again. */
  stop(): void {
    this.#isStopping = true;
  }

  #isTaken(kind: EventPath): boolean {
    const { forwarder, ingest } = this.#options;
    return forwarder !== null || (kind !== 'replay' && ingest.isOn !== false);
  }

  async #answer(visit: Visit, kind: EventPath): Promise<HttpResponse> {
    const { request, record } = visit;
    record.routine = true;
    try {
      if (request.method === 'HEAD') return emptyResponse(200);
      if (request.method !== 'POST' && request.method !== 'GET') return emptyResponse(405, METHODS);
      return this.#counted(kind, await this.#taken(visit, kind));
    } finally {
      this.#options.room.give(request.body.length);
    }
  }

  async #taken(visit: Visit, kind: EventPath): Promise<EventAnswer> {
    const begun = performance.now();
    const about = requestOf(visit, kind, this.#options.clock());
    const own = this.#isStopping
      ? new Later('stopping', OVERLOADED_SECONDS)
      : await this.#own(visit, about, begun).catch((error: unknown) => {
          this.#options.onError(error);
          return new Later('failed', AWAY_SECONDS);
        });
    if (own instanceof Later) {
      this.#options.meters?.refused(own.cause);
      return laterAnswer(about, own.seconds);
    }
    return this.#forwarded(visit, about, own, begun);
  }

  /** What is stored here of a request, and what is answered where nobody else has a say. */
  async #own(visit: Visit, about: EventRequest, begun: number): Promise<EventAnswer | Later> {
    const { storing, ingest, holdMs } = this.#options;
    const untilMs = begun + holdMs;
    if (storing === null || about.path === 'replay' || ingest.isOn === false) return acceptedAnswer(about, []);
    if (ingest.isOn === undefined) {
      const decided = await this.#held(untilMs, () => ingest.decide());
      if (decided instanceof Later) return decided;
      if (!ingest.isOn) return acceptedAnswer(about, []);
    }
    const read = await storing.reader.read({
      path: about.path,
      body: about.body,
      search: visit.search,
      headers: readHeaders(visit.request.headers),
      now: about.now,
    });
    if (read instanceof Refusal) return refusedAnswer(about, read);
    const project = await this.#held(untilMs, () => storing.byToken(read.token, visit.record.clientAddress));
    if (project instanceof Later) return project;
    if (project === null) return refusedAnswer(about, new Refusal(401, 'No project has this token.'));
    visit.record.teamId = project.teamId;
    this.#count(storing, project, read);
    return this.#store(storing, project, read, about, untilMs);
  }

  #count(storing: Storing, { teamId, variantsOf }: EventProject, read: EventsRead): void {
    const { meters } = this.#options;
    const counted = read.flagCalls.length === 0 ? 0 : storing.flagCalls.add(teamId, read.flagCalls, variantsOf);
    for (const warning of read.warnings) {
      storing.warnings.warn(teamId, warning);
      meters?.warning(warning);
    }
    meters?.events('counted', counted);
    for (const outcome of ['personless', 'ignored', 'invalid', 'duplicate'] as const) {
      meters?.events(outcome, read.counts[outcome]);
    }
  }

  async #store(
    storing: Storing,
    { teamId, projectId }: EventProject,
    { operations, entries, bytes }: EventsRead,
    about: EventRequest,
    untilMs: number,
  ): Promise<EventAnswer | Later> {
    if (operations.length === 0) return acceptedAnswer(about, entries);
    const { room } = this.#options;
    // Room for the body is taken until the answer is there.
    const more = bytes - about.body.length;
    if (!room.enter(operations.length, more)) return new Later('room', OVERLOADED_SECONDS);
    try {
      const waiting = operations.map((operation) => ({ teamId, projectId, operation }));
      const left = await storing.batcher.store(waiting, untilMs - performance.now());
      if (left.length === 0) return acceptedAnswer(about, entries);
      if (about.path === 'v1' && left.length < waiting.length) {
        return acceptedAnswer(about, partly(entries, new Set(left.map(({ operation }) => operation.uuid))));
      }
      return storing.batcher.isAway ? new Later('away', AWAY_SECONDS) : new Later('late', OVERLOADED_SECONDS);
    } finally {
      room.leave(operations.length, more);
    }
  }

  /** What the store says, which is asked again until the time is over. */
  async #held<Answer>(untilMs: number, ask: () => Answer | Promise<Answer>): Promise<Answer | Later> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (error instanceof TooManyUnknownTokens) return new Later('unknown_tokens', Math.ceil(error.waitMs / 1000));
        this.#options.storing?.onAway(error);
        if (performance.now() + AGAIN_MS > untilMs) return new Later('away', AWAY_SECONDS);
        await sleep(AGAIN_MS);
      }
    }
  }

  /** I181: what is stored here is committed before anybody else hears of it. */
  async #forwarded(visit: Visit, about: EventRequest, own: EventAnswer, begun: number): Promise<EventAnswer> {
    const { forwarder, meters, onDropped } = this.#options;
    if (forwarder === null) return own;
    const { request } = visit;
    const begunSending = performance.now();
    const left = this.#times.forwardMs - (begunSending - begun);
    const { status, answer, retrySeconds, problem } = await forwarder.send(
      request,
      about.path,
      addresses(request, this.#options.trustProxy),
      left,
    );
    meters?.forwarded(status, performance.now() - begunSending);
    if (problem !== undefined) onDropped(problem);
    return answer ?? laterAnswer(about, retrySeconds);
  }

  #counted(kind: EventPath, { status, headers, body }: EventAnswer): HttpResponse {
    this.#options.meters?.request(kind, status);
    const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
    return { status, headers: Object.fromEntries(lower), body: body === '' ? null : body };
  }
}

function requestOf({ request, search }: Visit, path: EventPath, now: number): EventRequest {
  return {
    path,
    body: request.body,
    query: new URLSearchParams(search),
    header: (name) => header(request.headers, name),
    now,
  };
}

function readHeaders(headers: Headers): Record<string, string> {
  const read: Record<string, string> = {};
  for (const name of READ_HEADERS) {
    const value = header(headers, name);
    if (value !== undefined) read[name] = value;
  }
  return read;
}

/** I44: who was not stored is to be sent again. */
function partly(entries: readonly Entry[], left: ReadonlySet<string | null>): readonly Entry[] {
  return entries.map((entry) =>
    left.has(entry.uuid) ? { uuid: entry.uuid, result: 'retry', details: 'not_persisted' } : entry,
  );
}

/** For `X-Forwarded-For` (I180): who asked us, behind those for whom a proxy that we trust did. */
function addresses({ headers, peer }: HttpRequest, trustProxy: boolean): string {
  const before = trustProxy ? header(headers, 'x-forwarded-for') : undefined;
  return before === undefined ? peer : `${before}, ${peer}`;
}
