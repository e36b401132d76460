import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

export interface OpenLoad {
  readonly url: string;
  /** Whole requests as they go over the wire, sent in turn. */
  readonly requests: readonly string[];
  readonly perSecond: number;
  readonly ms: number;
  /** As many as that, each with a connection of its own. When all of them wait for answers, the load falls behind. */
  readonly clients: number;
  /** Each request on a connection of its own; else each client keeps one, which was taken before the load began. */
  readonly fresh?: boolean;
  /** The service's second port, for probes. */
  readonly probesUrl?: string | undefined;
}

export interface OpenLoadResult {
  /** Milliseconds from sending to the answer, of those answered with 200. Sorted. */
  readonly served: readonly number[];
  /** Of those answered with 504. Sorted. */
  readonly refused: readonly number[];
  /** Closed without an answer. */
  readonly closed: number;
  /** Answered with anything else, or never. */
  readonly failed: number;
  /** Milliseconds until a probe on a new connection was answered; one that was closed instead counts as never. Sorted. */
  readonly probes: readonly number[];
  /** The same on the second port. */
  readonly probesAside: readonly number[];
  /** For how long there was load, and from its end until nobody waited for an answer. */
  readonly seconds: number;
  readonly restMs: number;
}

/** For how long answers are waited for behind the load. */
const REST_MS = 15_000;

/** Connections that are opened at once, and how long ago the last one has to be, so that opening them is no flood. */
const OPENED_AT_ONCE = 100;
const SETTLED_MS = 1_000;

/**
 * Sends requests when they are due, whether the earlier ones are answered or not: an overload is what clients do that know nothing
 * of each other. Load that waits for its answers never overloads anybody.
 */
export async function putOpenLoad(load: OpenLoad): Promise<OpenLoadResult> {
  const { hostname, port } = new URL(load.url);
  const served: number[] = [];
  const refused: number[] = [];
  let closed = 0;
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
  const client = (number: number): void => {
    const conversation = new Conversation(hostname, Number(port), load.fresh ? number : undefined, (status, since) => {
      if (status === 200) served.push(performance.now() - since);
      else if (status === 504) refused.push(performance.now() - since);
      else if (status === 0) closed++;
      else failed++;
      serve(conversation);
    });
    all.push(conversation);
    idle.push(conversation);
  };
  for (let number = 0; number < load.clients; number++) client(number);
  if (!load.fresh) {
    for (let i = 0; i < all.length; i += OPENED_AT_ONCE) {
      await Promise.all(all.slice(i, i + OPENED_AT_ONCE).map((conversation) => conversation.open()));
      await fetch(`${load.url}/_liveness`, { headers: { connection: 'close' } });
    }
    await sleep(SETTLED_MS);
  }
  const probing = new Worker(new URL('probe-worker.js', import.meta.url), {
    workerData: [load.url, ...(load.probesUrl === undefined ? [] : [load.probesUrl])],
  });
  await once(probing, 'online');
  const begun = performance.now();
  let count = 0;
  while (performance.now() - begun < load.ms) {
    const target = ((performance.now() - begun) / 1000) * load.perSecond;
    for (; count < target && due < load.clients; count++) {
      due++;
      const conversation = idle.shift();
      if (conversation !== undefined) serve(conversation);
    }
    // What no client could send is nobody's request: clients that wait do not ask the more for it later.
    count = Math.max(count, Math.floor(target));
    await sleep(1);
  }
  due = 0;
  const ended = performance.now();
  const answered = (): number => served.length + refused.length + closed + failed;
  while (answered() < sent && performance.now() - ended < REST_MS) {
    await sleep(5);
  }
  const restMs = performance.now() - ended;
  failed += sent - answered();
  for (const conversation of all) conversation.end();
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  probing.postMessage('end');
  const [[probes, probesAside = []]] = (await once(probing, 'message')) as [[number[], number[]?]];
  await probing.terminate();
  const byTime = (a: number, b: number) => a - b;
  return {
    served: served.sort(byTime),
    refused: refused.sort(byTime),
    closed,
    failed,
    probes: probes.sort(byTime),
    probesAside: probesAside.sort(byTime),
    seconds: (ended - begun) / 1000,
    restMs,
  };
}

/** Loopback has more addresses than one: enough ports for any number of connections. */
const SOURCES = 100;

/** One client: one request under way at a time, on a connection that it keeps or on a new one each. */
class Conversation {
  readonly #hostname: string;
  readonly #port: number;
  /** Undefined: the connection is kept. */
  readonly #number: number | undefined;
  readonly #onAnswer: (status: number, since: number) => void;
  #socket: Socket | undefined = undefined;
  #since = 0;
  #busy = false;
  #status = 0;
  #missing = -1;

  constructor(
    hostname: string,
    port: number,
    number: number | undefined,
    onAnswer: (status: number, since: number) => void,
  ) {
    this.#hostname = hostname;
    this.#port = port;
    this.#number = number;
    this.#onAnswer = onAnswer;
  }

  async open(): Promise<void> {
    await once(this.#connect(), 'connect');
  }

  send(request: string): void {
    this.#since = performance.now();
    this.#busy = true;
    const socket = this.#socket ?? this.#connect();
    socket.write(this.#number === undefined ? request : request.replace('\r\n', '\r\nconnection: close\r\n'));
  }

  end(): void {
    this.#busy = false;
    this.#socket?.destroy();
  }

  #connect(): Socket {
    const socket = connect({
      host: this.#hostname,
      port: this.#port,
      noDelay: true,
      ...(this.#number === undefined ? {} : { localAddress: `127.0.0.${2 + (this.#number % SOURCES)}` }),
    });
    this.#socket = socket;
    this.#missing = -1;
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#answered(0);
    });
    return socket;
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
    if (this.#number !== undefined) {
      this.#socket?.end();
      this.#socket = undefined;
    }
    this.#answered(this.#status);
  }

  #answered(status: number): void {
    if (!this.#busy) return;
    this.#busy = false;
    this.#onAnswer(status, this.#since);
  }
}
