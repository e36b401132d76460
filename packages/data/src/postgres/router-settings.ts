import type { StoreLog } from '../ports.ts';
import type { PoolName } from '../pool-names.ts';
import type { StatementEvent } from './pool-events.ts';

/** Bounds of one pool. Equal URLs share a pool, which has the widest bounds of all its names. */
export interface PoolLimits {
  /** Pipelined connections; each carries many statements at once. Default 2. */
  readonly maxConnections: number;
  /** Kept open also without work; at most `maxConnections`. Default 0. */
  readonly minConnections: number;
  /** How long a statement waits for a connection. Default 2000. */
  readonly acquireTimeoutMs: number;
  /** 0 leaves it to the server. Default 3000, of the non-persons reader 2000. */
  readonly statementTimeoutMs: number;
  /** Idle connections above the minimum are closed after this long; 0: never. Default 300 000. */
  readonly idleTimeoutMs: number;
  /** Connections are replaced at this age; 0: never. Default 1 800 000. */
  readonly maxLifetimeMs: number;
}

/** URLs and limits of the router. Absent URLs fall back: see `poolUrls`. */
export interface RouterSettings {
  /** The main database's writer: definitions, management, migrations. */
  readonly write: string;
  /** A replica of it, for definitions. */
  readonly read?: string | undefined;
  /** Where persons, groups and memberships are read. */
  readonly personsRead?: string | undefined;
  /** Where the keys of experience continuity are written. */
  readonly personsWrite?: string | undefined;
  /** Of every pool. */
  readonly maxConnections?: number | undefined;
  /** Of every pool. */
  readonly acquireTimeoutMs?: number | undefined;
  /** Of single pools. */
  readonly statementTimeoutMs?: Partial<Readonly<Record<PoolName, number>>> | undefined;
  /** Of single pools; comes before the three above. */
  readonly pools?: Partial<Readonly<Record<PoolName, Partial<PoolLimits>>>> | undefined;
  /**
   * Prepared statements. Behind a pooler in transaction mode they are switched off by themselves at the first error that
   * shows it; `false` saves that error. Default true.
   */
  readonly prepare?: boolean | undefined;
  /** Told what an operator should know, such as a pooler that loses prepared statements. */
  readonly log?: StoreLog | undefined;
  /** Told of every statement that has ended; it must not throw. */
  readonly onStatement?: ((event: StatementEvent) => void) | undefined;
}

export const defaultSettings = {
  maxConnections: 2,
  minConnections: 0,
  acquireTimeoutMs: 2_000,
  idleTimeoutMs: 300_000,
  maxLifetimeMs: 1_800_000,
  statementTimeoutMs: {
    'persons reader': 3_000,
    'persons writer': 3_000,
    'non-persons reader': 2_000,
    'non-persons writer': 3_000,
  },
} as const;

/** Node's timers hold no more. */
const longestMs = 2 ** 31 - 1;

/**
 * The bounds of one pool.
 *
 * @throws {Error} with one line that names the pool, for a bound that cannot be used
 */
export function poolLimits(settings: RouterSettings, name: PoolName): PoolLimits {
  const own = settings.pools?.[name] ?? {};
  const limits: PoolLimits = {
    maxConnections: own.maxConnections ?? settings.maxConnections ?? defaultSettings.maxConnections,
    minConnections: own.minConnections ?? defaultSettings.minConnections,
    acquireTimeoutMs: own.acquireTimeoutMs ?? settings.acquireTimeoutMs ?? defaultSettings.acquireTimeoutMs,
    statementTimeoutMs:
      own.statementTimeoutMs ?? settings.statementTimeoutMs?.[name] ?? defaultSettings.statementTimeoutMs[name],
    idleTimeoutMs: own.idleTimeoutMs ?? defaultSettings.idleTimeoutMs,
    maxLifetimeMs: own.maxLifetimeMs ?? defaultSettings.maxLifetimeMs,
  };
  if (!Number.isInteger(limits.maxConnections) || limits.maxConnections < 1) {
    throw new Error(`${name}: a pool needs at least one connection, not ${limits.maxConnections}`);
  }
  for (const [bound, value] of Object.entries(limits)) {
    const least = bound === 'acquireTimeoutMs' ? 1 : 0;
    if (!Number.isInteger(value) || value < least || value > longestMs) {
      throw new Error(`${name}: ${bound} must be a whole number from ${least} to ${longestMs}, not ${value}`);
    }
  }
  return { ...limits, minConnections: Math.min(limits.minConnections, limits.maxConnections) };
}

/** What a pool of several names allows: the most that any of them does. 0 is no limit where it means that. */
export function widestLimits(all: readonly PoolLimits[]): PoolLimits {
  const most = (pick: (limits: PoolLimits) => number) => Math.max(...all.map(pick));
  const unlimitedOrMost = (pick: (limits: PoolLimits) => number) =>
    all.some((limits) => pick(limits) === 0) ? 0 : most(pick);
  return {
    maxConnections: most((limits) => limits.maxConnections),
    minConnections: most((limits) => limits.minConnections),
    acquireTimeoutMs: most((limits) => limits.acquireTimeoutMs),
    statementTimeoutMs: unlimitedOrMost((limits) => limits.statementTimeoutMs),
    idleTimeoutMs: unlimitedOrMost((limits) => limits.idleTimeoutMs),
    maxLifetimeMs: unlimitedOrMost((limits) => limits.maxLifetimeMs),
  };
}

/** Which URL each pool uses: persons pools fall back to each other and to the main ones, readers to writers. */
export function poolUrls({
  write,
  read,
  personsRead,
  personsWrite,
}: RouterSettings): Readonly<Record<PoolName, string>> {
  const main = write.trim();
  const mainReader = given(read) ?? main;
  return {
    'persons reader': given(personsRead) ?? given(personsWrite) ?? mainReader,
    'persons writer': given(personsWrite) ?? main,
    'non-persons reader': mainReader,
    'non-persons writer': main,
  };
}

/** An empty setting is an absent one. */
function given(url: string | undefined): string | undefined {
  return url === undefined || url.trim() === '' ? undefined : url.trim();
}

/** The router's URLs from the environment (`DATABASE_URL` and its kin); `null` when none names a database to write to. */
export function urlsFromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Pick<RouterSettings, 'write' | 'read' | 'personsRead' | 'personsWrite'> | null {
  const write = given(env['WRITE_DATABASE_URL']) ?? given(env['DATABASE_URL']);
  if (write === undefined) return null;
  return {
    write,
    read: given(env['READ_DATABASE_URL']),
    personsRead: given(env['PERSONS_READ_DATABASE_URL']),
    personsWrite: given(env['PERSONS_WRITE_DATABASE_URL']),
  };
}
