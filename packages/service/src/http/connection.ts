import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Line } from './line.ts';

/** Begins to answer a request; whoever does calls `answered` once. */
export type Begin = (message: IncomingMessage, target: ServerResponse, connection: Connection) => void;

interface Held {
  readonly message: IncomingMessage;
  readonly target: ServerResponse;
}

/**
 * A client's connection, which has one request answered at a time. A client that sends ahead of its answers (pipelining) gets no larger
 * share than others that way: while the system has not taken all of an answer, the next request is not begun and nothing more is read.
 * What node:http has parsed by then, one read of at most 64 KiB, is held back. Its own limit would not do: it counts answers that
 * are written, ours come a turn later, and until then a client that never reads has sent thousands of requests.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #begin: Begin;
  #isBusy = false;
  /** Undefined: nothing is held back, and the socket is read. */
  #held: Line<Held> | undefined = undefined;
  #isUsed = false;
  #bytesSeen = -1;
  /** Looks in a row that saw nothing new. */
  #quietLooks = 0;
  /** When its client was last told to come back later, on the clock of `performance.now()`. */
  refusedAt = Number.NEGATIVE_INFINITY;

  constructor(socket: Socket, begin: Begin) {
    this.#socket = socket;
    this.#begin = begin;
    // node:http reads on whenever a body is wanted or an answer has left.
    socket.on('resume', () => {
      if (this.#held !== undefined) socket.pause();
    });
  }

  /** A request has come in: begins it, now or when its turn comes. */
  request(message: IncomingMessage, target: ServerResponse): void {
    // It has crossed our end of the connection, behind which there are no answers.
    if (this.#socket.writableEnded) {
      message.resume();
      return;
    }
    this.#isUsed = true;
    if (!this.#isBusy) {
      this.#isBusy = true;
      this.#begin(message, target, this);
      return;
    }
    this.#held ??= new Line();
    this.#held.push({ message, target });
    this.#socket.pause();
  }

  /** More requests have come in behind the one that is being answered. */
  get hasMore(): boolean {
    return this.#held !== undefined;
  }

  /** The answer was handed to `target`, which need not have sent all of it yet. */
  answered(target: ServerResponse): void {
    // Nearly always: the system has taken it at once.
    if (target.writableFinished) this.#next();
    else target.once('finish', () => this.#next());
  }

  /** Looks whether anything has come since the last time, or is due. Returns how many looks in a row have seen nothing. */
  look(): number {
    const { bytesRead } = this.#socket;
    const isQuiet = bytesRead === this.#bytesSeen && !this.#isBusy && !this.isBeginning;
    this.#bytesSeen = bytesRead;
    return (this.#quietLooks = isQuiet ? this.#quietLooks + 1 : 0);
  }

  /** Something has come, but no whole request line with its headers yet. */
  get isBeginning(): boolean {
    return !this.#isUsed && this.#socket.bytesRead > 0;
  }

  #next(): void {
    // Nobody waits for what a client that has gone had sent.
    const next = this.#socket.destroyed ? undefined : this.#held?.shift();
    if (next === undefined) {
      this.#isBusy = false;
      return;
    }
    if (this.#held?.length === 0) {
      this.#held = undefined;
      this.#socket.resume();
    }
    this.#begin(next.message, next.target, this);
  }
}
