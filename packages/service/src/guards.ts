import { CookielessDays, QuotaLists, RedisConnection } from 'halyard/host';
import type { Opened } from './operate/closing.ts';
import type { Log } from './operate/log/logger.ts';
import { logRedis } from './operate/log/redis-line.ts';
import type { Settings } from './operate/settings/table.ts';
import { type Cookieless, cookieless } from './posthog/cookieless/cookieless.ts';
import { type GeoIp, openGeoIp } from './posthog/geo/geo-ip.ts';
import { type InternalRequests, internalRequests, type Recompile } from './posthog/internal/internal-requests.ts';
import { type Bots, createBots, readNetworks } from './posthog/protection/bots.ts';
import { type Limiter, memoryLimiter, redisLimiter } from './posthog/protection/limiter.ts';
import type { Quota } from './posthog/protection/quota.ts';
import { type RateLimits, rateLimits } from './posthog/protection/rate-limits.ts';

/** What the settings put in front of `/flags`, or add to its requests; null: nothing of the kind. */
export interface Guards {
  readonly limits: RateLimits | null;
  readonly bots: Bots | null;
  readonly quota: Quota | null;
  readonly geo: GeoIp | null;
  readonly internal: InternalRequests | null;
  readonly cookieless: Cookieless | null;
}

/**
 * Opens what the settings name.
 *
 * @param opened gets what has to be closed
 * @param recompile reads and compiles a project for one request
 * Rejects with an `Error` for a file that cannot be used, naming it and what is wrong
 */
export async function openGuards(
  settings: Settings,
  opened: Opened[],
  log: Log,
  recompile: Recompile,
): Promise<Guards> {
  const { geoipFile, internalToken } = settings;
  const unreadable = (error: unknown): void =>
    log.logger.warn({ err: error }, 'a place in the GeoIP file cannot be read');
  return {
    limits: openLimits(settings, opened, log),
    bots: openBots(settings),
    quota: openQuota(settings, opened, log),
    cookieless: openCookieless(settings, opened, log),
    internal: internalToken === undefined ? null : internalRequests(internalToken, recompile),
    geo: geoipFile === undefined ? null : await openGeoIp(geoipFile, unreadable),
  };
}

function openBots({ bots, botNetworks }: Settings): Bots | null {
  if (bots === 'off') return null;
  return createBots(bots, botNetworks === undefined ? undefined : readNetworks(botNetworks));
}

function openLimits(settings: Settings, opened: Opened[], log: Log): RateLimits | null {
  const options = {
    address: { mode: settings.ipRateLimit, burst: settings.ipRateLimitBurst, perSecond: settings.ipRateLimitPerSecond },
    token: { mode: settings.rateLimit, burst: settings.rateLimitBurst, perSecond: settings.rateLimitPerSecond },
    overrides: new Map(settings.rateLimitOverrides),
    warnAt: settings.rateLimitWarnPercent / 100,
  };
  const memory = memoryLimiter(() => performance.now());
  const limits = rateLimits({ ...options, limiter: memory });
  const { redisUrl, rateLimitStore } = settings;
  if (limits === null || rateLimitStore === 'memory' || redisUrl === undefined) return limits;
  return rateLimits({ ...options, limiter: openRedisLimiter(redisUrl, settings.redisPrefix, memory, opened, log) });
}

function openRedisLimiter(url: string, prefix: string, memory: Limiter, opened: Opened[], { logger }: Log): Limiter {
  const redis = new RedisConnection({
    url,
    onState: logRedis(
      logger,
      'rate limits are counted in Redis',
      'Redis cannot be used; each process counts rate limits alone',
    ),
  });
  opened.push({ name: 'the connection for rate limits', close: () => Promise.resolve(redis.close()) });
  return redisLimiter({ eval: (script, keys) => redis.run((client) => client.eval(script, keys)) }, prefix, memory);
}

function openQuota({ quotaRedisUrl, replayQuota }: Settings, opened: Opened[], { logger }: Log): Quota | null {
  if (quotaRedisUrl === undefined) return null;
  const lists = new QuotaLists({
    url: quotaRedisUrl,
    onState: logRedis(logger, 'quotas are known', 'quotas cannot be read; no project is limited'),
  });
  opened.push({ name: 'the connection for quotas', close: () => Promise.resolve(lists.close()) });
  return { flags: (token) => lists.flags(token), recordings: (token) => replayQuota && lists.recordings(token) };
}

function openCookieless(
  { cookielessRedisUrl }: Settings,
  opened: Opened[],
  { logger, outages }: Log,
): Cookieless | null {
  if (cookielessRedisUrl === undefined) return null;
  const days = new CookielessDays(
    cookielessRedisUrl,
    logRedis(logger, 'ids without cookies can be made', 'Redis cannot be used; ids without cookies cannot be made'),
  );
  opened.push({ name: 'the connection for ids without cookies', close: () => Promise.resolve(days.close()) });
  return cookieless(days, (error) => outages.warn('an id without cookies could not be made', error));
}
