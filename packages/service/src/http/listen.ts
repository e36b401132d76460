import { createServer, type Server } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import type { App } from '../app.ts';
import type { AccessLog } from '../operate/log/access-log.ts';
import { type Address, bind } from './bind.ts';
import { Connections } from './connections.ts';
import { Deadlines } from './deadlines.ts';
import { Exchange, type ExchangeContext } from './exchange.ts';
import { Gate } from './gate.ts';
import { Batch } from './batch.ts';

/** Connections that another process takes for this one. */
export interface Dispatched {
  /** Where it listens. */
  readonly address: Address;
  /** From now on `take` is called with each. */
  start(take: (socket: Socket) => void): void;
}

export interface ListenOptions {
  readonly app: App;
  readonly accessLog: AccessLog;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Time that a request has from its acceptance, waiting included (H218). */
  readonly timeoutMs: number;
  /** Requests that run at once (H219). */
  readonly concurrency: number;
  /** Requests that may wait for a place; the next one is refused (H219 (R)). */
  readonly queue: number;
  /** How long they may wait; then they are refused as well. */
  readonly queueMs: number;
  /** Connections that may be open; the next one is closed at once. Default: any number. */
  readonly maxConnections?: number | undefined;
  /** Hears of connections that could not be taken. The server goes on. */
  readonly onRefused?: (error: Error) => void;
  /** Where connections come from; host and port are then its. Default: we take them ourselves. */
  readonly dispatched?: Dispatched | undefined;
  /** Hears when so many connections come that they are closed at once. */
  readonly onOverload?: (error: Error) => void;
}

export interface Listening extends Address {
  /**
   * Takes the connections that the system has for us, then no more; lets running requests finish, and resolves when the last connection
   * has gone. After `graceMs` what is still under way is refused with 503, and every connection ends (H220).
   */
  close(graceMs: number): Promise<void>;
}

/** Longer than the idle time of usual load balancers, so that they close a connection, not we (who would race them). */
const KEEP_ALIVE_MS = 65_000;

/** What emptying the backlog may take of the time of a shutdown; a rush that does not end must not keep the port open. */
const SHARE_FOR_BACKLOG = 0.5;

/** For which part of the longest wait a refusal is held back: together with what else it takes, it still comes within that time. */
const SHARE_FOR_HOLDING = 0.8;
const LONGEST_HOLDING_MS = 400;

/** As `maxConnections`: Node 20 takes 0 for "any number". */
const NONE = 1;

/** How long a connection may go on without a request that is timed. */
const UNTIMED_MS = 60_000;

/** The answer to CONNECT: this is no proxy. */
const NO_TUNNEL =
  'HTTP/1.1 405 Method Not Allowed\r\nallow: GET, POST, OPTIONS, HEAD\r\ncontent-length: 0\r\nconnection: close\r\n\r\n';

/** Serves the application over HTTP. Rejects when the address cannot be had. */
export async function listen(options: ListenOptions): Promise<Listening> {
  const context: ExchangeContext = {
    app: options.app,
    gate: new Gate({
      limit: options.concurrency,
      queue: options.queue,
      patienceMs: options.queueMs,
    }),
    deadlines: new Deadlines(options.timeoutMs),
    held: new Deadlines(Math.min(options.queueMs * SHARE_FOR_HOLDING, LONGEST_HOLDING_MS)),
    batch: new Batch({
      patienceMs: options.queueMs,
      connections: () => connections.count,
      onClosing: (isClosing) => refuseConnections(isClosing),
    }),
    accessLog: options.accessLog,
    draining: false,
  };
  const server = createServer({
    keepAliveTimeout: KEEP_ALIVE_MS,
    // From the headers on, a request is timed on its own. What is left: connections that never send any, which
    // browsers open ahead of need, and bodies that go on after their refusal.
    headersTimeout: UNTIMED_MS,
    requestTimeout: UNTIMED_MS,
    connectionsCheckingInterval: 5_000,
  });
  // A client that has said everything may close its half and still wait for the answer.
  Object.assign(server, { httpAllowHalfOpen: true });
  const connections = new Connections(server, (message, target, connection) =>
    new Exchange(context, message, target, connection).begin(),
  );
  // Without a listener node:http would cut the connection without a word.
  server.on('connect', (_message, socket) => socket.end(NO_TUNNEL));
  /** Closing one before anything is made of it costs a tenth of answering it. What is dispatched to us has been taken already. */
  const refuseConnections = (isClosing: boolean): void => {
    if (options.dispatched !== undefined) return;
    server.maxConnections = isClosing ? NONE : (options.maxConnections ?? Number.POSITIVE_INFINITY);
    if (isClosing) options.onOverload?.(new Error('more connections come than can be answered'));
  };
  const close: Listening['close'] = (graceMs) =>
    closed(server, connections, context, graceMs, options.dispatched !== undefined);
  if (options.dispatched !== undefined) {
    takeDispatched(server, connections, options.dispatched, options);
    return { ...options.dispatched.address, close };
  }
  const address = await bind(server, options.host, options.port);
  if (options.maxConnections !== undefined) server.maxConnections = options.maxConnections;
  server.on('drop', () => {
    if (server.maxConnections !== NONE) {
      options.onRefused?.(new Error(`${options.maxConnections} connections are open`));
    }
  });
  server.on('error', (error) => options.onRefused?.(error));
  return { ...address, close };
}

/** Takes dispatched connections as node:net and node:http take their own. */
function takeDispatched(
  server: Server,
  connections: Connections,
  dispatched: Dispatched,
  { maxConnections = Infinity, onRefused }: ListenOptions,
): void {
  // What starts the clock of node:http that ends connections without a request.
  server.emit('listening');
  dispatched.start((socket) => {
    if (connections.open >= maxConnections) {
      socket.destroy();
      onRefused?.(new Error(`${maxConnections} connections are open`));
      return;
    }
    socket.allowHalfOpen = true;
    server.emit('connection', socket);
  });
}

/** @param dispatched nothing comes any more, since whoever took the connections has stopped, and node:net counts none of them */
function closed(
  server: Server,
  connections: Connections,
  context: ExchangeContext,
  graceMs: number,
  dispatched: boolean,
): Promise<void> {
  const begun = performance.now();
  context.draining = true;
  return new Promise((resolve) => {
    connections.taken(begun + graceMs * SHARE_FOR_BACKLOG, () => {
      const sweep = connections.endIdle();
      const cut = setTimeout(
        () => {
          context.deadlines.expireAll();
          // Behind the batch in which those are refused.
          setImmediate(() => connections.cut());
        },
        begun + graceMs - performance.now(),
      );
      // The close of node:http would reset idle connections at once, and with them requests that are just arriving. From now on
      // every answer ends its connection, so only those stay that nobody uses.
      const ended = (): void => {
        clearTimeout(cut);
        clearInterval(sweep);
        server.close(() => undefined); // it has ended already; this only stops the clock of node:http
        resolve();
      };
      if (dispatched) connections.whenNone(ended);
      else NetServer.prototype.close.call(server, ended);
    });
  });
}
