import type { Socket } from 'node:net';
import type { Address } from '../http/bind.ts';
import type { Dispatched } from '../http/listen.ts';
import type { ToPrimary } from './messages.ts';

/** How often the primary is told how many connections are open, where that has changed, in milliseconds. */
const TELL_MS = 1_000;

/** The connections that a worker is dispatched. */
export class DispatchedConnections implements Dispatched {
  readonly address: Address;
  readonly #tell: (said: ToPrimary) => void;
  #take: ((socket: Socket) => void) | undefined;
  #open = 0;
  #told = 0;

  constructor(address: Address, tell: (said: ToPrimary) => void) {
    this.address = address;
    this.#tell = tell;
    setInterval(() => {
      if (this.#open !== this.#told) this.#tell({ kind: 'open', open: (this.#told = this.#open) });
    }, TELL_MS).unref();
  }

  start(take: (socket: Socket) => void): void {
    this.#take = take;
  }

  /** @param socket undefined: its client has gone meanwhile */
  arrived(id: number, socket: Socket | undefined): void {
    if (socket !== undefined) {
      this.#open++;
      socket.once('close', () => this.#open--);
    }
    // Said first: from here on whatever the client gets, it gets from here, and nobody else may have the connection.
    this.#told = this.#open;
    this.#tell({ kind: 'taken', id, open: this.#open });
    if (socket !== undefined) this.#take?.(socket);
  }
}
