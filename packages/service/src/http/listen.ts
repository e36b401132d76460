import { createServer, type Server } from 'node:http';
import { type AddressInfo, Server as NetServer } from 'node:net';
import type { App } from '../app.ts';
import type { AccessLog } from '../operate/log/access-log.ts';
import { Deadlines } from './deadlines.ts';
import { Exchange, type ExchangeContext } from './exchange.ts';
import { Gate } from './gate.ts';
import { Batch } from './batch.ts';

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
}

export interface Listening {
  readonly host: string;
  readonly port: number;
  /** Such as `http://127.0.0.1:8000`. */
  readonly url: string;
  /**
   * Takes no new connection, lets running requests finish, and resolves when the last connection has gone, or after
   * `graceMs` cuts those that remain (H220).
   */
  close(graceMs: number): Promise<void>;
}

/** Longer than the idle time of usual load balancers, so that they close a connection, not we (who would race them). */
const KEEP_ALIVE_MS = 65_000;

/** Connections that may wait to be taken. Node's own 511 drops the rest of a rush, and a client tries again a second later. */
const BACKLOG = 4_096;

/** How long a connection may stay idle once shutdown has begun. */
const IDLE_GRACE_MS = 250;

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
    batch: new Batch(options.queueMs / 2),
    accessLog: options.accessLog,
    draining: false,
  };
  const server = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_MS,
      // From the headers on, a request is timed on its own. What is left: connections that never send any, which
      // browsers open ahead of need, and bodies that go on after their refusal.
      headersTimeout: UNTIMED_MS,
      requestTimeout: UNTIMED_MS,
      connectionsCheckingInterval: 5_000,
    },
    (message, target) => new Exchange(context, message, target).begin(),
  );
  // Without a listener node:http would cut the connection without a word.
  server.on('connect', (_message, socket) => socket.end(NO_TUNNEL));
  await bound(server, options.host, options.port);
  const { address, port, family } = server.address() as AddressInfo; // not a pipe
  return {
    host: address,
    port,
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: (graceMs) => {
      context.draining = true;
      return closed(server, graceMs);
    },
  };
}

function bound(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog: BACKLOG }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closed(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    const sweep = setInterval(() => server.closeIdleConnections(), IDLE_GRACE_MS);
    // The close of node:http would reset idle connections at once, and with them requests that are just arriving. From now on
    // every answer ends its connection, so only those stay that nobody uses.
    NetServer.prototype.close.call(server, () => {
      clearTimeout(cut);
      clearInterval(sweep);
      server.close(() => undefined); // it has ended already; this only stops the clock of node:http
      resolve();
    });
  });
}
