import { createServer, type Server, type Socket } from 'node:net';
import { type Address, bind } from '../http/bind.ts';

/** Who serves connections: a worker, as the dispatcher sees it. */
export interface Recipient {
  /** Connections that it has open, as it last said. */
  open: number;
  /** Sent, and not yet known to have arrived. */
  readonly untaken: Map<number, Socket>;
  send(id: number, socket: Socket): void;
}

export interface DispatcherOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Connections that may be in the dispatcher's own hands; the next one is closed at once. Undefined: any number. */
  readonly maxConnections: number | undefined;
  /** Hears of connections that could not be taken. */
  readonly onRefused: (error: Error) => void;
}

/** Connections that may be on their way to one worker. Those behind them go to whoever has time first. */
const MOST_ON_THE_WAY = 16;

/** Turns of the event loop in which the system had no connection for us. */
const QUIET_TURNS = 3;

/**
 * Takes the connections of the port and dispatches them, each to the worker that has fewest. It reads nothing of them, and lets go of one only
 * when its worker has said that it has it. So a worker that dies takes along what it was answering, and nothing that was on its way:
 * that goes to another one. Nor does the port close when all of them are dead; connections wait.
 */
export class Dispatcher {
  readonly #server: Server;
  readonly #recipients = new Set<Recipient>();
  readonly #waiting: Socket[] = [];
  #lastId = 0;
  #accepted = 0;

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#accepted++;
      // Nobody reads here, so nothing can go wrong but the handing over, which the worker's end tells.
      socket.on('error', () => undefined);
      this.#waiting.push(socket);
      this.#dispatch();
    });
  }

  /** Rejects when the address cannot be had. */
  static async listen(options: DispatcherOptions): Promise<{ dispatcher: Dispatcher; address: Address }> {
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true });
    const dispatcher = new Dispatcher(server);
    const address = await bind(server, options.host, options.port);
    if (options.maxConnections !== undefined) server.maxConnections = options.maxConnections;
    server.on('drop', () => options.onRefused(new Error(`${options.maxConnections} connections wait for a worker`)));
    server.on('error', options.onRefused);
    return { dispatcher, address };
  }

  /** From now on this worker gets connections. */
  join(recipient: Recipient): void {
    this.#recipients.add(recipient);
    this.#dispatch();
  }

  /** No more for this worker; what is on its way arrives before whatever is sent to it from now on. */
  retire(recipient: Recipient): void {
    this.#recipients.delete(recipient);
  }

  /** This worker is dead, and everything that it said has been heard: what it did not take goes to others. */
  lost(recipient: Recipient): void {
    this.#recipients.delete(recipient);
    this.#waiting.unshift(...recipient.untaken.values());
    recipient.untaken.clear();
    this.#dispatch();
  }

  /** This worker has the connection. */
  taken(recipient: Recipient, id: number): void {
    // Closes our copy only: the connection is the worker's.
    recipient.untaken.get(id)?.destroy();
    recipient.untaken.delete(id);
    this.#dispatch();
  }

  /**
   * Dispatches what the system already has for the port, then closes it. Resolves at `latest` (on the clock of `performance.now()`), whether
   * all that has been taken or not.
   */
  async close(latest: number): Promise<void> {
    for (let quiet = 0, before = -1; quiet < QUIET_TURNS && performance.now() < latest; ) {
      quiet = this.#accepted === before && this.#waiting.length === 0 ? quiet + 1 : 0;
      before = this.#accepted;
      await new Promise<void>((resolve) => {
        if (this.#waiting.length === 0) setImmediate(resolve);
        else setTimeout(resolve, 5);
      });
    }
    this.#server.close();
    for (const socket of this.#waiting.splice(0)) socket.destroy();
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const recipient = this.#next();
      if (recipient === undefined) return;
      const socket = this.#waiting.shift();
      if (socket === undefined) return;
      const id = ++this.#lastId;
      recipient.untaken.set(id, socket);
      recipient.send(id, socket);
    }
  }

  /** The one with fewest connections, of those that have time. */
  #next(): Recipient | undefined {
    let found: Recipient | undefined;
    for (const recipient of this.#recipients) {
      if (recipient.untaken.size >= MOST_ON_THE_WAY) continue;
      if (found === undefined || load(recipient) < load(found)) found = recipient;
    }
    return found;
  }
}

function load({ open, untaken }: Recipient): number {
  return open + untaken.size;
}
