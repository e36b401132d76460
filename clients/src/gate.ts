import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** A request that a client made, and what it got. */
export interface Seen {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: string;
  readonly userAgent: string;
  /** Unpacked. */
  readonly body: string;
  /** 0: the connection was cut. */
  readonly status: number;
}

/** Lets requests pass, answers them with a status of its own, or cuts their connection. */
export type Conduct = 'pass' | 'cut' | number;

/** Where a client thinks the service is: notes what it asks, and can be told to stand in its way. */
export class Gate {
  conduct: Conduct = 'pass';
  readonly seen: Seen[] = [];
  readonly #server: Server;
  readonly #target: URL;

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer((asked, answer) => void this.#answer(asked, answer));
  }

  /** @param target address of the service */
  static async open(target: string): Promise<Gate> {
    const gate = new Gate(target);
    await new Promise<void>((done) => void gate.#server.listen(0, '127.0.0.1', done));
    return gate;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise((done) => void this.#server.close(done));
    this.#server.closeAllConnections();
    await closed;
  }

  /** What was asked since the last call. */
  take(): readonly Seen[] {
    return this.seen.splice(0);
  }

  async #answer(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = asked;
    const chunks: Buffer[] = [];
    for await (const chunk of asked) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const [path = '', query = ''] = url.split('?');
    const note = (status: number): void => {
      const userAgent = headers['user-agent'] ?? '';
      this.seen.push({ method, path, query, userAgent, body: unpacked(body), status });
    };
    const { conduct } = this;
    if (conduct === 'cut') {
      note(0);
      asked.socket.destroy();
    } else if (conduct === 'pass') {
      const passed = request(this.#target, { method, path: url, headers }, (got) => {
        note(got.statusCode ?? 0);
        answer.writeHead(got.statusCode ?? 502, got.headers);
        got.pipe(answer);
      });
      passed.on('error', () => asked.socket.destroy());
      passed.end(body);
    } else {
      note(conduct);
      // The service says when to come back, where that makes sense.
      const again = conduct === 429 || conduct === 503 ? { 'retry-after': '1' } : {};
      answer.writeHead(conduct, { 'content-type': 'application/json', ...again });
      answer.end(JSON.stringify({ type: 'server_error', code: 'refused', detail: 'Not now.', attr: null }));
    }
  }
}

function unpacked(body: Buffer): string {
  const gzip = body[0] === 0x1f && body[1] === 0x8b;
  return (gzip ? gunzipSync(body) : body).toString();
}
