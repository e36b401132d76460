import { CookielessDays, QuotaLists, RedisConnection, UsageCounters } from 'halyard/host';
import type { Opened } from './operate/closing.ts';
import type { Log } from './operate/log/logger.ts';
import { logRedis } from './operate/log/redis-line.ts';
import type { Settings } from './operate/settings/table.ts';
import { type Cookieless, cookieless } from './posthog/cookieless/cookieless.ts';
import { type GeoIp, openGeoIp } from './posthog/geo/geo-ip.ts';
import { type InternalRequests, internalRequests, type Recompile } from './posthog/internal/internal-requests.ts';
import { type Bots, createBots, readNetworks } from './posthog/protection/bots.ts';
import { type Limiter, memoryLimiter, redisLimiter, type RedisScripts } from './posthog/protection/limiter.ts';
import type { Quota } from './posthog/protection/quota.ts';
import type { Metrics } from './operate/metrics/metrics.ts';
import type { Usage } from './posthog/usage.ts';
import { type RateLimits, rateLimits } from './posthog/protection/rate-limits.ts';

/** What the settings put in front of `/flags`, or add to its requests; null: nothing of the kind. */
export interface Guards {
  readonly limits: RateLimits | null;
  readonly bots: Bots | null;
  readonly quota: Quota | null;
  readonly usage: Usage | null;
  readonly geo: GeoIp | null;
  readonly internal: InternalRequests | null;
  readonly cookieless: Cookieless | null;
}

/**
 * Opens what the settings name.
 *
 * @param opened gets what has to be closed
 * @param recompile reads and compiles a project for one request
 * @param metrics are told how what is opened fares
 * Rejects with an `Error` for a file that cannot be used, naming it and what is wrong
 */
export async function openGuards(
  settings: Settings,
  opened: Opened[],
  log: Log,
  recompile: Recompile,
  metrics: Metrics | null = null,
): Promise<Guards> {
  const { geoipFile, internalToken } = settings;
  const unreadable = (error: unknown): void =>
    log.logger.warn({ err: error }, 'a place in the GeoIP file cannot be read');
  const limits = openLimits(settings, opened, log);
  if (limits !== null) metrics?.watchLimits(() => limits.entries);
  return {
    limits,
    bots: openBots(settings),
    quota: openQuota(settings, opened, log),
    usage: openUsage(settings, opened, log, metrics),
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
  const clock = () => performance.now();
  const memory = { address: memoryLimiter(clock), token: memoryLimiter(clock) };
  const limits = rateLimits({ ...options, limiters: memory });
  const { redisUrl, rateLimitStore } = settings;
  if (limits === null || rateLimitStore === 'memory' || redisUrl === undefined) return limits;
  const shared = openRedisLimiter(redisUrl, settings.redisPrefix, opened, log);
  return rateLimits({ ...options, limiters: { address: shared(memory.address), token: shared(memory.token) } });
}

function openRedisLimiter(
  url: string,
  prefix: string,
  opened: Opened[],
  { logger }: Log,
): (memory: Limiter) => Limiter {
  const redis = new RedisConnection({
    url,
    onState: logRedis(
      logger,
      'rate limits are counted in Redis',
      'Redis cannot be used; each process counts rate limits alone',
    ),
  });
  opened.push({ name: 'the connection for rate limits', close: () => Promise.resolve(redis.close()) });
  const scripts: RedisScripts = { eval: (script, keys) => redis.run((client) => client.eval(script, keys)) };
  return (memory) => redisLimiter(scripts, prefix, memory);
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

/** H221: nothing is counted where nothing may be written. */
function openUsage(
  { usageRedisUrl, readOnly }: Settings,
  opened: Opened[],
  { logger }: Log,
  metrics: Metrics | null,
): Usage | null {
  if (usageRedisUrl === undefined || readOnly) return null;
  const told = metrics?.usage;
  const counters = new UsageCounters({
    url: usageRedisUrl,
    onState: logRedis(logger, 'usage is written to Redis', 'Redis cannot be used; usage waits in memory'),
    ...(told === undefined ? {} : told.hooks),
  });
  told?.watch(counters);
  opened.push({ name: 'the usage counters', close: () => counters.close() });
  return counters;
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
