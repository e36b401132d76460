import { StoreError, type StoreErrorKind } from '../store-error.ts';

const timeouts = new Set(['57014', '55P03', '25P03', '25P04']);

/** SQLSTATE classes of a connection or server in trouble: connection, operator intervention, system error. */
const unavailable = new Set(['08', '57', '58']);

/**
 * Turns what a driver throws into a `StoreError` (D40): by SQLSTATE or system error code, never by a message where a
 * code tells enough.
 *
 * @param connectionLost the connection is known to be gone, which decides where there is no code at all
 */
export function classifyError(error: unknown, pool: string, connectionLost: boolean): StoreError {
  if (error instanceof StoreError) return error;
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const shown = code === null ? message : withoutValues(code, message);
  return new StoreError(kindOf(code, message, connectionLost), pool, shown === '' ? (code ?? 'failed') : shown, {
    ...(code === null ? {} : { code }),
    cause: code !== null && isSqlState(code) ? serverError(error, code, shown) : error,
  });
}

/** SQLSTATE classes whose messages quote the data that they are about: data exception, integrity, raised by a trigger. */
const quoting = new Set(['22', '23', 'P0']);

function withoutValues(code: string, message: string): string {
  return isSqlState(code) && quoting.has(code.slice(0, 2)) ? message.replaceAll(/".*"/gs, '"…"') : message;
}

/** What says where in the statement or schema something went wrong; the server's other fields may show values. */
const harmlessFields = ['severity', 'schema', 'table', 'column', 'dataType', 'constraint', 'position', 'routine'];

/** The server's error without what may hold a token, an id or a property. */
function serverError(error: unknown, code: string, message: string): Error {
  const fields = Object.entries(typeof error === 'object' && error !== null ? error : {});
  const harmless = fields.filter(([name, value]) => harmlessFields.includes(name) && value !== undefined);
  return Object.assign(new Error(message), { code }, Object.fromEntries(harmless));
}

/** System codes such as EPIPE may have five letters too; no SQLSTATE begins with E. */
function isSqlState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]/.test(code);
}

function kindOf(code: string | null, message: string, connectionLost: boolean): StoreErrorKind {
  if (code === null) return connectionLost ? 'unavailable' : 'query';
  if (/^E[A-Z]/.test(code)) return 'unavailable';
  if (isSqlState(code)) return kindOfSqlState(code, message);
  return connectionLost ? 'unavailable' : 'query';
}

function kindOfSqlState(code: string, message: string): StoreErrorKind {
  if (timeouts.has(code)) return 'timeout';
  if (code === '23503') return 'foreign_key';
  if (code === '53300') return 'no_more_connections';
  // PgBouncer reports all of its own troubles as a protocol violation; here only the text tells them apart.
  if (code === '08P01' && message.startsWith('query_wait_timeout')) return 'query_wait_timeout';
  if (code === '08P01' && message.startsWith('no more connections allowed')) return 'no_more_connections';
  return unavailable.has(code.slice(0, 2)) ? 'unavailable' : 'query';
}

/** System codes of a server that is not to be reached for now. A name that nobody knows is no such thing, nor is a certificate. */
const absences = /^(ECONN|EHOST|ENET|EPIPE|ETIMEDOUT|EAI_AGAIN|ENOENT)/;
/** The driver's words for the same; it has no codes for them. */
const losses = /timeout expired|[Cc]onnection (terminated|error)/;

/**
 * The server is away or too busy for now, so that asking again will help. Everything else, such as a refused password or a missing
 * database or table, stays as it is until somebody mends it.
 */
export function isAway(error: unknown): boolean {
  const { kind, code, message } = classifyError(error, 'database', true);
  if (kind !== 'unavailable') return kind !== 'query' && kind !== 'foreign_key';
  return code === null ? losses.test(message) : isSqlState(code) || absences.test(code);
}

/** Connecting to a name with several addresses fails with an `AggregateError`; its parts share a code. */
function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null) return null;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && code !== '') return code;
  return error instanceof AggregateError && error.errors.length > 0 ? codeOf(error.errors[0]) : null;
}
