import type { HttpRequest } from '../../http/messages.ts';
import type { RequestRecord } from '../../http/request-record.ts';
import type { Limiter } from './limiter.ts';
import type { Exceeded, Limit } from './token-buckets.ts';
import { tokenOfBody } from './token-of-body.ts';

/** `log`: what is over the limit is served, counted and marked (H97). */
export type LimitMode = 'off' | 'log' | 'on';

export interface RateLimitsOptions {
  readonly address: Limit & { readonly mode: LimitMode };
  readonly token: Limit & { readonly mode: LimitMode };
  /** Limits of single tokens, which are enforced whatever the mode (H99). */
  readonly overrides: ReadonlyMap<string, Limit>;
  /** The share of a limit from which on an answer carries a warning (H98). */
  readonly warnAt: number;
  /** Counts addresses, and tokens. */
  readonly limiters: { readonly address: Limiter; readonly token: Limiter };
}

/** What becomes of a request: it is served, served with a warning, or refused until some time has passed. */
export type Ruling = 'served' | 'warned' | Exceeded;

/** The two limits of `/flags` (H95). */
export interface RateLimits {
  /** Before anything else (H50). */
  address(record: RequestRecord): Promise<Ruling>;
  /** By the token of a plain body, else by the address (H96). */
  token(request: HttpRequest, record: RequestRecord): Promise<Ruling>;
  /** Addresses and tokens that this process holds counts of. */
  readonly entries: { readonly address: number; readonly token: number };
}

/** Null: nothing is limited. */
export function rateLimits({ address, token, overrides, warnAt, limiters }: RateLimitsOptions): RateLimits | null {
  if (address.mode === 'off' && token.mode === 'off' && overrides.size === 0) return null;

  const rule = async (
    limiter: Limiter,
    key: string,
    limit: Limit,
    mode: LimitMode,
    record: RequestRecord,
  ): Promise<Ruling> => {
    if (mode === 'off') return 'served';
    const taken = await limiter.take(key, limit);
    if (typeof taken === 'number' && taken <= warnAt) return 'served';
    if (typeof taken !== 'number') {
      record.notes.rateLimited = true;
      if (mode === 'on') return taken;
    }
    record.notes.rateLimitWarned = true;
    return 'warned';
  };

  return {
    address: (record) => rule(limiters.address, `ip:${record.clientAddress}`, address, address.mode, record),
    token: (request, record) => {
      const named = token.mode === 'off' && overrides.size === 0 ? undefined : tokenOfBody(request);
      const own = named === undefined ? undefined : overrides.get(named);
      if (own !== undefined) return rule(limiters.token, `own:${named}`, own, 'on', record);
      const key = named === undefined ? `body:${record.clientAddress}` : `token:${named}`;
      return rule(limiters.token, key, token, token.mode, record);
    },
    get entries() {
      return { address: limiters.address.entries, token: limiters.token.entries };
    },
  };
}

/** Limits by token, as they are handed to other processes. */
export type LimitOverrides = readonly (readonly [token: string, limit: Limit])[];

/** Reads `600/minute`; undefined: it is something else. Of the unit only the first letter matters. */
export function parseRate(text: string): Limit | undefined {
  const [, count = '', unit = ''] = /^(\d{1,9})\/([smhd])[a-z]*$/i.exec(text) ?? [];
  const seconds = SECONDS[unit.toLowerCase()];
  if (seconds === undefined || Number(count) === 0) return undefined;
  return { burst: Number(count), perSecond: Number(count) / seconds };
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** Tokens that may have limits of their own (H99). */
const MOST_OVERRIDES = 100;

/** Reads `{"phc_…": "600/minute"}` (H99); undefined: it is something else. */
export function parseOverrides(text: string): LimitOverrides | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value as Record<string, unknown>);
  if (entries.length > MOST_OVERRIDES) return undefined;
  const overrides: [string, Limit][] = [];
  for (const [token, rate] of entries) {
    const limit = typeof rate === 'string' ? parseRate(rate) : undefined;
    if (limit === undefined) return undefined;
    overrides.push([token, limit]);
  }
  return overrides;
}
