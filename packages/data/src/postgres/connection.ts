import { Client, type ClientConfig, type CustomTypesConfig } from 'pg';
import type { Row, Statement } from './statement.ts';

export interface ConnectionOptions {
  readonly config: ClientConfig;
  /** Milliseconds a statement may run, enforced by the server; 0: no limit. */
  readonly statementTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** Send statements as prepared statements; off for poolers that hand out another server connection each time. */
  readonly prepare: boolean;
  /** Called once, when the connection has gone for whatever reason. */
  readonly onEnd: (connection: Connection) => void;
}

/** How much longer than the server's own limit a silent server is waited for. */
const graceMs = 1_000;

/** Our statements return text; no driver setting shall turn it into something else. */
const textOnly = { getTypeParser: () => (value: unknown) => value } as unknown as CustomTypesConfig;

/** One long-lived connection on which many statements are under way at once (pipelining). */
export class Connection {
  readonly #client: Client;
  readonly #options: ConnectionOptions;
  readonly #silenceLimit: number;
  #inFlight = 0;
  #ended = false;
  #stalled = false;
  /** When the server last answered, or got something to answer after a rest. */
  #lastAnswer = 0;
  #watchdog: NodeJS.Timeout | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#silenceLimit = options.statementTimeoutMs === 0 ? 0 : options.statementTimeoutMs + graceMs;
    this.#client = new Client({
      ...options.config,
      pipeline: true,
      keepAlive: true,
      types: textOnly,
      connectionTimeoutMillis: options.connectTimeoutMs,
      statement_timeout: options.statementTimeoutMs,
    });
    this.#client.on('error', () => this.#end());
    this.#client.on('end', () => this.#end());
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** The connection is of no more use; statements under way have failed or are about to. */
  get ended(): boolean {
    return this.#ended;
  }

  /** It ended because the server fell silent in the middle of a statement. */
  get stalled(): boolean {
    return this.#stalled;
  }

  async connect(): Promise<void> {
    try {
      await this.#client.connect();
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  /** Takes a place for one statement, which the next `query` fills. */
  reserve(): void {
    if (this.#inFlight === 0) this.#lastAnswer = performance.now();
    this.#inFlight += 1;
    this.#watch();
  }

  /** Runs a statement on a reserved place, and frees the place. */
  async query({ name, text, values }: Statement): Promise<readonly Row[]> {
    try {
      const query = {
        text,
        values: values as unknown[],
        ...(this.#options.prepare && name !== undefined ? { name } : {}),
      };
      return (await this.#client.query<Row>(query)).rows;
    } finally {
      this.#inFlight -= 1;
      this.#lastAnswer = performance.now();
    }
  }

  /** Lets statements under way finish, then says goodbye. */
  async close(): Promise<void> {
    clearTimeout(this.#watchdog);
    if (this.#ended) return;
    await this.#client.end();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#watchdog);
    this.#options.onEnd(this);
  }

  /** One timer per connection, not per statement: it looks whether the server still answers. */
  #watch(): void {
    if (this.#watchdog !== undefined || this.#silenceLimit === 0) return;
    const look = () => {
      this.#watchdog = undefined;
      if (this.#inFlight === 0 || this.#ended) return;
      const silence = performance.now() - this.#lastAnswer;
      if (silence < this.#silenceLimit) {
        this.#watchdog = setTimeout(look, this.#silenceLimit - silence);
        return;
      }
      this.#stalled = true;
      destroy(this.#client);
    };
    this.#watchdog = setTimeout(look, this.#silenceLimit);
    this.#watchdog.unref();
  }
}

/** `end` would wait for the answers that do not come. */
function destroy(client: Client): void {
  const { stream } = (client as unknown as { connection: { stream: { destroy(error?: Error): void } } }).connection;
  stream.destroy(new Error('The server stopped answering'));
}
