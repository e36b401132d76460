import type { Client, CustomTypesConfig } from 'pg';
import { classifyError } from '../conversation/classify-error.ts';
import { endpoint } from '../postgres/client-config.ts';
import type { Endpoint } from '../postgres/endpoint.ts';
import { holdProcess, releaseProcess } from '../postgres/process-hold.ts';
import type { Row, Statement } from '../statements/statement.ts';
import { StoreError } from '../store-error.ts';
import { SchemaGaps, schemaStatement } from './schema-gaps.ts';
import { UnknownOutcomeError } from './unknown-outcome-error.ts';

/**
 * One transaction as a conversation: yields statements, is resumed with their rows, and returns what is answered once everything is
 * committed. What it throws ends the transaction and nothing of it stays. A statement that fails is thrown into it.
 */
export type Work<Result> = Generator<Statement, Result, readonly Row[]>;

export interface TransactionOptions {
  /** Connections, which is how many transactions run at a time. Default 4. */
  readonly size?: number;
  /** Milliseconds that a statement may take. Default 10 000. */
  readonly statementTimeoutMs?: number;
  /** What errors call these connections. Default `management`. */
  readonly pool?: string;
  /**
   * Sent with the begin of each transaction that writes, such as `set local` of other time-outs, which poolers let through. The time-out
   * of statements is then not sent when connecting, which some poolers refuse.
   */
  readonly preamble?: string;
  /** How often work is begun at most, when deadlocks end it. Default 3. */
  readonly attempts?: number;
  /** Milliseconds to wait for a connection. Default 5 000. */
  readonly waitMs?: number;
  /** Whether the tables are PostHog's own, of whatever age (M205). Default: they are those of this package's migrations. */
  readonly belongsToPostHog?: () => Promise<boolean>;
}

const READING = 'begin isolation level repeatable read read only';

/** Every column arrives as text, as it does elsewhere. */
const textOnly = { getTypeParser: () => (value: unknown) => value } as unknown as CustomTypesConfig;

/** Undefined column and table: the schema is not what it was. */
const changedSchema = new Set(['42703', '42P01']);

/** Serialization failure and deadlock: nothing was written, and the same once more may go through. */
const again = new Set(['40001', '40P01']);

/** Runs transactions on connections of their own, so that none of them ever makes an evaluation wait. */
export class Transactions {
  readonly #server: Endpoint;
  readonly #size: number;
  readonly #statementTimeoutMs: number;
  readonly #waitMs: number;
  readonly #pool: string;
  readonly #preamble: string | undefined;
  readonly #attempts: number;
  readonly #idle: Client[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #belongsToPostHog: (() => Promise<boolean>) | undefined;
  /** Null: statements fit as they are. */
  #gaps: SchemaGaps | null | undefined;
  #taken = 0;
  #closed = false;

  /**
   * Connects on first use.
   *
   * @throws {Error} for a URL that is none
   */
  constructor(
    url: string,
    {
      size = 4,
      statementTimeoutMs = 10_000,
      waitMs = 5_000,
      pool = 'management',
      preamble,
      attempts = 3,
      belongsToPostHog,
    }: TransactionOptions = {},
  ) {
    this.#pool = pool;
    this.#preamble = preamble;
    this.#attempts = attempts;
    this.#belongsToPostHog = belongsToPostHog;
    this.#gaps = belongsToPostHog === undefined ? null : undefined;
    this.#server = endpoint(url, `database URL for ${pool}`);
    this.#size = size;
    this.#statementTimeoutMs = statementTimeoutMs;
    this.#waitMs = waitMs;
  }

  /**
   * @param work is begun again after a deadlock
   * @throws {StoreError} and whatever the work throws; nothing is written then, unless it is an `UnknownOutcomeError`
   * @throws {UnwritableError} for what PostHog's tables have no place for
   */
  write<Result>(work: () => Work<Result>): Promise<Result> {
    return this.#attempt(this.#preamble === undefined ? 'begin' : `begin; ${this.#preamble}`, work);
  }

  /** The same for what only reads: everything is of one moment, and a write in it fails. */
  read<Result>(work: () => Work<Result>): Promise<Result> {
    return this.#attempt(READING, work);
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#taken > 0) await this.#turn();
    await Promise.all(
      this.#idle.splice(0).map((client) => {
        // A command that has nothing else to do would end before its connections have.
        holdProcess(client);
        return client.end();
      }),
    );
  }

  async #attempt<Result>(begin: string, work: () => Work<Result>): Promise<Result> {
    for (let left = this.#attempts; ; left -= 1) {
      try {
        return await this.#once(begin, work());
      } catch (error) {
        if (left <= 1 || !(error instanceof StoreError) || !again.has(error.code ?? '')) throw error;
      }
    }
  }

  async #once<Result>(begin: string, work: Work<Result>): Promise<Result> {
    const gaps = this.#gaps === undefined ? await this.#findGaps() : this.#gaps;
    const client = await this.#begun(begin);
    let usable = false;
    try {
      const result = await this.#drive(client, work, gaps);
      await this.#commit(client, begin);
      usable = true;
      return result;
    } catch (error) {
      // Somebody migrates PostHog's tables: they are looked at anew.
      if (gaps !== null && error instanceof StoreError && changedSchema.has(error.code ?? '')) this.#gaps = undefined;
      usable = await client.query('rollback').then(
        () => true,
        () => false,
      );
      throw error;
    } finally {
      this.#giveBack(client, usable);
    }
  }

  /** A connection on which a transaction has begun. One that broke while it had nothing to do is no reason to fail. */
  async #begun(begin: string): Promise<Client> {
    for (;;) {
      const mayBeBroken = this.#idle.length > 0;
      const client = await this.#take();
      try {
        await this.#query(client, { text: begin, values: [] });
        return client;
      } catch (error) {
        this.#giveBack(client, false);
        if (!mayBeBroken) throw error;
      }
    }
  }

  async #findGaps(): Promise<SchemaGaps | null> {
    if ((await this.#belongsToPostHog?.()) !== true) return (this.#gaps = null);
    const client = await this.#begun('begin read only');
    let usable = false;
    try {
      const rows = await this.#query(client, schemaStatement);
      await this.#query(client, { text: 'commit', values: [] });
      usable = true;
      return (this.#gaps = new SchemaGaps(rows));
    } finally {
      this.#giveBack(client, usable);
    }
  }

  async #drive<Result>(client: Client, work: Work<Result>, gaps: SchemaGaps | null): Promise<Result> {
    let step = work.next([]);
    while (step.done !== true) {
      let rows: readonly Row[];
      try {
        rows = await this.#query(client, gaps === null ? step.value : gaps.fitted(step.value));
      } catch (error) {
        step = work.throw(error);
        continue;
      }
      step = work.next(rows);
    }
    return step.value;
  }

  /** @throws {UnknownOutcomeError} where what was written may be there */
  async #commit(client: Client, begin: string): Promise<void> {
    try {
      await this.#query(client, { text: 'commit', values: [] });
    } catch (error) {
      // The server refused it, or there was nothing to be written: nothing is.
      if (!(error instanceof StoreError) || error.kind !== 'unavailable' || begin === READING) throw error;
      throw new UnknownOutcomeError(this.#pool, error);
    }
  }

  async #query(client: Client, { text, values }: Statement): Promise<readonly Row[]> {
    try {
      return (await client.query<Row>({ text, values: values as unknown[] })).rows;
    } catch (error) {
      // What has no code comes from the driver: the connection is gone.
      throw classifyError(error, this.#pool, true);
    }
  }

  async #take(): Promise<Client> {
    const until = performance.now() + this.#waitMs;
    while (this.#taken >= this.#size) {
      const left = until - performance.now();
      if (left <= 0) throw new StoreError('no_more_connections', this.#pool, 'no connection became free in time');
      await this.#turn(left);
    }
    if (this.#closed) throw new StoreError('unavailable', this.#pool, 'closed');
    this.#taken += 1;
    const idle = this.#idle.pop();
    if (idle !== undefined) {
      holdProcess(idle);
      return idle;
    }
    try {
      return await this.#connect();
    } catch (error) {
      this.#taken -= 1;
      this.#waiting.shift()?.();
      throw classifyError(error, this.#pool, true);
    }
  }

  async #connect(): Promise<Client> {
    const options = {
      types: textOnly,
      keepAlive: true,
      connectionTimeoutMillis: this.#waitMs,
      ...(this.#preamble === undefined && { statement_timeout: this.#statementTimeoutMs }),
      // A server that says nothing any more does not hold a place for ever.
      query_timeout: this.#statementTimeoutMs + 1_000,
    };
    const client = await this.#server.connect(options, (attempt) => attempt.on('error', () => undefined));
    const forget = () => {
      const at = this.#idle.indexOf(client);
      if (at >= 0) this.#idle.splice(at, 1);
    };
    client.on('error', forget);
    client.on('end', forget);
    return client;
  }

  #giveBack(client: Client, usable: boolean): void {
    this.#taken -= 1;
    if (usable && !this.#closed) {
      releaseProcess(client);
      this.#idle.push(client);
    } else {
      client.end().catch(() => undefined);
    }
    this.#waiting.shift()?.();
  }

  /** Resolves when a place is given back, or after so many milliseconds. */
  #turn(ms?: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        resolve();
      };
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(wake), 1);
        resolve();
      };
      const timer = ms === undefined ? undefined : setTimeout(giveUp, ms);
      this.#waiting.push(wake);
    });
  }
}
