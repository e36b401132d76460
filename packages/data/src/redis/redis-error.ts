/**
 * - `unavailable`: no server at the other end, or none that lets us in; or the connection broke.
 * - `timeout`: no answer in time, or none lately, so that nobody waits for another one.
 * - `refused`: wrong password, or a command is not allowed.
 * - `command`: everything else.
 */
export type RedisErrorKind = 'unavailable' | 'timeout' | 'refused' | 'command';

/** Redis could not do what it was asked. The message never shows a password. */
export class RedisError extends Error {
  override readonly name = 'RedisError';
  readonly kind: RedisErrorKind;

  constructor(kind: RedisErrorKind, message: string) {
    super(`redis: ${message}`);
    this.kind = kind;
  }
}

/** @param secrets texts that must not be shown */
export function redisError(error: unknown, connectionLost: boolean, secrets: readonly string[]): RedisError {
  if (error instanceof RedisError) return error;
  const { code, message } = describe(error);
  let shown = message === '' ? (code ?? 'failed') : message;
  for (const secret of secrets) shown = shown.replaceAll(secret, '***');
  return new RedisError(kindOf(code, message, connectionLost), shown);
}

function kindOf(code: string | null, message: string, connectionLost: boolean): RedisErrorKind {
  // Redis has no codes: the first word of an error reply is one.
  if (/^(WRONGPASS|NOAUTH|NOPERM)\b|^ERR (invalid password|AUTH )/.test(message)) return 'refused';
  return connectionLost || code !== null ? 'unavailable' : 'command';
}

/** Connecting to a name with several addresses fails with an `AggregateError`, which has no message of its own. */
function describe(error: unknown): { code: string | null; message: string } {
  if (!(error instanceof Error)) return { code: null, message: String(error) };
  const { code } = error as { code?: unknown };
  if (error.message === '' && error instanceof AggregateError && error.errors.length > 0) {
    return describe(error.errors[0]);
  }
  return { code: typeof code === 'string' ? code : null, message: error.message };
}
