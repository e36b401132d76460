export { countWithin, forgetCount, type RateLimit } from './rate-limits.ts';
