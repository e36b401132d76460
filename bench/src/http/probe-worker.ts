import { connect } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

/** Asks at each of these URLs, on a new connection every `PROBE_MS`, whether the service lives. Tells how long each took when it is told to end. */
const urls = workerData as readonly string[];

const PROBE_MS = 50;
/** One that was closed, or not answered by then. */
const NEVER_MS = 10_000;

const waits: number[][] = urls.map(() => []);
let open = 0;

function probe({ hostname, port, host }: URL, onAnswer: (ms: number) => void): void {
  const from = performance.now();
  const socket = connect({ host: hostname, port: Number(port), noDelay: true, timeout: NEVER_MS });
  let answered = false;
  open++;
  socket.write(`GET /_liveness HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
  socket.once('data', () => {
    answered = true;
    onAnswer(performance.now() - from);
  });
  socket.on('timeout', () => socket.destroy());
  socket.on('error', () => undefined);
  socket.on('close', () => {
    open--;
    if (!answered) onAnswer(Number.POSITIVE_INFINITY);
  });
}

const probing = setInterval(() => {
  for (const [i, url] of urls.entries()) probe(new URL(url), (ms) => waits[i]?.push(ms));
}, PROBE_MS);

parentPort?.once('message', () => {
  clearInterval(probing);
  const telling = setInterval(() => {
    if (open > 0) return;
    clearInterval(telling);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    parentPort?.postMessage(waits);
  }, 5);
});
