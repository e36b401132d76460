import { decodeEntry, entryFields, entryKey, type SharedEntry } from './definitions-entry.ts';
import { RedisConnection } from './redis-connection.ts';
import type { RedisError } from './redis-error.ts';

export interface DefinitionsCopyOptions {
  /** `redis://`, `rediss://` (TLS) or `valkey://`. */
  readonly url: string;
  /** The project's public token. */
  readonly token: string;
  /** As the services have it that write (`HALYARD_REDIS_PREFIX`). Default `halyard`. */
  readonly prefix?: string;
  /** How long a command may take. Default 5 s: nobody's request waits for it. */
  readonly commandTimeoutMs?: number;
}

/**
 * The definitions of a project as services leave them in Redis, for a process that has no database and only reads. It writes nothing:
 * a broken entry is put right by those whose it is. An idle connection keeps no process alive.
 */
export class DefinitionsCopy {
  readonly #redis: RedisConnection;
  readonly #token: string;
  readonly #key: string;
  /** Redis has answered, or could not be reached. */
  readonly #tried: Promise<void>;
  #giveUp: () => void = () => undefined;
  /** Why Redis cannot be asked. */
  #failure: RedisError | null = null;

  /** @throws {Error} for a URL that cannot be used; Redis itself may be missing */
  constructor({ url, token, prefix, commandTimeoutMs = 5_000 }: DefinitionsCopyOptions) {
    this.#token = token;
    this.#key = entryKey(token, prefix);
    this.#tried = new Promise((resolve) => {
      this.#giveUp = resolve;
    });
    this.#redis = new RedisConnection({
      url,
      commandTimeoutMs,
      onConnect: async (client) => client.unref(),
      onState: (_up, error) => {
        this.#failure = error;
        this.#giveUp();
      },
    });
  }

  /**
   * What is there now.
   *
   * @param known the revision that the caller has
   * @returns null when that is what is there
   * @throws {RedisError} when Redis cannot be asked
   * @throws {Error} when it has nothing for this token, or something that no service wrote
   */
  async read(known: string | null): Promise<SharedEntry | null> {
    await this.#tried;
    if (this.#failure !== null) throw this.#failure;
    const fields = await this.#redis.run(async (client) => {
      client.ref();
      try {
        if (known !== null && (await client.hGet(this.#key, 'revision')) === known) return null;
        return await client.hmGet(this.#key, [...entryFields]);
      } finally {
        client.unref();
      }
    });
    if (fields === null) return null;
    if (fields.every((field) => field === null)) {
      throw new Error(`there is nothing at ${this.#key}: a service writes it when it is first asked about the project`);
    }
    return decodeEntry(fields, this.#token);
  }

  close(): void {
    this.#redis.close();
    this.#giveUp();
  }
}
