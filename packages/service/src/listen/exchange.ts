import type { IncomingMessage, ServerResponse } from 'node:http';
import type { App } from '../app.ts';
import { MAX_BODY_BYTES } from '../body/decode-body.ts';
import type { HttpRequest, HttpResponse } from '../http.ts';
import type { AccessLog } from '../log/access-log.ts';
import type { ErrorCode } from '../wire/error-codes.ts';
import type { Deadlines, Timed } from './deadlines.ts';
import type { Gate, Job } from './gate.ts';
import { type BodyOutcome, readBody } from './read-body.ts';
import { writeResponse } from './write-response.ts';

/** What all exchanges of a listener share. */
export interface ExchangeContext {
  readonly app: App;
  readonly gate: Gate;
  readonly deadlines: Deadlines;
  readonly accessLog: AccessLog;
  /** True from the moment shutdown begins: every answer is then the last of its connection. */
  draining: boolean;
}

const NO_BODY = new Uint8Array();

/** One request and its answer on a socket: read, wait for a place, run, write, log. Answers exactly once. */
export class Exchange implements Timed, Job {
  readonly startedAt = performance.now();
  readonly #context: ExchangeContext;
  readonly #message: IncomingMessage;
  readonly #target: ServerResponse;
  #body: Uint8Array = NO_BODY;
  #bodyReadAt: number | undefined = undefined;
  #ranAt: number | undefined = undefined;
  #settled = false;

  constructor(context: ExchangeContext, message: IncomingMessage, target: ServerResponse) {
    this.#context = context;
    this.#message = message;
    this.#target = target;
  }

  get settled(): boolean {
    return this.#settled;
  }

  begin(): void {
    this.#context.deadlines.add(this);
    readBody(this.#message, MAX_BODY_BYTES, (outcome) => this.#bodyRead(outcome));
  }

  /** A place is free: evaluate. */
  start(): void {
    this.#ranAt = performance.now();
    const response = this.#context.app.handle(this.#request());
    if (response instanceof Promise) void response.then((settled) => this.#finish(settled));
    else this.#finish(response);
  }

  /** The time is over (H218). Work under way goes on unheard, its place is free again. */
  expire(): void {
    this.#refuse('request_timeout');
  }

  #bodyRead(outcome: BodyOutcome): void {
    if (this.#settled) return;
    this.#bodyReadAt = performance.now();
    if (outcome === 'too_large') this.#refuse('body_too_large');
    else if (outcome === 'broken') this.#refuse('body_unreadable');
    else {
      this.#body = outcome;
      if (!this.#context.gate.admit(this)) this.#refuse('overloaded');
    }
  }

  #request(): HttpRequest {
    const message = this.#message;
    return {
      method: message.method ?? '',
      url: message.url ?? '',
      headers: message.headers,
      body: this.#body,
      peer: message.socket.remoteAddress ?? '',
    };
  }

  #refuse(code: ErrorCode): void {
    this.#finish(this.#context.app.refuse(this.#request(), code));
  }

  #finish(response: HttpResponse): void {
    if (this.#settled) return;
    this.#settled = true;
    const { gate, deadlines, accessLog, draining } = this.#context;
    deadlines.delete(this);
    // A body that has not arrived yet would be taken for the next request.
    writeResponse(this.#target, response, draining || this.#bodyReadAt === undefined);
    const end = performance.now();
    accessLog(response, {
      durationMs: end - this.startedAt,
      bodyReadMs: this.#bodyReadAt === undefined ? undefined : this.#bodyReadAt - this.startedAt,
      concurrencyWaitMs:
        this.#bodyReadAt === undefined || this.#ranAt === undefined ? undefined : this.#ranAt - this.#bodyReadAt,
    });
    if (this.#ranAt !== undefined) gate.leave();
  }
}
