/** The router's four pools. Errors, logs and metrics use these names. */
export const poolNames = ['persons reader', 'persons writer', 'non-persons reader', 'non-persons writer'] as const;
export type PoolName = (typeof poolNames)[number];

/** URLs and limits of the router. Absent URLs fall back: see `poolUrls`. */
export interface RouterSettings {
  /** The main database's writer: definitions, management, migrations. */
  readonly write: string;
  readonly read?: string | undefined;
  readonly personsRead?: string | undefined;
  readonly personsWrite?: string | undefined;
  /** Pipelined connections per pool; each carries many statements at once. Default 2. */
  readonly maxConnections?: number | undefined;
  /** How long a statement waits for a connection. Default 2000. */
  readonly acquireTimeoutMs?: number | undefined;
  /** Statement time-outs; 0 leaves them to the server. Equal URLs share a pool and its longest time-out. */
  readonly statementTimeoutMs?: Partial<Readonly<Record<PoolName, number>>> | undefined;
  /** Prepared statements; switch them off behind a pooler in transaction mode. Default true. */
  readonly prepare?: boolean | undefined;
}

export const defaultSettings = {
  maxConnections: 2,
  acquireTimeoutMs: 2_000,
  statementTimeoutMs: {
    'persons reader': 3_000,
    'persons writer': 3_000,
    'non-persons reader': 2_000,
    'non-persons writer': 3_000,
  },
} as const;

/** Which URL each pool uses: persons pools fall back to each other and to the main ones, readers to writers. */
export function poolUrls({
  write,
  read,
  personsRead,
  personsWrite,
}: RouterSettings): Readonly<Record<PoolName, string>> {
  const mainReader = given(read) ?? write;
  return {
    'persons reader': given(personsRead) ?? given(personsWrite) ?? mainReader,
    'persons writer': given(personsWrite) ?? write,
    'non-persons reader': mainReader,
    'non-persons writer': write,
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
