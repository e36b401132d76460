import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { type Begin, Connection } from './connection.ts';

/** Turns of the event loop in which the system had no connection for us; each takes one, where there is one. */
const QUIET_TURNS = 3;

/**
 * Once shutdown has begun, a connection ends when so many looks, one each so many milliseconds, have seen nothing of it. Looks are counted
 * instead of time: on a machine that stops us for a second, clients were stopped as well, and their silence says nothing.
 */
const LOOK_EVERY_MS = 50;
const QUIET_LOOKS = 10;

/** For how many looks more it is read, though not answered: a request that crosses its end must not be answered with a reset. */
const LINGERING_LOOKS = 20;

/** The answer to a client that has sent but the beginning of a request when the time for all is over. */
const TOO_LATE = 'HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n';

/** The open connections of a server. */
export class Connections {
  readonly #open = new Map<Socket, Connection>();
  #taken = 0;
  #none: (() => void) | undefined;

  constructor(server: Server, begin: Begin) {
    server.on('connection', (socket) => {
      this.#taken++;
      this.#open.set(socket, new Connection(socket, begin));
      socket.once('close', () => {
        this.#open.delete(socket);
        if (this.#open.size === 0) this.#none?.();
      });
    });
    server.on('drop', () => this.#taken++);
    server.on('request', (message, target) => this.#open.get(message.socket)?.request(message, target));
  }

  /** How many are open. */
  get open(): number {
    return this.#open.size;
  }

  /** How many were taken so far, those included that were closed at once. */
  get count(): number {
    return this.#taken;
  }

  /**
   * Calls `done` when the system holds no connection that we have not taken, in the same turn in which that was seen; or at `latest` (on
   * the clock of `performance.now()`). Until then the server must listen: closing resets whatever waits.
   */
  taken(latest: number, done: () => void): void {
    let before = this.#taken;
    let quiet = 0;
    const turn = (): void => {
      quiet = this.#taken === before ? quiet + 1 : 0;
      before = this.#taken;
      if (quiet >= QUIET_TURNS || performance.now() >= latest) done();
      else setImmediate(turn);
    };
    setImmediate(turn);
  }

  /** From now on ends connections that are idle; stop it with `clearInterval`. */
  endIdle(): NodeJS.Timeout {
    return setInterval(() => {
      // Timers come first in a turn: what has arrived meanwhile is read before anybody is called idle.
      setImmediate(() => {
        for (const [socket, connection] of this.#open) {
          const quiet = connection.look();
          if (quiet === QUIET_LOOKS) socket.end();
          else if (quiet > QUIET_LOOKS + LINGERING_LOOKS) socket.destroy();
        }
      });
    }, LOOK_EVERY_MS);
  }

  /** Calls `done` as soon as none is open. */
  whenNone(done: () => void): void {
    if (this.#open.size === 0) done();
    else this.#none = done;
  }

  /** Ends all of them. Whoever was still sending a request line or headers is told so. */
  cut(): void {
    for (const [socket, { isBeginning }] of this.#open) {
      if (isBeginning) socket.end(TOO_LATE);
      setImmediate(() => socket.destroy());
    }
  }
}
