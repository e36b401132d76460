import type { Client, CustomTypesConfig } from 'pg';
import type { Endpoint } from './endpoint.ts';
import type { Row, Statement } from '../statements/statement.ts';
import { holdProcess, releaseProcess } from './process-hold.ts';

/** What the server, or a pooler in front of it, does not take. Connections of a pool share what one of them learns. */
export interface Traits {
  /** Statements are sent as prepared statements, which a pooler that hands out another server each time cannot have. */
  prepare: boolean;
  /** The statement time-out is sent when connecting, which some poolers refuse. */
  startupTimeout: boolean;
}

export interface ConnectionOptions {
  readonly endpoint: Endpoint;
  /** Milliseconds a statement may run, enforced by the server; 0: no limit. */
  readonly statementTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly traits: Traits;
  /** Called once, when the connection has gone for whatever reason. */
  readonly onEnd: (connection: Connection) => void;
}

/** How much longer than the server's own limit a silent server is waited for. */
const graceMs = 1_000;

/** Our statements return text; no driver setting shall turn it into something else. */
const textOnly = { getTypeParser: () => (value: unknown) => value } as unknown as CustomTypesConfig;

/**
 * One long-lived connection on which many statements are under way at once (pipelining). It holds the process only while there
 * are any: a script that has its answers ends without closing the pool.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #silenceLimit: number;
  readonly #openedAt = performance.now();
  readonly #ageing = 1 + Math.random() / 10;
  #client: Client | null = null;
  #inFlight = 0;
  #largeInFlight = 0;
  #ended = false;
  #stalled = false;
  #closing = false;
  /** When the server last answered, or got something to answer after a rest. */
  #lastAnswer = performance.now();
  #watchdog: NodeJS.Timeout | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#silenceLimit = options.statementTimeoutMs === 0 ? 0 : options.statementTimeoutMs + graceMs;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** A large answer is on its way; what is asked after it comes behind it. */
  get carriesLarge(): boolean {
    return this.#largeInFlight > 0;
  }

  /** The connection is of no more use; statements under way have failed or are about to. */
  get ended(): boolean {
    return this.#ended;
  }

  /** It ended because the server fell silent in the middle of a statement. */
  get stalled(): boolean {
    return this.#stalled;
  }

  /** Milliseconds since it was opened, lengthened by up to a tenth so that connections do not grow old together. */
  get lifetime(): number {
    return (performance.now() - this.#openedAt) * this.#ageing;
  }

  /** Milliseconds without anything to do. */
  get idleTime(): number {
    return this.#inFlight > 0 ? 0 : performance.now() - this.#lastAnswer;
  }

  /** @throws what the driver throws */
  async connect(): Promise<void> {
    const { endpoint, connectTimeoutMs, statementTimeoutMs, traits } = this.#options;
    try {
      const options = { pipeline: true, keepAlive: true, types: textOnly, connectionTimeoutMillis: connectTimeoutMs };
      const limited = traits.startupTimeout ? { ...options, statement_timeout: statementTimeoutMs } : options;
      const client = await endpoint.connect(limited, (attempt) => attempt.on('error', () => undefined));
      client.on('error', () => this.#end());
      client.on('end', () => this.#end());
      this.#client = client;
      releaseProcess(client);
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  /** Takes a place for one statement, which a `query` of the same size fills. */
  reserve(large: boolean): void {
    if (this.#inFlight === 0) {
      this.#lastAnswer = performance.now();
      if (this.#client !== null) holdProcess(this.#client);
    }
    this.#inFlight += 1;
    if (large) this.#largeInFlight += 1;
    this.#watch();
  }

  /** Runs a statement on a reserved place, and frees the place. */
  async query({ name, text, values }: Statement, large: boolean): Promise<readonly Row[]> {
    try {
      const query = {
        text,
        values: values as unknown[],
        ...(this.#options.traits.prepare && name !== undefined ? { name } : {}),
      };
      if (this.#client === null) throw new Error('the connection is not open');
      return (await this.#client.query<Row>(query)).rows;
    } finally {
      this.#inFlight -= 1;
      if (large) this.#largeInFlight -= 1;
      this.#lastAnswer = performance.now();
      if (this.#inFlight === 0 && this.#client !== null && !this.#closing) releaseProcess(this.#client);
    }
  }

  /** Lets statements under way finish, then says goodbye. */
  async close(): Promise<void> {
    clearTimeout(this.#watchdog);
    if (this.#ended) return;
    this.#closing = true;
    if (this.#client !== null) holdProcess(this.#client); // whoever waits for the goodbye shall see it
    await this.#client?.end();
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
      if (this.#client !== null) destroy(this.#client);
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
