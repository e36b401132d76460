import type { ClientConfig } from 'pg';
import { StoreError } from '../store-error.ts';
import { classifyError } from './classify-error.ts';
import { Connection } from './connection.ts';
import type { Row, Statement } from './statement.ts';

export interface PoolOptions {
  readonly config: ClientConfig;
  /** Connections are pipelined: one carries many statements at once, so a few are enough. */
  readonly maxConnections: number;
  /** How long a statement may wait for a place on a connection, and a connection for its server. */
  readonly acquireTimeoutMs: number;
  /** 0: the server's own setting. */
  readonly statementTimeoutMs: number;
  readonly prepare: boolean;
}

/** Statements under way on one connection; further ones wait. */
const deepest = 64;
/** Statements under way on every connection before another one is opened. */
const growAt = 8;
/** After a failed attempt to connect, statements fail at once for this long, twice as long after the next, and so on. */
const shortestPauseMs = 50;
const longestPauseMs = 1_000;

interface Waiter {
  readonly resolve: (connection: Connection) => void;
  readonly reject: (error: unknown) => void;
  readonly deadline: number;
}

/**
 * A few long-lived pipelined connections to one server. They are opened when needed and opened again when they break;
 * a statement whose connection broke is sent once more.
 */
export class PipelinePool {
  readonly #options: PoolOptions;
  readonly #ready: Connection[] = [];
  readonly #waiting: Waiter[] = [];
  #connecting: Promise<void> | null = null;
  #waitTimer: NodeJS.Timeout | undefined;
  #failure: { readonly error: unknown; readonly until: number; readonly pause: number } | null = null;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  get acquireTimeoutMs(): number {
    return this.#options.acquireTimeoutMs;
  }

  /**
   * @param name who asks: the pool's name in an error
   * @throws {StoreError}
   */
  async query(statement: Statement, name: string): Promise<readonly Row[]> {
    for (let attempt = 1; ; attempt += 1) {
      const connection = await this.#acquire(name);
      try {
        return await connection.query(statement);
      } catch (error) {
        if (connection.stalled) throw new StoreError('timeout', name, 'the server stopped answering', { cause: error });
        const failure = classifyError(error, name, connection.ended);
        if (failure.kind !== 'unavailable') throw failure;
        this.#abandon(connection);
        if (attempt === 2) throw failure;
      } finally {
        this.#serveWaiting();
      }
    }
  }

  /** Refuses new statements, lets those under way finish, and closes every connection. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#rejectWaiting(new Error('The pool is closed'));
    await this.#connecting;
    await Promise.all(this.#ready.map((connection) => connection.close()));
  }

  async #acquire(name: string): Promise<Connection> {
    try {
      return this.#place() ?? (await this.#wait());
    } catch (error) {
      throw classifyError(error instanceof Busy ? busy(name) : error, name, true);
    }
  }

  /** Reserves a place on the least loaded connection that has room. Opens another connection when all are busy. */
  #place(): Connection | null {
    if (this.#closed) throw new Error('The pool is closed');
    let best: Connection | null = null;
    for (const connection of this.#ready) {
      if (best === null || connection.inFlight < best.inFlight) best = connection;
    }
    if (best === null || best.inFlight >= growAt) this.#grow(best === null);
    if (best === null || best.inFlight >= deepest) return null;
    best.reserve();
    return best;
  }

  #grow(needed: boolean): void {
    if (this.#connecting !== null || this.#ready.length >= this.#options.maxConnections) return;
    if (this.#failure !== null && performance.now() < this.#failure.until) {
      if (needed) throw this.#failure.error;
      return;
    }
    this.#connecting = this.#connect().finally(() => {
      this.#connecting = null;
    });
  }

  async #connect(): Promise<void> {
    const connection = new Connection({
      config: this.#options.config,
      statementTimeoutMs: this.#options.statementTimeoutMs,
      connectTimeoutMs: this.#options.acquireTimeoutMs,
      prepare: this.#options.prepare,
      onEnd: (ended) => this.#drop(ended),
    });
    try {
      await connection.connect();
      this.#failure = null;
      this.#ready.push(connection);
      this.#serveWaiting();
    } catch (error) {
      const pause = Math.min((this.#failure?.pause ?? shortestPauseMs / 2) * 2, longestPauseMs);
      this.#failure = { error, pause, until: performance.now() + pause };
      if (this.#ready.length === 0) this.#rejectWaiting(error);
    }
  }

  #drop(connection: Connection): void {
    const index = this.#ready.indexOf(connection);
    if (index >= 0) this.#ready.splice(index, 1);
  }

  /** A server that is going away says so before it hangs up: nothing new goes there. */
  #abandon(connection: Connection): void {
    this.#drop(connection);
    connection.close().catch(() => undefined);
  }

  #wait(): Promise<Connection> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject, deadline: performance.now() + this.#options.acquireTimeoutMs });
      this.#armWaitTimer();
    });
  }

  /** Waiters have equal patience, so the first in line is the first to give up: one timer is enough. */
  #armWaitTimer(): void {
    const first = this.#waiting[0];
    if (first === undefined || this.#waitTimer !== undefined) return;
    this.#waitTimer = setTimeout(
      () => {
        this.#waitTimer = undefined;
        const now = performance.now();
        while ((this.#waiting[0]?.deadline ?? Infinity) <= now) this.#waiting.shift()?.reject(new Busy());
        this.#armWaitTimer();
      },
      Math.max(first.deadline - performance.now(), 1),
    );
  }

  #serveWaiting(): void {
    while (this.#waiting.length > 0) {
      let connection: Connection | null;
      try {
        connection = this.#place();
      } catch (error) {
        return this.#rejectWaiting(error);
      }
      if (connection === null) return;
      this.#waiting.shift()?.resolve(connection);
    }
    clearTimeout(this.#waitTimer);
    this.#waitTimer = undefined;
  }

  #rejectWaiting(error: unknown): void {
    for (const waiter of this.#waiting.splice(0)) waiter.reject(error);
    clearTimeout(this.#waitTimer);
    this.#waitTimer = undefined;
  }
}

class Busy extends Error {}

function busy(name: string): StoreError {
  return new StoreError('no_more_connections', name, 'no connection became free in time');
}
