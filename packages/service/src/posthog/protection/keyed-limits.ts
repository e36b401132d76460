import type { HttpResponse } from '../../http/messages.ts';
import type { RequestRecord } from '../../http/request-record.ts';
import { Failure, failureResponse } from '../wire/failure.ts';
import { type Limit, TokenBuckets } from './token-buckets.ts';

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
  readonly #buckets = new TokenBuckets();

  constructor(options: KeyedLimitsOptions) {
    this.#options = options;
  }

  /** Whether a project may have its definitions, before anybody looks whether they have changed. */
  mayAsk(teamId: number, hasTag: boolean): boolean {
    return hasTag ? this.#takes('conditional', teamId) : this.mayHaveWhole(teamId);
  }

  /** Whether it may have the whole document: asked again for a tag that turned out to be stale. */
  mayHaveWhole(teamId: number): boolean {
    return this.#takes('definitions', teamId);
  }

  /** H101: whoever has a secret key is not limited. */
  mayHaveConfig(teamId: number, by: 'project' | 'personal'): boolean {
    const { remoteConfig } = this.#options;
    return by === 'project' || remoteConfig === null || this.#take(`config:${teamId}`, remoteConfig);
  }

  #takes(budget: 'definitions' | 'conditional', teamId: number): boolean {
    const { overrides, unlimited } = this.#options;
    if (unlimited.has(teamId)) return true;
    const limit = overrides[budget].get(String(teamId)) ?? this.#options[budget];
    return limit === null || this.#take(`${budget}:${teamId}`, limit);
  }

  #take(key: string, limit: Limit): boolean {
    return this.#buckets.take(key, limit, this.#options.clock()) <= 1;
  }
}

/** H102: the answer to a project that is over its limit. */
export function tooOften(what: 'its definitions' | 'remote configuration', record: RequestRecord): HttpResponse {
  record.notes.rateLimited = true;
  return failureResponse(new Failure('rate_limit_exceeded', `This project asks for ${what} too often.`), record);
}
