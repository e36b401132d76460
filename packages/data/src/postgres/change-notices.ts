import type { Client } from 'pg';
import { pauseAfter, teamAnnounced } from '../conversation/notices.ts';
import { definitionsChannel } from '../statements/definitions-channel.ts';
import { endpoint } from './client-config.ts';
import type { Endpoint } from './endpoint.ts';
import { holdProcess, releaseProcess } from './process-hold.ts';

export interface ChangeNoticesOptions {
  readonly url: string;
  /** The definitions of this team have changed. */
  readonly onChange: (teamId: number) => void;
  /** Something else was heard on the channel. */
  readonly onText?: (text: string) => void;
  /** Whether the server has taken `LISTEN`. That is no proof that notices arrive: see `conversation/notices.ts`. */
  readonly onState?: (listening: boolean) => void;
  /** Told why listening failed or ended; it is tried again. */
  readonly onError?: (error: unknown) => void;
  /** How often a silent connection is tested. Default 15 s. */
  readonly heartbeatMs?: number;
}

export interface ChangeNotices {
  close(): Promise<void>;
}

const connectTimeoutMs = 5_000;

/**
 * Listens for changed definitions on a connection of its own, and connects again whenever that breaks. Listening alone keeps
 * no process alive.
 *
 * @throws {Error} for a URL that cannot be used; everything else goes to `onError`
 */
export function listenForChanges(options: ChangeNoticesOptions): ChangeNotices {
  const listener = new Listener(options, endpoint(options.url, 'notices URL'));
  listener.start();
  return { close: () => listener.close() };
}

class Listener {
  readonly #options: ChangeNoticesOptions;
  readonly #endpoint: Endpoint;
  #client: Client | null = null;
  #closed = false;
  #pauseMs = 0;
  #retry: NodeJS.Timeout | undefined;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(options: ChangeNoticesOptions, server: Endpoint) {
    this.#options = options;
    this.#endpoint = server;
  }

  start(): void {
    void this.#listen();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    clearInterval(this.#heartbeat);
    const client = this.#client;
    this.#client = null;
    if (client !== null) holdProcess(client); // whoever waits for the goodbye shall see it
    await client?.end().catch(() => undefined);
  }

  async #listen(): Promise<void> {
    const { heartbeatMs = 15_000 } = this.#options;
    let attempt: Client | null = null;
    let client: Client;
    try {
      const options = {
        keepAlive: true,
        connectionTimeoutMillis: connectTimeoutMs,
        // A server that does not answer the heartbeat is as good as gone.
        query_timeout: connectTimeoutMs,
      };
      client = await this.#endpoint.connect(options, (made) => {
        attempt = made;
        this.#client = made;
        made.on('error', () => undefined);
        releaseProcess(made);
      });
      if (this.#closed) return void client.end();
      releaseProcess(client); // again: TLS has put another socket in its place
      client.on('notification', ({ payload }) => {
        if (payload === undefined) return;
        const teamId = teamAnnounced(payload);
        if (teamId === null) this.#options.onText?.(payload);
        else this.#options.onChange(teamId);
      });
      client.on('error', (error) => this.#lost(client, error));
      client.on('end', () => this.#lost(client, new Error('the connection for change notices ended')));
      await client.query(`listen ${definitionsChannel}`);
    } catch (error) {
      if (attempt !== null) this.#lost(attempt, error);
      return;
    }
    if (this.#client !== client) return;
    this.#pauseMs = 0;
    this.#options.onState?.(true);
    this.#heartbeat = setInterval(() => {
      client.query('select').catch((error: unknown) => this.#lost(client, error));
    }, heartbeatMs);
    this.#heartbeat.unref();
  }

  #lost(client: Client, error: unknown): void {
    if (this.#client !== client) return;
    this.#client = null;
    clearInterval(this.#heartbeat);
    client.end().catch(() => undefined);
    if (this.#closed) return;
    this.#options.onError?.(error);
    this.#options.onState?.(false);
    this.#pauseMs = pauseAfter(this.#pauseMs);
    this.#retry = setTimeout(() => void this.#listen(), this.#pauseMs);
    this.#retry.unref();
  }
}
