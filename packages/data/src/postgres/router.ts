import { type PoolName, poolNames } from '../pool-names.ts';
import { endpoint } from './client-config.ts';
import type { Executor } from './executor.ts';
import { PipelinePool, type PoolOptions } from './pipeline-pool.ts';
import type { PoolState } from './pool-events.ts';
import { poolLimits, poolUrls, type RouterSettings, widestLimits } from './router-settings.ts';

/** The four pools that statements go to (D33). Pools with equal URLs are one pool under several names. */
export interface Router {
  readonly personsReader: Executor;
  readonly personsWriter: Executor;
  readonly mainReader: Executor;
  readonly mainWriter: Executor;
  /** Which URL each pool ended up with; it may hold a password. */
  readonly urls: Readonly<Record<PoolName, string>>;
  /** How the pools stand, each once. */
  readonly pools: () => readonly PoolState[];
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
  const options = new Map<string, PoolOptions>();
  for (const name of poolNames) {
    const url = urls[name];
    if (!options.has(url)) options.set(url, poolOptions(settings, url, name, urls));
  }
  // Every pool's options are checked before the first is made, which may open connections.
  const pools = new Map([...options].map(([url, checked]) => [url, new PipelinePool(checked)]));
  const executor = (name: PoolName): Executor => {
    const pool = pools.get(urls[name]) as PipelinePool; // made above for every URL
    return {
      pool: name,
      acquireTimeoutMs: pool.acquireTimeoutMs,
      query: (statement, large = false) => pool.query(statement, name, large),
    };
  };
  return {
    personsReader: executor('persons reader'),
    personsWriter: executor('persons writer'),
    mainReader: executor('non-persons reader'),
    mainWriter: executor('non-persons writer'),
    urls,
    pools: () => [...pools.values()].map(({ state }) => state),
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.close()));
    },
  };
}

function poolOptions(
  settings: RouterSettings,
  url: string,
  name: PoolName,
  urls: Readonly<Record<PoolName, string>>,
): PoolOptions {
  const names = poolNames.filter((other) => urls[other] === url);
  return {
    endpoint: endpoint(url, `${name} URL`),
    names,
    ...widestLimits(names.map((one) => poolLimits(settings, one))),
    prepare: settings.prepare ?? true,
    log: settings.log,
    onStatement: settings.onStatement,
  };
}
