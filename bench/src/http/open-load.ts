import { connect, type Socket } from 'node:net';

export interface OpenLoad {
  readonly url: string;
  /** Whole requests as they go over the wire, sent in turn. */
  readonly requests: readonly string[];
  readonly perSecond: number;
  readonly ms: number;
  /** As many as that, each with a connection of its own. When all of them wait for answers, the load falls behind. */
  readonly clients: number;
}

export interface OpenLoadResult {
  /** Milliseconds from sending to the answer, of those answered with 200. Sorted. */
  readonly served: readonly number[];
  /** Of those answered with 504. Sorted. */
  readonly refused: readonly number[];
  /** Answered with anything else, or cut off. */
  readonly failed: number;
  /** Milliseconds until a probe on a new connection was answered, once every `PROBE_MS`. Sorted. */
  readonly probes: readonly number[];
  readonly seconds: number;
}

const PROBE_MS = 50;

/**
 * Sends requests when they are due, whether the earlier ones are answered or not: an overload is what clients do that know nothing
 * of each other. Load that waits for its answers never overloads anybody.
 */
export async function putOpenLoad(load: OpenLoad): Promise<OpenLoadResult> {
  const { hostname, port } = new URL(load.url);
  const served: number[] = [];
  const refused: number[] = [];
  let failed = 0;
  /** Requests whose time has come and that no client was free to send. */
  let due = 0;
  const idle: Conversation[] = [];
  const all: Conversation[] = [];
  let sent = 0;
  const serve = (conversation: Conversation): void => {
    if (due === 0) idle.push(conversation);
    else {
      due--;
      conversation.send(load.requests[sent++ % load.requests.length] as string);
    }
  };
  const open = (): Conversation => {
    const conversation = new Conversation(hostname, Number(port), (status, since) => {
      if (status === 200) served.push(performance.now() - since);
      else if (status === 504) refused.push(performance.now() - since);
      else failed++;
      if (status !== 0) serve(conversation);
    });
    all.push(conversation);
    return conversation;
  };
  for (let i = 0; i < load.clients; i++) idle.push(open());
  await Promise.all(all.map((conversation) => conversation.connected));
  const probes: number[] = [];
  const probing = setInterval(() => probe(load.url, (ms) => probes.push(ms)), PROBE_MS);
  const begun = performance.now();
  let count = 0;
  while (performance.now() - begun < load.ms) {
    const target = ((performance.now() - begun) / 1000) * load.perSecond;
    for (; count < target; count++) {
      due++;
      const conversation = idle.shift();
      if (conversation !== undefined) serve(conversation);
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 1);
    });
  }
  clearInterval(probing);
  const unsent = due;
  due = 0;
  while (served.length + refused.length + failed < count - unsent && performance.now() - begun < load.ms + 10_000) {
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
  const seconds = (performance.now() - begun) / 1000;
  for (const conversation of all) conversation.end();
  const byTime = (a: number, b: number) => a - b;
  return {
    served: served.sort(byTime),
    refused: refused.sort(byTime),
    probes: probes.sort(byTime),
    failed: count - unsent - served.length - refused.length,
    seconds,
  };
}

/** Asks whether the service lives, on a connection of its own; one that is closed instead counts as never. */
function probe(url: string, onAnswer: (ms: number) => void): void {
  const { hostname, port, host } = new URL(url);
  const from = performance.now();
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  let answered = false;
  socket.write(`GET /_liveness HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
  socket.once('data', () => {
    answered = true;
    onAnswer(performance.now() - from);
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    if (!answered) onAnswer(Number.POSITIVE_INFINITY);
  });
}

/** One connection: one request under way at a time. */
class Conversation {
  readonly connected: Promise<void>;
  readonly #socket: Socket;
  readonly #onAnswer: (status: number, since: number) => void;
  #since = 0;
  #busy = false;
  #status = 0;
  #missing = -1;

  constructor(hostname: string, port: number, onAnswer: (status: number, since: number) => void) {
    this.#onAnswer = onAnswer;
    this.#socket = connect({ host: hostname, port, noDelay: true });
    this.connected = new Promise((resolve, reject) => {
      this.#socket.once('connect', resolve);
      this.#socket.once('error', reject);
    });
    this.#socket.on('data', (chunk) => this.#read(chunk));
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      if (this.#busy) this.#onAnswer(0, this.#since);
    });
  }

  send(request: string): void {
    this.#since = performance.now();
    this.#busy = true;
    this.#socket.write(request);
  }

  end(): void {
    this.#busy = false;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    if (this.#missing < 0) {
      const head = chunk.toString('latin1', 0, 1024);
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]);
      this.#status = Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length));
      this.#missing = head.indexOf('\r\n\r\n') + 4 + length;
    }
    this.#missing -= chunk.length;
    if (this.#missing > 0) return;
    this.#missing = -1;
    this.#busy = false;
    this.#onAnswer(this.#status, this.#since);
  }
}
