import type { StoreLog } from '../ports.ts';
import { StoreError } from '../store-error.ts';
import { classifyError } from '../conversation/classify-error.ts';
import { Connection, type Traits } from './connection.ts';
import type { Endpoint } from './endpoint.ts';
import type { PoolState, StatementEvent } from './pool-events.ts';
import { losesPreparedStatements, refusesStartupTimeout } from './pooler-signs.ts';
import type { PoolName } from '../pool-names.ts';
import type { Row, Statement } from '../statements/statement.ts';

export interface PoolOptions {
  readonly endpoint: Endpoint;
  /** What it is called in the log. */
  readonly names: readonly PoolName[];
  /** Connections are pipelined: one carries many statements at once, so a few are enough. */
  readonly maxConnections: number;
  /** Kept open, also without anything to do. */
  readonly minConnections: number;
  /** Further ones are closed after this long without work; 0: never. */
  readonly idleTimeoutMs: number;
  /** A connection is replaced at this age, some a little earlier; 0: never. */
  readonly maxLifetimeMs: number;
  /** How long a statement may wait for a place on a connection, and a connection for its server. */
  readonly acquireTimeoutMs: number;
  /** 0: the server's own setting. */
  readonly statementTimeoutMs: number;
  readonly prepare: boolean;
  readonly log?: StoreLog | undefined;
  readonly onStatement?: ((event: StatementEvent) => void) | undefined;
}

/** Statements under way on one connection; further ones wait. */
const deepest = 64;
/** Statements under way on every connection before another one is opened. */
const growAt = 8;
/** After a failed attempt to connect, statements fail at once for this long, twice as long after the next, and so on. */
const shortestPauseMs = 50;
const longestPauseMs = 1_000;
/** Idle and old connections are looked for this often, or four times in their time; missing ones more often. */
const longestHousekeepingMs = 30_000;
const minimumHousekeepingMs = 1_000;

interface Waiter {
  readonly large: boolean;
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
  readonly #traits: Traits;
  readonly #ready: Connection[] = [];
  readonly #waiting: Waiter[] = [];
  #connecting: Promise<void> | null = null;
  #waitTimer: NodeJS.Timeout | undefined;
  #failure: { readonly error: unknown; readonly until: number; readonly pause: number } | null = null;
  #housekeeping: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#traits = { prepare: options.prepare, startupTimeout: options.statementTimeoutMs > 0 };
    const times = [options.idleTimeoutMs, options.maxLifetimeMs].filter((ms) => ms > 0);
    if (times.length > 0 || options.minConnections > 0) {
      const longest = options.minConnections > 0 ? minimumHousekeepingMs : longestHousekeepingMs;
      const period = Math.min(longest, ...times.map((ms) => ms / 4));
      this.#housekeeping = setInterval(() => this.#keepHouse(), period);
      this.#housekeeping.unref();
    }
    this.#keepMinimum();
  }

  get state(): PoolState {
    const { names, maxConnections } = this.#options;
    const underWay = this.#ready.reduce((sum, { inFlight }) => sum + inFlight, 0);
    return {
      names,
      connections: this.#ready.length,
      maxConnections,
      underWay,
      waiting: this.#waiting.length,
      utilisation: underWay / (maxConnections * deepest),
    };
  }

  get acquireTimeoutMs(): number {
    return this.#options.acquireTimeoutMs;
  }

  /**
   * @param name who asks: the pool's name in an error
   * @param large the answer may take megabytes
   * @throws {StoreError}
   */
  query(statement: Statement, name: PoolName, large: boolean): Promise<readonly Row[]> {
    const { onStatement } = this.#options;
    const job = { statement, name, large };
    return onStatement === undefined ? this.#run(job) : this.#observed(job, onStatement);
  }

  async #observed(job: Job, onStatement: (event: StatementEvent) => void): Promise<readonly Row[]> {
    const start = performance.now();
    const times = { acquireMs: 0, attempts: 0 };
    let failure: StatementEvent['failure'] = null;
    try {
      return await this.#run(job, times);
    } catch (error) {
      failure = error instanceof StoreError ? error.kind : 'query';
      throw error;
    } finally {
      onStatement({ pool: job.name, ...times, totalMs: performance.now() - start, failure });
    }
  }

  async #run({ statement, name, large }: Job, times?: Times): Promise<readonly Row[]> {
    for (let attempt = 1; ; attempt += 1) {
      const start = times === undefined ? 0 : performance.now();
      const connection = await this.#acquire(name, large);
      if (times !== undefined) {
        times.acquireMs += performance.now() - start;
        times.attempts = attempt;
      }
      const prepared = this.#traits.prepare && statement.name !== undefined;
      try {
        return await connection.query(statement, large);
      } catch (error) {
        if (connection.stalled) throw new StoreError('timeout', name, 'the server stopped answering', { cause: error });
        const failure = classifyError(error, name, connection.ended);
        if (prepared && losesPreparedStatements(failure)) this.#stopPreparing(failure);
        else if (failure.kind === 'unavailable') {
          this.#abandon(connection);
          if (attempt === 2) throw failure;
        } else throw failure;
      } finally {
        this.#serveWaiting();
      }
    }
  }

  /** The statement did not run, so it can be sent once more. */
  #stopPreparing({ code }: StoreError): void {
    if (!this.#traits.prepare) return;
    this.#traits.prepare = false;
    this.#warn('a pooler loses prepared statements; going on without them (switch them off in the settings)', { code });
  }

  #warn(message: string, fields: object): void {
    this.#options.log?.('warn', message, { pools: this.#options.names, ...fields });
  }

  /** Refuses new statements, lets those under way finish, and closes every connection. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#housekeeping);
    this.#rejectWaiting(new Error('The pool is closed'));
    await this.#connecting;
    await Promise.all(this.#ready.map((connection) => connection.close()));
  }

  async #acquire(name: PoolName, large: boolean): Promise<Connection> {
    try {
      return this.#place(large) ?? (await this.#wait(large));
    } catch (error) {
      throw classifyError(error instanceof Busy ? busy(name) : error, name, true);
    }
  }

  /**
   * Reserves a place on the least loaded connection that has room. Opens another connection when all are busy: with many statements, or with
   * a large answer, which others would wait behind.
   */
  #place(large: boolean): Connection | null {
    if (this.#closed) throw new Error('The pool is closed');
    let best: Connection | null = null;
    for (const connection of this.#ready) {
      if (best === null || load(connection) < load(best)) best = connection;
    }
    if (best === null || load(best) >= growAt || (large && best.inFlight > 0)) this.#grow(best === null);
    if (best === null || best.inFlight >= deepest) return null;
    // The other connection is there sooner than the large answer.
    if (best.carriesLarge && this.#connecting !== null) return null;
    best.reserve(large);
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
      this.#keepMinimum();
      // Also when it failed: whoever waited for it goes to a connection that is there.
      this.#serveWaiting();
    });
  }

  async #connect(): Promise<void> {
    try {
      const connection = await this.#open();
      this.#failure = null;
      if (this.#closed) return await connection.close();
      this.#ready.push(connection);
      this.#serveWaiting();
    } catch (error) {
      const pause = Math.min((this.#failure?.pause ?? shortestPauseMs / 2) * 2, longestPauseMs);
      this.#failure = { error, pause, until: performance.now() + pause };
      if (this.#ready.length === 0) this.#rejectWaiting(error);
    }
  }

  async #open(): Promise<Connection> {
    const { endpoint, statementTimeoutMs, acquireTimeoutMs } = this.#options;
    for (;;) {
      const connection = new Connection({
        endpoint,
        statementTimeoutMs,
        connectTimeoutMs: acquireTimeoutMs,
        traits: this.#traits,
        onEnd: (ended) => this.#drop(ended),
      });
      const limited = this.#traits.startupTimeout;
      try {
        await connection.connect();
        return connection;
      } catch (error) {
        if (!limited || !refusesStartupTimeout(error)) throw error;
        this.#traits.startupTimeout = false;
        this.#warn('a pooler refuses statement time-outs; only silence ends a statement (set one on the role)', {});
      }
    }
  }

  /** Closes what is idle, replaces what is old, and keeps the least number open. */
  #keepHouse(): void {
    const { minConnections, idleTimeoutMs, maxLifetimeMs } = this.#options;
    const idle = this.#ready.find(({ idleTime }) => idleTimeoutMs > 0 && idleTime >= idleTimeoutMs);
    if (idle !== undefined && this.#ready.length > minConnections) return this.#abandon(idle);
    const old = this.#ready.find(({ lifetime }) => maxLifetimeMs > 0 && lifetime >= maxLifetimeMs);
    if (old !== undefined) return this.#replace(old);
    this.#keepMinimum();
  }

  #keepMinimum(): void {
    if (!this.#closed && this.#ready.length < this.#options.minConnections) this.#grow(false);
  }

  /** The successor is there before the old one goes. */
  #replace(old: Connection): void {
    if (this.#connecting !== null) return;
    const before = this.#ready.length;
    this.#connecting = this.#connect().finally(() => {
      this.#connecting = null;
      if (this.#ready.length > before) this.#abandon(old);
      this.#serveWaiting();
    });
  }

  #drop(connection: Connection): void {
    const index = this.#ready.indexOf(connection);
    if (index < 0) return;
    this.#ready.splice(index, 1);
    this.#keepMinimum();
  }

  /** A server that is going away says so before it hangs up: nothing new goes there. */
  #abandon(connection: Connection): void {
    this.#drop(connection);
    connection.close().catch(() => undefined);
  }

  #wait(large: boolean): Promise<Connection> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ large, resolve, reject, deadline: performance.now() + this.#options.acquireTimeoutMs });
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
    for (let [first] = this.#waiting; first !== undefined; [first] = this.#waiting) {
      let connection: Connection | null;
      try {
        connection = this.#place(first.large);
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

interface Job {
  readonly statement: Statement;
  readonly name: PoolName;
  readonly large: boolean;
}

/** Statements under way, and a large answer counts as many. */
function load({ inFlight, carriesLarge }: Connection): number {
  return carriesLarge ? inFlight + growAt : inFlight;
}

interface Times {
  acquireMs: number;
  attempts: number;
}

class Busy extends Error {}

function busy(name: string): StoreError {
  return new StoreError('no_more_connections', name, 'no connection became free in time');
}
