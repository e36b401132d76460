import { randomUUID } from 'node:crypto';
import type { DefinitionSource, LoadOptions, Project, ProjectDefinitions, StoreSide } from '../ports.ts';
import { mayBeOlder } from '../position.ts';
import {
  decodeEntry,
  encodeEntry,
  entryChannel,
  entryFields,
  entryKey,
  layout,
  type SharedEntry,
} from './definitions-entry.ts';
import { RedisConnection, type RedisConnectionOptions } from './redis-connection.ts';
import { RedisError } from './redis-error.ts';
import { writeEntryScript } from './write-entry-script.ts';

export interface SharedDefinitionsOptions
  extends Pick<RedisConnectionOptions, 'url' | 'commandTimeoutMs' | 'connectTimeoutMs' | 'heartbeatMs'> {
  /** The database: what it says counts. */
  readonly source: DefinitionSource;
  /** Begins every key and channel. Services on different databases need different ones. Default `halyard`. */
  readonly prefix?: string;
  /** How long an entry is kept without being written again. Default 30 days (D77). */
  readonly keepMs?: number;
  /** Milliseconds since the epoch; default the system's clock. */
  readonly now?: () => number;
  /** Another process has found changed definitions. */
  readonly onChange?: (teamId: number, revision: string) => void;
  /** Redis can be used, or not any more; once per change. */
  readonly onState?: (up: boolean, error: RedisError | null) => void;
  /** Told of entries and messages that are broken; they are ignored. */
  readonly onBroken?: (error: unknown) => void;
}

/**
 * Definitions shared by many processes through Redis. A process reads the copy instead of the database when the database confirms the
 * copy's revision, or cannot be reached; it publishes what it reads, and tells the others when that is new. Without Redis everything
 * goes on without sharing.
 */
export class SharedDefinitions implements DefinitionSource {
  readonly #options: SharedDefinitionsOptions;
  readonly #prefix: string | undefined;
  readonly #commands: RedisConnection;
  readonly #messages: RedisConnection;
  readonly #writing = new Set<Promise<void>>();
  /** Projects that this process has read: a Redis that comes back empty gets them again, for those who only read there. */
  readonly #tokens = new Set<string>();
  #closed = false;
  /** Tells our own messages from those of others. */
  readonly #self = randomUUID();
  readonly #now: () => number;

  /** @throws {Error} for a URL that cannot be used; Redis itself may be missing */
  constructor(options: SharedDefinitionsOptions) {
    const { url, commandTimeoutMs, connectTimeoutMs, heartbeatMs, onState } = options;
    const timing = {
      ...(commandTimeoutMs === undefined ? {} : { commandTimeoutMs }),
      ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
      ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
    };
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#prefix = options.prefix;
    this.#commands = new RedisConnection({
      url,
      ...timing,
      onState: (up, error) => {
        onState?.(up, error);
        if (up) void this.#refill();
      },
    });
    this.#messages = new RedisConnection({
      url,
      ...timing,
      onConnect: (client) => client.subscribe(this.#channel, (message) => this.#hear(message)),
    });
  }

  async load(token: string, options: LoadOptions = {}): Promise<ProjectDefinitions | null> {
    const loaded = await this.#load(token, options);
    if (loaded === null) this.#tokens.delete(token);
    else this.#tokens.add(token);
    return loaded;
  }

  async #load(token: string, options: LoadOptions): Promise<ProjectDefinitions | null> {
    const { source } = this.#options;
    const entry = await this.#read(token);
    if (entry === null) return this.#loadAndShare(token, options, null);
    if (options.revision === entry.revision) return this.#confirmed(entry);
    if (options.revision === undefined) {
      try {
        const newest = await source.revision(entry.project, options.side);
        if (newest === entry.revision) return this.#confirmed(entry);
      } catch (error) {
        return unconfirmed(entry, error);
      }
    }
    return this.#loadAndShare(token, options, entry);
  }

  revision(project: Project, side?: StoreSide): Promise<string | null> {
    return this.#options.source.revision(project, side);
  }

  /** Redis answers, and messages of other processes arrive. */
  get isUp(): boolean {
    return this.#commands.isUp && this.#messages.isUp;
  }

  /** Waits for what is being shared, then disconnects. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#writing);
    this.#commands.close();
    this.#messages.close();
  }

  /** @param entry a copy that is not what the database has now, or was not then */
  async #loadAndShare(
    token: string,
    options: LoadOptions,
    entry: SharedEntry | null,
  ): Promise<ProjectDefinitions | null> {
    const { source } = this.#options;
    let loaded: ProjectDefinitions | null;
    let rewound = false;
    try {
      loaded = await source.load(token, options);
      if (entry !== null && isDoubtful(loaded, entry)) {
        // Another process has seen more than this reader knows: only the writer can say who is right.
        if (options.side !== 'writer') loaded = await source.load(token, { side: 'writer' });
        rewound = loaded !== null && isDoubtful(loaded, entry);
        // A writer that is a replica was a primary once; a primary that is behind was restored from a backup, and is right.
        if (rewound && loaded?.position?.replica === true) throw new Error('the database lags behind its copy');
      }
    } catch (error) {
      if (entry === null) throw error;
      return unconfirmed(entry, error);
    }
    if (loaded !== null) this.#share(token, loaded, rewound);
    else if (entry !== null) this.#later(this.#commands.run((client) => client.del(this.#key(token))));
    return loaded;
  }

  #confirmed(entry: SharedEntry): ProjectDefinitions {
    const { confirmedAt: _, ...loaded } = entry;
    return { ...loaded, origin: 'redis' };
  }

  async #read(token: string): Promise<SharedEntry | null> {
    let fields: (string | null)[];
    try {
      fields = await this.#commands.run((client) => client.hmGet(this.#key(token), [...entryFields]));
    } catch (error) {
      // Redis is no part of the answer, only a shorter way to it; that it is gone or slow is told by its state.
      if (error instanceof RedisError && error.kind === 'command') this.#options.onBroken?.(error);
      return null;
    }
    if (fields.every((field) => field === null)) return null;
    try {
      return decodeEntry(fields, token);
    } catch (error) {
      this.#options.onBroken?.(error);
      this.#later(this.#commands.run((client) => client.del(this.#key(token))));
      return null;
    }
  }

  #share(token: string, loaded: ProjectDefinitions, always: boolean): void {
    const entry = encodeEntry(loaded, this.#now());
    if (entry === null) return;
    const message = JSON.stringify({
      v: layout,
      team_id: loaded.project.teamId,
      revision: loaded.revision,
      from: this.#self,
    });
    const keepMs = String(this.#options.keepMs ?? 30 * 86_400_000);
    const values = entryFields.map((name) => entry[name]);
    this.#later(
      this.#commands.run((client) =>
        client.eval(writeEntryScript, {
          keys: [this.#key(token)],
          arguments: [...values, keepMs, this.#channel, message, always ? '1' : '0'],
        }),
      ),
    );
  }

  /** One after the other; ends when Redis or the database does not answer, until Redis comes back the next time. */
  async #refill(): Promise<void> {
    try {
      for (const token of this.#tokens) {
        if (this.#closed) return;
        const isThere = await this.#commands.run((client) => client.exists(this.#key(token)));
        if (isThere === 0) await this.#loadAndShare(token, {}, null);
      }
    } catch {
      // Each is shared again when it changes.
    }
  }

  /** Nobody waits for it, and its failure costs nothing. */
  #later(work: Promise<unknown>): void {
    const done = work.then(
      () => undefined,
      () => undefined,
    );
    this.#writing.add(done);
    void done.finally(() => this.#writing.delete(done));
  }

  #hear(message: string): void {
    try {
      const { v, team_id: teamId, revision, from } = JSON.parse(message) as Record<string, unknown>;
      if (v !== layout || from === this.#self) return;
      if (!Number.isInteger(teamId) || typeof revision !== 'string') throw new Error('a message says nothing');
      this.#options.onChange?.(teamId as number, revision);
    } catch (error) {
      this.#options.onBroken?.(error);
    }
  }

  #key(token: string): string {
    return entryKey(token, this.#prefix);
  }

  get #channel(): string {
    return entryChannel(this.#prefix);
  }
}

function isDoubtful(loaded: ProjectDefinitions | null, entry: SharedEntry): boolean {
  return loaded === null || mayBeOlder(loaded.position, entry.position);
}

function unconfirmed(entry: SharedEntry, error: unknown): ProjectDefinitions {
  return { ...entry, origin: 'redis', unconfirmed: error instanceof Error ? error : new Error(String(error)) };
}
