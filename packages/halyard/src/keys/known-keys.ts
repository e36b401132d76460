import { hash } from 'node:crypto';
import type { KeySource } from '@halyard/data';
import { defaultLimits, isPossibleKey, type KeyGrant, type KeyStamp, type SentKey } from '@halyard/data/conversation';
import { LRUCache } from 'lru-cache';
import type { LookupRate } from '../projects/lookup-rate.ts';

export interface KnownKeysOptions {
  readonly source: KeySource;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Bounds look-ups in vain (H95a); null: no bound. */
  readonly rate: LookupRate | null;
  /** Whether the use of keys is noted in the store (D63). */
  readonly stamps: boolean;
  /** Told of failures that no request hears of. */
  readonly onError: (error: unknown) => void;
  /** Bound on keys remembered, and on keys of nobody remembered besides. Default 10 000 each. */
  readonly maxKeys?: number;
}

/** How long a key of nobody is believed to be one after a notice at most (H43 has the same for tokens). */
const DOUBTED_UNKNOWN_MS = 1_000;

/** A use that could not be noted: a role may not be allowed to, and noting is of no haste. */
const STAMP_AGAIN_MS = 3_600_000;

interface Known {
  grant: KeyGrant;
  /** When to look again, behind whoever asks. */
  dueAt: number;
  /** A look failed: until then nobody waits for another. */
  retryAt: number;
  /** Something was announced since the last look: the next one is waited for. */
  isDoubted: boolean;
  look: Promise<KeyGrant | null> | null;
}

/**
 * What keys open, remembered by their digest: no secret lies here, and how long a search takes says nothing about one. A key that is
 * revoked is refused as soon as its revocation is announced; without notices after some seconds, as with definitions. While the
 * store is away, what was known goes on.
 */
export class KnownKeys {
  readonly #options: KnownKeysOptions;
  readonly #known: LRUCache<string, Known>;
  readonly #unknown: LRUCache<string, number>;
  /** First looks under way. */
  readonly #looks = new Map<string, Promise<KeyGrant | null>>();
  #doubtedAt = Number.NEGATIVE_INFINITY;
  #changes = 0;
  #listening = false;
  #stampsFrom = Number.NEGATIVE_INFINITY;

  constructor(options: KnownKeysOptions) {
    this.#options = options;
    const { maxKeys = 10_000 } = options;
    this.#known = new LRUCache({ max: maxKeys });
    this.#unknown = new LRUCache({ max: maxKeys });
  }

  /**
   * What a key opens; null: nothing. Without a promise when it is known. Rejects with the store's error when the key has never been seen
   * and the store cannot say.
   *
   * @param address who asks, for the rate of look-ups in vain
   * @throws {TooManyUnknownTokens} instead of a look-up beyond that rate
   */
  find(text: string, address?: string): KeyGrant | null | Promise<KeyGrant | null> {
    if (!isPossibleKey(text)) return null;
    const digest = hash('sha256', text);
    const now = this.#options.now();
    const known = this.#known.get(digest);
    if (known !== undefined) return this.#held(known, { text, digest }, now);
    return this.#isUnknown(digest, now) ? null : this.#first({ text, digest }, address, now);
  }

  /** A notice: something about this team has changed, perhaps one of its keys. */
  teamChanged(teamId: number): void {
    this.#changed(({ grant }) => grant.kind === 'project' && grant.teamId === teamId);
  }

  /** A notice: personal keys, their owners or their organizations have changed. */
  personalChanged(): void {
    this.#changed(({ grant }) => grant.kind === 'personal');
  }

  /** Notices begin or cease to arrive. Changes may have been missed before. */
  setListening(listening: boolean): void {
    this.#listening = listening;
    if (listening) this.#changed(() => true);
    else for (const known of this.#known.values()) known.dueAt = Math.min(known.dueAt, this.#options.now());
  }

  /** Keys remembered, those of nobody among them. */
  get size(): number {
    return this.#known.size + this.#unknown.size;
  }

  #changed(concerns: (known: Known) => boolean): void {
    this.#doubtedAt = this.#options.now();
    this.#changes++;
    for (const known of this.#known.values()) if (concerns(known)) known.isDoubted = true;
  }

  #held(known: Known, sent: SentKey, now: number): KeyGrant | null | Promise<KeyGrant | null> {
    if (now < known.retryAt || (!known.isDoubted && now < known.dueAt)) return known.grant;
    known.look ??= this.#again(known, sent).finally(() => (known.look = null));
    return known.isDoubted ? known.look : known.grant;
  }

  async #again(known: Known, sent: SentKey): Promise<KeyGrant | null> {
    const { now, onError } = this.#options;
    const changes = this.#changes;
    let grant: KeyGrant | null;
    try {
      grant = await this.#ask(sent, known.isDoubted);
    } catch (error) {
      onError(error);
      known.retryAt = now() + defaultLimits.retryAfterMs;
      return known.grant;
    }
    if (grant === null) {
      this.#known.delete(sent.digest);
      this.#unknown.set(sent.digest, now());
    } else this.#take(known, grant, changes);
    return grant;
  }

  /** After a notice the writer is asked: a reader that lags may repeat the old answer. */
  async #ask(sent: SentKey, isDoubted: boolean): Promise<KeyGrant | null> {
    const { source } = this.#options;
    if (isDoubted) {
      try {
        return await source.find(sent, 'writer');
      } catch {
        // The reader may know.
      }
    }
    return source.find(sent);
  }

  #first(sent: SentKey, address: string | undefined, now: number): Promise<KeyGrant | null> {
    const under = this.#looks.get(sent.digest);
    if (under !== undefined) return under;
    const payBack = this.#options.rate?.pay(address, now);
    const look = this.#firstLook(sent, payBack).finally(() => this.#looks.delete(sent.digest));
    this.#looks.set(sent.digest, look);
    return look;
  }

  async #firstLook(sent: SentKey, payBack: (() => void) | undefined): Promise<KeyGrant | null> {
    const changes = this.#changes;
    let grant: KeyGrant | null;
    try {
      grant = await this.#ask(sent, (this.#unknown.peek(sent.digest) ?? Number.POSITIVE_INFINITY) <= this.#doubtedAt);
    } catch (error) {
      payBack?.();
      throw error;
    }
    if (grant === null) {
      this.#unknown.set(sent.digest, this.#options.now());
      return null;
    }
    payBack?.();
    this.#unknown.delete(sent.digest);
    const known: Known = { grant, dueAt: 0, retryAt: Number.NEGATIVE_INFINITY, isDoubted: false, look: null };
    this.#known.set(sent.digest, known);
    this.#take(known, grant, changes);
    return grant;
  }

  /** @param changes those of before the look: it may have missed what was announced since */
  #take(known: Known, grant: KeyGrant, changes: number): void {
    const { now } = this.#options;
    known.grant = grant;
    known.isDoubted = changes !== this.#changes;
    known.dueAt = now() + (this.#listening ? defaultLimits.listeningCheckAfterMs : defaultLimits.checkAfterMs);
    if (grant.stamp !== null) void this.#stamp(grant.stamp);
  }

  async #stamp(stamp: KeyStamp): Promise<void> {
    const { source, now, stamps, onError } = this.#options;
    if (!stamps || now() < this.#stampsFrom) return;
    try {
      await source.stamp(stamp);
    } catch (error) {
      this.#stampsFrom = now() + STAMP_AGAIN_MS;
      onError(error);
    }
  }

  #isUnknown(digest: string, now: number): boolean {
    const since = this.#unknown.get(digest);
    // A clock that was set back proves nothing.
    if (since === undefined || now < since) return false;
    return now - since < (since > this.#doubtedAt ? defaultLimits.unknownForMs : DOUBTED_UNKNOWN_MS);
  }
}
