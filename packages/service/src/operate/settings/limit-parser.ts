import { type LimitOverrides, parseOverrides } from '../../posthog/protection/rate-limits.ts';
import type { Parser } from './parsers.ts';

/** Limits by token (H99). Tokens are public, but lists of them are nobody else's business. */
export const limitOverrides: Parser<LimitOverrides> = {
  parse: parseOverrides,
  expected: 'JSON such as {"phc_mine": "600/minute"}, with 100 tokens at most',
  placeholder: 'json',
  secret: true,
};
