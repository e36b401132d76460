import { type LimitOverrides, parseOverrides, parseRate } from '../../posthog/protection/rate-limits.ts';
import type { Limit } from '../../posthog/protection/token-buckets.ts';
import type { Parser } from './parsers.ts';

/** Limits by token (H99). Tokens are public, but lists of them are nobody else's business. */
export const limitOverrides: Parser<LimitOverrides> = {
  parse: parseOverrides,
  expected: 'JSON such as {"phc_mine": "600/minute"}, with 100 tokens at most',
  placeholder: 'json',
  secret: true,
};

/** A limit, or `off`: null. */
export const rate: Parser<Limit | null> = {
  parse: (text) => (text === 'off' ? null : parseRate(text)),
  expected: 'a rate such as 600/minute (second, minute, hour or day), or off',
  placeholder: 'rate',
};

/** Limits that all hold, the shortest stretch first, each as a count and its seconds; `off`: none. */
export const rates: Parser<readonly { readonly most: number; readonly seconds: number }[]> = {
  parse: (text) => {
    if (text === 'off') return [];
    const limits = text.split(',').map((one) => parseRate(one.trim()));
    if (limits.includes(undefined)) return undefined;
    return limits
      .filter((limit) => limit !== undefined)
      .map(({ burst, perSecond }) => ({ most: burst, seconds: Math.round(burst / perSecond) }))
      .toSorted((a, b) => a.seconds - b.seconds);
  },
  expected: 'rates such as 480/minute,4800/hour (second, minute, hour or day), or off',
  placeholder: 'rates',
};

/** Limits by project id (H100). */
export const limitsOfTeams: Parser<LimitOverrides> = {
  parse: (text) => {
    const limits = parseOverrides(text);
    return limits?.every(([id]) => /^\d{1,9}$/.test(id)) === true ? limits : undefined;
  },
  expected: 'JSON such as {"1": "600/minute"} by project id, with 100 ids at most',
  placeholder: 'json',
};

/** Project ids with commas between them. */
export const teamIds: Parser<readonly number[]> = {
  parse: (text) => {
    const ids = text.split(',').map((id) => id.trim());
    return ids.every((id) => /^\d{1,9}$/.test(id)) ? ids.map(Number) : undefined;
  },
  expected: 'project ids such as 1,7',
  placeholder: 'ids',
};
