import { createServer } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

/*
 * The thread that answers probes on a port of their own (src/operate/probe-port.ts). Plain JavaScript, because a thread begins with a file, and
 * this one is the same file beside sources and beside what the compiler makes of them.
 * It knows of the service what stands in the shared memory: what its probes would say, and how often its event loop has come round.
 */

const { host, port, readinesses, board, hangMs } =
  /** @type {import('../src/operate/probe-port.ts').ProbeThreadOptions} */ (workerData);
const shared = new Int32Array(board);

/** How often the loop is looked at. */
const LOOK_MS = 100;

let seen = Atomics.load(shared, 1);
let seenAt = performance.now();
const look = () => {
  const turns = Atomics.load(shared, 1);
  if (turns !== seen) {
    seen = turns;
    seenAt = performance.now();
  }
  return performance.now() - seenAt;
};
setInterval(look, LOOK_MS);

/**
 * Status and text of a path; null: there is nothing.
 *
 * @param {string} path
 * @returns {readonly [status: number, text: string] | null}
 */
function answer(path) {
  const hangs = look() > hangMs;
  switch (path) {
    case '/_readiness':
      return hangs ? [503, 'the service hangs'] : (readinesses[Atomics.load(shared, 0)] ?? null);
    case '/_liveness':
      return hangs ? [503, 'the service hangs'] : [200, 'alive'];
    case '/_startup':
      tell({ kind: 'warm-up' });
      return [200, 'started'];
    case '/':
      return [200, 'Halyard probes'];
    default:
      return null;
  }
}

const server = createServer((request, response) => {
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  // A probe asks once.
  response.setHeader('connection', 'close');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  const [status, text] = answer((request.url ?? '').replace(/\?.*/s, '')) ?? [
    404,
    'There are only probes on this port.',
  ];
  response.writeHead(status).end(text);
});
server.headersTimeout = 5_000;
server.requestTimeout = 5_000;

server.once('error', (error) => tell({ kind: 'failed', code: 'code' in error ? String(error.code) : error.message }));
server.listen({ host, port }, () => {
  tell({ kind: 'listening', at: /** @type {import('node:net').AddressInfo} */ (server.address()) });
});

/** @param {import('../src/operate/probe-port.ts').FromProbeThread} said */
function tell(said) {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(said);
}
