import { createClient } from '@redis/client';
import { RedisError, redisError } from './redis-error.ts';

export interface RedisConnectionOptions {
  /** `redis://`, `rediss://` (TLS) or `valkey://`. */
  readonly url: string;
  /** How long a command may take. Default 200 ms. */
  readonly commandTimeoutMs?: number;
  /** How long connecting may take, and a heartbeat. Default 2 s. */
  readonly connectTimeoutMs?: number;
  /** How often an idle connection is tested. Default 5 s. */
  readonly heartbeatMs?: number;
  /** Runs on every new connection before anything else. */
  readonly onConnect?: (client: RedisClient) => Promise<unknown>;
  /** Told when Redis can be used and when it cannot any more, or not at all at first. Once per change. */
  readonly onState?: (up: boolean, error: RedisError | null) => void;
}

export type RedisClient = ReturnType<typeof newClient>;

const shortestPauseMs = 100;
const longestPauseMs = 5_000;
/** After a command that took too long, nobody waits for another one for this long. */
const slowPauseMs = 1_000;

/**
 * One connection to a Redis or Valkey that may be missing, slow or wrong: it is made again and again, commands fail at once while
 * there is none, and no timer of it keeps a process alive.
 */
export class RedisConnection {
  readonly #options: RedisConnectionOptions;
  readonly #url: string;
  readonly #secrets: readonly string[];
  #client: RedisClient | null = null;
  #up: boolean | null = null;
  #slowUntil = 0;
  #pauseMs = shortestPauseMs;
  #retry: NodeJS.Timeout | undefined;
  #heartbeat: NodeJS.Timeout | undefined;

  /** @throws {Error} for a URL that cannot be used */
  constructor(options: RedisConnectionOptions) {
    this.#options = options;
    const url = parseRedisUrl(options.url);
    this.#url = url.href;
    this.#secrets = [url.password, decodeURIComponent(url.password)].filter((secret) => secret !== '');
    void this.#connect();
  }

  /** @throws {RedisError}, in little more than the command's time at most */
  async run<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    const client = this.#client;
    if (client === null || this.#up !== true) throw new RedisError('unavailable', 'no connection');
    if (performance.now() < this.#slowUntil) throw new RedisError('timeout', 'did not answer in time lately');
    try {
      return await within(this.#options.commandTimeoutMs ?? 200, command(client));
    } catch (error) {
      const failure = redisError(error, this.#client !== client, this.#secrets);
      if (failure.kind === 'timeout') this.#slowUntil = performance.now() + slowPauseMs;
      throw failure;
    }
  }

  get isUp(): boolean {
    return this.#up === true;
  }

  close(): void {
    this.#stop();
  }

  async #connect(): Promise<void> {
    const { connectTimeoutMs = 2_000, heartbeatMs = 5_000, onConnect } = this.#options;
    const client = newClient(this.#url, connectTimeoutMs);
    this.#client = client;
    client.on('error', (error) => this.#lost(client, error));
    client.on('end', () => this.#lost(client, new Error('the connection ended')));
    try {
      await within(connectTimeoutMs, client.connect());
      await within(connectTimeoutMs, onConnect?.(client) ?? Promise.resolve());
    } catch (error) {
      this.#lost(client, error);
      return;
    }
    if (this.#client !== client) return;
    this.#pauseMs = shortestPauseMs;
    this.#slowUntil = 0;
    this.#turn(true, null);
    this.#heartbeat = setInterval(() => {
      within(connectTimeoutMs, client.ping()).catch((error: unknown) => this.#lost(client, error));
    }, heartbeatMs).unref();
  }

  #lost(client: RedisClient, error: unknown): void {
    if (this.#client !== client) return;
    this.#stop();
    this.#turn(false, redisError(error, true, this.#secrets));
    this.#retry = setTimeout(() => void this.#connect(), this.#pauseMs).unref();
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
  }

  #stop(): void {
    const client = this.#client;
    this.#client = null;
    clearTimeout(this.#retry);
    clearInterval(this.#heartbeat);
    if (client?.isOpen === true) client.destroy();
  }

  #turn(up: boolean, error: RedisError | null): void {
    if (this.#up === up) return;
    this.#up = up;
    this.#options.onState?.(up, error);
  }
}

function newClient(url: string, connectTimeout: number) {
  // The library's own reconnecting keeps the process alive and queues commands: ours does neither.
  const socket = { connectTimeout, reconnectStrategy: false } as const;
  return createClient({ url, socket, disableOfflineQueue: true, disableClientInfo: true, RESP: 2 });
}

/** @throws {Error} with a message that does not show the URL */
export function parseRedisUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text.replace(/^valkey(s?):/i, 'redis$1:')) : null;
  if (url === null || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '') {
    throw new Error('not a Redis URL: it must look like redis://user:password@host:6379/0');
  }
  return url;
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const giveUp = () => reject(new RedisError('timeout', `no answer within ${ms} ms`));
    // When it was this process that was busy, the answer is already here: it is looked at first.
    timer = setTimeout(() => setImmediate(giveUp), ms).unref();
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined); // it may fail after everybody has gone
  }
}
