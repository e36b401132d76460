import type { HttpResponse } from '../../http/messages.ts';
import type { RequestRecord } from '../../http/request-record.ts';
import { Failure, failureResponse } from '../wire/failure.ts';
import { type Exceeded, type Limit, type Taken, TokenBuckets } from './token-buckets.ts';

/** Limits of what keys open, per project (H95). Null: none. */
export interface KeyedLimitsOptions {
  /** Documents that are sent whole, and questions without a tag. */
  readonly definitions: Limit | null;
  /** Questions whether a document has changed. */
  readonly conditional: Limit | null;
  /** Remote configuration, asked for with personal keys. */
  readonly remoteConfig: Limit | null;
  /** By project id, in place of those above (H100). */
  readonly overrides: {
    readonly definitions: ReadonlyMap<string, Limit>;
    readonly conditional: ReadonlyMap<string, Limit>;
  };
  /** Ids of projects whose definitions are not limited (H100). */
  readonly unlimited: ReadonlySet<number>;
  /** Milliseconds. */
  readonly clock: () => number;
}

/** Counts, in this process, what projects ask for with keys (H95, H100, H101). */
export class KeyedLimits {
  readonly #options: KeyedLimitsOptions;
  /** By project, for each budget. */
  readonly #buckets = {
    full: new TokenBuckets<number>(),
    conditional: new TokenBuckets<number>(),
    config: new TokenBuckets<number>(),
  };

  constructor(options: KeyedLimitsOptions) {
    this.#options = options;
  }

  /** Keys that this process holds counts of. */
  get entries(): number {
    const { full, conditional, config } = this.#buckets;
    return full.size + conditional.size + config.size;
  }

  /** The answer to a project that may not have its definitions now, before anybody looks whether they have changed; null: it may. */
  ask(teamId: number, hasTag: boolean, record: RequestRecord): HttpResponse | null {
    return hasTag ? this.#definitions('conditional', teamId, record) : this.whole(teamId, record);
  }

  /** The same for the whole document: asked again for a tag that turned out to be stale. */
  whole(teamId: number, record: RequestRecord): HttpResponse | null {
    return this.#definitions('full', teamId, record);
  }

  /** The same for remote configuration. H101: whoever has a secret key is not limited. */
  config(teamId: number, by: 'project' | 'personal', record: RequestRecord): HttpResponse | null {
    const { remoteConfig } = this.#options;
    if (by === 'project' || remoteConfig === null) return null;
    const taken = this.#take('config', teamId, remoteConfig);
    return typeof taken === 'number' ? null : tooOften('remote configuration', taken, record);
  }

  #definitions(budget: 'full' | 'conditional', teamId: number, record: RequestRecord): HttpResponse | null {
    const { overrides, unlimited, definitions, conditional } = this.#options;
    const [own, general] =
      budget === 'full' ? [overrides.definitions, definitions] : [overrides.conditional, conditional];
    const limit = (own.size === 0 ? undefined : own.get(String(teamId))) ?? general;
    if (limit === null) return null;
    const taken = this.#take(budget, teamId, limit);
    if (typeof taken === 'number') return null;
    const bypassed = unlimited.has(teamId);
    (record.definitions ??= {}).limited = { budget, bypassed };
    return bypassed ? null : tooOften('its definitions', taken, record);
  }

  #take(budget: 'full' | 'conditional' | 'config', teamId: number, limit: Limit): Taken {
    return this.#buckets[budget].take(teamId, limit, this.#options.clock());
  }
}

/** H102: the answer to a project that is over its limit. */
function tooOften(what: string, { waitMs }: Exceeded, record: RequestRecord): HttpResponse {
  record.notes.rateLimited = true;
  return failureResponse(
    new Failure('rate_limit_exceeded', `This project asks for ${what} too often.`, waitMs),
    record,
  );
}
