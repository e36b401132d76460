import { routerDefaults } from 'halyard/host';
import type { Settings } from '../operate/settings/table.ts';

/**
 * One worker's share of what the settings allow the whole service: connections to databases, requests at once, requests that wait, tokens of no
 * project. Everybody has at least one connection of each pool and one request at a time.
 */
export function shareOf(settings: Settings, workers: number): Settings {
  const pool = (size: number = routerDefaults.maxConnections): number => Math.max(1, Math.floor(size / workers));
  return {
    ...settings,
    readPoolSize: pool(settings.readPoolSize),
    writePoolSize: pool(settings.writePoolSize),
    personsReadPoolSize: pool(settings.personsReadPoolSize),
    personsWritePoolSize: pool(settings.personsWritePoolSize),
    ingestPoolSize: pool(settings.ingestPoolSize),
    concurrency: Math.max(1, Math.floor(settings.concurrency / workers)),
    queue: Math.ceil(settings.queue / workers),
    unknownPerSecond: Math.ceil(settings.unknownPerSecond / workers), // 0, any number, stays what it is
    ...(settings.rateLimitStore === 'redis' ? {} : limitShares(settings, workers)),
  };
}

/** Each process counts what comes to it; limits of single tokens hold in each. */
function limitShares(settings: Settings, workers: number): Partial<Settings> {
  const share = (limit: number): number => Math.ceil(limit / workers);
  return {
    rateLimitBurst: share(settings.rateLimitBurst),
    rateLimitPerSecond: share(settings.rateLimitPerSecond),
    ipRateLimitBurst: share(settings.ipRateLimitBurst),
    ipRateLimitPerSecond: share(settings.ipRateLimitPerSecond),
  };
}
