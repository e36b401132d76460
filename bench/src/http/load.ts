import { connect, type Socket } from 'node:net';
import type { ServerProcess } from './server-process.ts';

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Milliseconds from a request's last byte to its answer's. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Load {
  /** Request bodies, sent in turn; of GET requests an empty one. */
  readonly bodies: readonly string[];
  readonly path: string;
  /** Of a GET request; without them it is a POST. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly concurrency: number;
  readonly ms: number;
}

/**
 * Keeps `concurrency` requests under way for that long, each on a connection of its own. Any answer but 200 and 304 is an error.
 * The requests are written as prepared bytes and the answers only counted: a client library takes longer per request than
 * the servers do, and would measure them idling.
 */
export async function putLoad(server: ServerProcess, load: Load): Promise<LoadResult> {
  const { hostname, port, host } = new URL(server.url);
  const { path, headers } = load;
  const texts =
    headers === undefined ? load.bodies.map((body) => requestText(host, path, body)) : [getText(host, path, headers)];
  const cpuBefore = server.cpuSeconds();
  const start = performance.now();
  const end = start + load.ms;
  let requests = 0;
  const next = (): string | null => (performance.now() < end ? (texts[requests++ % texts.length] as string) : null);
  const times: number[] = [];
  const clock = { onTime: (ms: number) => times.push(ms) };
  await Promise.all(Array.from({ length: load.concurrency }, () => converse(hostname, Number(port), next, clock)));
  const seconds = (performance.now() - start) / 1000;
  const cpu = server.cpuSeconds() - cpuBefore;
  times.sort((a, b) => a - b);
  const share = (part: number): number =>
    times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? Number.NaN;
  return { requests, seconds, cpuSeconds: cpu, p50Ms: share(0.5), p99Ms: share(0.99) };
}

/** One POST of a JSON body; resolves with the answer's text. */
export async function ask(target: { hostname: string; port: string; path: string }, body: string): Promise<string> {
  const { hostname, port, path } = target;
  let pending: string | null = requestText(`${hostname}:${port}`, path, body);
  let answer = '';
  const next = (): string | null => {
    const text = pending;
    pending = null;
    return text;
  };
  await converse(hostname, Number(port), next, {
    onAnswer: (text) => {
      answer = text;
    },
  });
  return answer;
}

function requestText(host: string, path: string, body: string): string {
  const length = Buffer.byteLength(body);
  return `POST ${path} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n${body}`;
}

function getText(host: string, path: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path} HTTP/1.1\r\nhost: ${host}\r\n${lines.join('')}\r\n`;
}

/** Sends one request after the other on one connection, until there is none left. */
function converse(
  hostname: string,
  port: number,
  next: () => string | null,
  { onAnswer, onTime }: { onAnswer?: (body: string) => void; onTime?: (ms: number) => void } = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ host: hostname, port, noDelay: true });
    let missing = -1;
    let sentAt = 0;
    let parts: Buffer[] = [];
    const send = (): void => {
      const text = next();
      sentAt = performance.now();
      if (text !== null) socket.write(text);
      else socket.end(resolve);
    };
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server ended the connection')));
    socket.on('data', (chunk: Buffer) => {
      if (onAnswer !== undefined) parts.push(chunk);
      const whole = missing < 0 ? lengthOf(chunk) : missing;
      if (whole === null) {
        reject(new Error(`unexpected answer: ${chunk.toString('latin1', 0, 500)}`));
        return;
      }
      missing = whole - chunk.length;
      if (missing > 0) return;
      missing = -1;
      onTime?.(performance.now() - sentAt);
      if (onAnswer !== undefined) onAnswer(bodyOf(parts));
      parts = [];
      send();
    });
  });
}

/** Bytes of an answer, told from its first piece; null: neither a 200 with a length nor a 304. */
function lengthOf(first: Buffer): number | null {
  const head = first.toString('latin1', 0, 1024);
  const end = head.indexOf('\r\n\r\n');
  if (end >= 0 && head.startsWith('HTTP/1.1 304 ')) return end + 4;
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  return end < 0 || length === undefined || !head.startsWith('HTTP/1.1 200 ') ? null : end + 4 + Number(length);
}

function bodyOf(parts: readonly Buffer[]): string {
  const text = Buffer.concat(parts).toString('utf8');
  return text.slice(text.indexOf('\r\n\r\n') + 4);
}
