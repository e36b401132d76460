import type { IncomingMessage, ServerResponse } from 'node:http';
import type { App } from '../app.ts';
import type { HttpRequest, HttpResponse } from './messages.ts';
import type { AccessLog } from '../operate/log/access-log.ts';
import type { Refusal } from './refusal.ts';
import type { RequestRecord } from './request-record.ts';
import type { Connection } from './connection.ts';
import type { Deadlines, Timed } from './deadlines.ts';
import type { Gate, Job } from './gate.ts';
import { type Intake, type IntakeOutcome, readIntake } from './intake.ts';
import { type BodyOutcome, NO_BODY, readBody } from './read-body.ts';
import { namesTwoHosts, originForm } from './request-target.ts';
import type { Batch, Steps } from './batch.ts';
import { writeResponse } from './write-response.ts';

/** What all exchanges of a listener share. */
export interface ExchangeContext {
  readonly app: App;
  readonly gate: Gate;
  readonly deadlines: Deadlines;
  /** Until when a refusal is held back for a client that did not wait for as long as it was told to (H219 (R)). */
  readonly held: Deadlines;
  readonly batch: Batch;
  readonly accessLog: AccessLog;
  /** True from the moment the port is about to close: an answer is then the last of its connection. */
  draining: boolean;
}

/** What a request with time of its own has (H195). */
const OWN_TIME_MS = 120_000;

/** What `Retry-After: 1` asks of a client. */
const RETRY_AFTER_MS = 1_000;

/** Who has been here for longer has waited in line already, and need not wait for its refusal, too. */
const ARRIVING_MS = 50;

/** One request and its answer on a socket: read, wait for a place, evaluate, write, log. Answers exactly once. */
export class Exchange implements Timed, Job, Steps {
  readonly startedAt = performance.now();
  earlier: Timed | undefined = undefined;
  later: Timed | undefined = undefined;
  readonly #context: ExchangeContext;
  readonly #message: IncomingMessage;
  readonly #target: ServerResponse;
  readonly #connection: Connection;
  /** Path and query; null: the request names none. */
  readonly #url: string | null;
  #body: Uint8Array = NO_BODY;
  #bodyReadAt: number | undefined = undefined;
  #evaluatedAt: number | undefined = undefined;
  #writtenAt = 0;
  #holdsPlace = false;
  /** How its body is taken, where that is not as everywhere. */
  #intake: Intake | undefined = undefined;
  /** More of its body may come, which nobody reads. */
  #isEndless = false;
  #record: RequestRecord | undefined = undefined;
  #response: HttpResponse | undefined = undefined;

  constructor(context: ExchangeContext, message: IncomingMessage, target: ServerResponse, connection: Connection) {
    this.#context = context;
    this.#message = message;
    this.#target = target;
    this.#connection = connection;
    this.#url = originForm(message.method ?? '', message.url ?? '');
  }

  get arrivedAt(): number {
    return this.#bodyReadAt ?? 0;
  }

  /** The answer is known; whatever else would give one is too late. */
  get settled(): boolean {
    return this.#response !== undefined;
  }

  begin(): void {
    this.#context.deadlines.add(this);
    this.#intake = this.#url === null ? undefined : this.#context.app.intake(this.#url);
    const read = (outcome: BodyOutcome | IntakeOutcome): void => this.#bodyRead(outcome);
    if (this.#intake !== undefined) readIntake(this.#message, this.#intake, read);
    else readBody(this.#message, () => this.#isDropped(), read);
  }

  #bodyRead(outcome: BodyOutcome | IntakeOutcome): void {
    if (this.settled) {
      if (typeof outcome !== 'string') this.#intake?.give(outcome.length);
      return;
    }
    this.#bodyReadAt = performance.now();
    this.#isEndless = this.#intake !== undefined && outcome === 'too_large' && !this.#message.complete;
    const isUsable = this.#url !== null && !namesTwoHosts(this.#message.rawHeaders);
    if (!isUsable && typeof outcome !== 'string') this.#intake?.give(outcome.length);
    if (this.#url === null) this.#refuse('target_invalid');
    else if (!isUsable) this.#refuse('host_ambiguous');
    else if (outcome === 'too_large') this.#refuse(this.#isDropped() ? 'events_too_large' : 'body_too_large');
    else if (outcome === 'broken') this.#refuse('body_unreadable');
    else if (outcome === 'overloaded') this.#refuse('overloaded');
    else {
      this.#body = outcome;
      // Whoever asks whether the service lives must hear so most of all when it is busy (H216).
      if (isProbe(this.#url) || this.#context.app.hasOwnTime(this.#url)) this.#run();
      else this.#context.batch.arrived(this);
    }
  }

  evaluate(): void {
    if (this.settled) return;
    if (!this.#context.gate.admit(this)) this.shed();
  }

  shed(): void {
    if (this.settled) return;
    const now = performance.now();
    const { refusedAt } = this.#connection;
    if (now - refusedAt >= RETRY_AFTER_MS || now - this.arrivedAt > ARRIVING_MS) {
      this.refuse();
      return;
    }
    this.#body = NO_BODY; // nobody will read it
    this.#context.held.add({ startedAt: now, earlier: undefined, later: undefined, expire: () => this.refuse() });
  }

  /** A place is free. It is held for as long as the application needs to answer. */
  start(): void {
    this.#holdsPlace = true;
    this.#run();
  }

  refuse(): void {
    if (this.settled) return;
    this.#connection.refusedAt = performance.now();
    this.#refuse('overloaded');
  }

  #run(): void {
    this.#evaluatedAt = performance.now();
    const request = this.#request();
    this.#record = this.#context.app.record(request);
    const response = this.#context.app.handle(request, this.#record);
    if (response instanceof Promise) void response.then((settled) => this.#answer(settled));
    else this.#answer(response);
  }

  /**
   * The time is over (H218). Work under way goes on unheard, its place is free again. Events that still arrive are in nobody's way;
   * node:http has a limit of its own for them.
   */
  expire(): void {
    if (this.#bodyReadAt === undefined && this.#isDropped()) return;
    if (this.#bodyReadAt === undefined && this.#intake !== undefined && !this.#context.draining) {
      // An answer to half a request would make SDKs drop their events (I171).
      const wait = this.startedAt + this.#intake.bodyMs - performance.now();
      if (wait > 0) setTimeout(() => this.settled || this.expire(), wait).unref();
      else this.#message.destroy();
      return;
    }
    const left = this.startedAt + OWN_TIME_MS - performance.now();
    if (left > 0 && this.#url !== null && this.#context.app.hasOwnTime(this.#url) && !this.#context.draining) {
      setTimeout(() => this.#refuse('request_timeout'), left).unref();
      return;
    }
    this.#refuse('request_timeout');
  }

  #refuse(code: Refusal): void {
    const request = this.#request();
    this.#record ??= this.#context.app.record(request);
    this.#answer(this.#context.app.refuse(request, this.#record, code));
  }

  #answer(response: HttpResponse): void {
    if (this.settled) return;
    this.#response = response;
    this.#context.deadlines.delete(this);
    this.#context.batch.answered(this);
    if (this.#holdsPlace) this.#context.gate.leave();
  }

  write(): void {
    // A body that has not arrived yet would be taken for the next request.
    const last =
      this.#bodyReadAt === undefined || this.#isEndless || (this.#context.draining && !this.#connection.hasMore);
    writeResponse(this.#target, this.#response as HttpResponse, last); // set before the batch was written
    this.#writtenAt = performance.now();
    this.#connection.answered(this.#target);
  }

  log(): void {
    const readAt = this.#bodyReadAt;
    // Both were set before the batch was logged.
    this.#context.accessLog(this.#response as HttpResponse, this.#record as RequestRecord, {
      durationMs: this.#writtenAt - this.startedAt,
      bodyReadMs: readAt === undefined ? undefined : readAt - this.startedAt,
      concurrencyWaitMs:
        readAt === undefined || this.#evaluatedAt === undefined ? undefined : this.#evaluatedAt - readAt,
    });
  }

  #isDropped(): boolean {
    return this.#url !== null && this.#context.app.dropsBody(this.#url);
  }

  #request(): HttpRequest {
    const message = this.#message;
    return {
      method: message.method ?? '',
      url: this.#url ?? '',
      headers: message.headers,
      body: this.#body,
      peer: message.socket.remoteAddress ?? '',
    };
  }
}

function isProbe(url: string | null): boolean {
  return url?.startsWith('/_') === true;
}
