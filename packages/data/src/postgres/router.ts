import { clientConfig } from './client-config.ts';
import type { Executor } from './executor.ts';
import { PipelinePool } from './pipeline-pool.ts';
import { defaultSettings, type PoolName, poolNames, poolUrls, type RouterSettings } from './router-settings.ts';

/** The four pools that statements go to (D33). Pools with equal URLs are one pool under several names. */
export interface Router {
  readonly personsReader: Executor;
  readonly personsWriter: Executor;
  readonly mainReader: Executor;
  readonly mainWriter: Executor;
  /** Which URL each pool ended up with; it may hold a password. */
  readonly urls: Readonly<Record<PoolName, string>>;
  /** Lets statements under way finish and closes every connection. */
  readonly close: () => Promise<void>;
}

/**
 * Opens nothing yet: connections are made when the first statement needs them.
 *
 * @throws {Error} for a URL or limit that cannot be used, naming the pool
 */
export function createRouter(settings: RouterSettings): Router {
  const urls = poolUrls(settings);
  const pools = new Map<string, PipelinePool>();
  for (const name of poolNames) {
    const url = urls[name];
    if (!pools.has(url)) pools.set(url, createPool(settings, url, name, urls));
  }
  const executor = (name: PoolName): Executor => {
    const pool = pools.get(urls[name]) as PipelinePool; // made above for every URL
    return { pool: name, acquireTimeoutMs: pool.acquireTimeoutMs, query: (statement) => pool.query(statement, name) };
  };
  return {
    personsReader: executor('persons reader'),
    personsWriter: executor('persons writer'),
    mainReader: executor('non-persons reader'),
    mainWriter: executor('non-persons writer'),
    urls,
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.close()));
    },
  };
}

function createPool(
  settings: RouterSettings,
  url: string,
  name: PoolName,
  urls: Readonly<Record<PoolName, string>>,
): PipelinePool {
  const { maxConnections = defaultSettings.maxConnections, acquireTimeoutMs = defaultSettings.acquireTimeoutMs } =
    settings;
  if (!Number.isInteger(maxConnections) || maxConnections < 1) {
    throw new Error(`${name}: a pool needs at least one connection, not ${maxConnections}`);
  }
  const timeouts = poolNames
    .filter((other) => urls[other] === url)
    .map((other) => settings.statementTimeoutMs?.[other] ?? defaultSettings.statementTimeoutMs[other]);
  return new PipelinePool({
    config: clientConfig(url, `${name} URL`),
    maxConnections,
    acquireTimeoutMs,
    statementTimeoutMs: timeouts.includes(0) ? 0 : Math.max(...timeouts),
    prepare: settings.prepare ?? true,
  });
}
