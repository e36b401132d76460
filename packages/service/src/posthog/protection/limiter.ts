import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { type Limit, type Taken, TokenBuckets } from './token-buckets.ts';

/** Counts requests against limits. */
export interface Limiter {
  /** Counts a request with this key. Never rejects. */
  take(key: string, limit: Limit): Taken | Promise<Taken>;
  /** Keys that this process holds. */
  readonly entries: number;
}

/** Counts in this process alone (H95). `clock` is in milliseconds. */
export function memoryLimiter(clock: () => number): Limiter {
  const buckets = new TokenBuckets();
  return {
    take: (key, limit) => buckets.take(key, limit, clock()),
    get entries() {
      return buckets.size;
    },
  };
}

/** What is asked of a Redis: runs a script there. Rejects when there is none, or it does not answer in time. */
export interface RedisScripts {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/**
 * Counts in Redis, for all processes together: as many requests as the bucket holds in the time in which it fills. While Redis is away this process
 * counts alone.
 *
 * @param prefix begins every key
 */
export function redisLimiter(redis: RedisScripts, prefix: string, fallback: Limiter): Limiter {
  const limiters = new Map<string, RateLimiterRedis>();
  const limiterOf = ({ burst, perSecond }: Limit): RateLimiterRedis => {
    const name = `${burst}/${perSecond}`;
    let limiter = limiters.get(name);
    if (limiter === undefined) {
      limiter = new RateLimiterRedis({
        storeClient: redis,
        useRedisPackage: true,
        keyPrefix: `${prefix}:limit`,
        points: burst,
        duration: Math.max(Math.ceil(burst / perSecond), 1),
        // A key that is over its limit is not asked about again until its time is over.
        inMemoryBlockOnConsumed: burst,
      });
      limiters.set(name, limiter);
    }
    return limiter;
  };
  return {
    async take(key, limit) {
      try {
        const { consumedPoints } = await limiterOf(limit).consume(key);
        return consumedPoints / limit.burst;
      } catch (failure) {
        // It rejects with a result when the limit is exceeded, and with an error when Redis is away.
        return failure instanceof RateLimiterRes ? { waitMs: failure.msBeforeNext } : fallback.take(key, limit);
      }
    },
    get entries() {
      return fallback.entries;
    },
  };
}
