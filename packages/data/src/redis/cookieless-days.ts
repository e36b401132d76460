import { randomBytes } from 'node:crypto';
import { RedisConnection } from './redis-connection.ts';
import type { RedisError } from './redis-error.ts';

const SALT_BYTES = 16;

/** A day's salt is needed as long as it is that day somewhere, and events of it may be late. Seconds. */
const KEEP_SECONDS = 4 * 86_400;

/** Days whose salts are held. */
const MOST_DAYS = 8;

/** What processes and the ingestion share about days without cookies: a salt for each, and who has signed in. */
export class CookielessDays {
  readonly #redis: RedisConnection;
  readonly #salts = new Map<string, Buffer>();

  /**
   * @param onState Redis can be used, or not any more; once per change
   * @throws {Error} for a URL that cannot be used; Redis itself may be missing
   */
  constructor(url: string, onState: (up: boolean, error: RedisError | null) => void) {
    this.#redis = new RedisConnection({ url, onState });
  }

  /** The 16 bytes of a day, made by whoever asks first. Rejects with a `RedisError`. */
  async salt(day: string): Promise<Buffer> {
    const known = this.#salts.get(day);
    if (known !== undefined) return known;
    const key = `cookieless_salt:${day}`;
    const fresh = randomBytes(SALT_BYTES).toString('base64');
    const text = await this.#redis.run(async (client) => {
      await client.set(key, fresh, { condition: 'NX', expiration: { type: 'EX', value: KEEP_SECONDS } });
      return client.get(key);
    });
    // Older processes of the ingestion wrote it as a JSON string.
    const salt = Buffer.from((text ?? '').replaceAll('"', ''), 'base64');
    if (salt.length !== SALT_BYTES) throw new Error(`the salt of ${day} is not ${SALT_BYTES} bytes`);
    const [oldest] = this.#salts.keys();
    if (this.#salts.size >= MOST_DAYS && oldest !== undefined) this.#salts.delete(oldest);
    this.#salts.set(day, salt);
    return salt;
  }

  /** How often somebody has signed in. Rejects with a `RedisError`. */
  identified(teamId: number, digest: string): Promise<number> {
    return this.#redis.run((client) => client.sCard(`cklsi:${teamId}:${digest}`));
  }

  close(): void {
    this.#redis.close();
  }
}
