import { Socket } from 'node:net';

/** What a server says first, when it is a PostgreSQL or a pooler before one: to the wish for TLS, and to anything else. */
const firstWords = { tls: /^(S$|N$|E)/, plain: /^[RENv]/ } as const;

interface FirstWord {
  /** For the driver's option of that name. */
  readonly stream: () => Socket;
  /** The driver's error, or what it does not know or does not say. */
  readonly explain: (error: unknown) => unknown;
}

/**
 * Listens in on one attempt to connect, and ends it as soon as something other than a PostgreSQL server answers.
 *
 * @param asked how the conversation begins; `null`: with TLS itself, which has its own way to fail
 */
export function firstWord(asked: keyof typeof firstWords | null): FirstWord {
  const socket = new Socket();
  let stranger = false;
  if (asked !== null) {
    socket.once('data', (chunk: Buffer) => {
      stranger = !firstWords[asked].test(chunk.toString('latin1'));
      if (stranger) socket.destroy();
    });
  }
  return {
    stream: () => socket,
    explain: (error) => {
      if (stranger) return new Error('a server that is no PostgreSQL answers there', { cause: error });
      if (error instanceof Error && error.message.includes('client password must be a')) {
        const text = 'the server asks for a password, and neither the URL nor PGPASSWORD has one';
        return new Error(text, { cause: error });
      }
      return error;
    },
  };
}

/** Whether another way of TLS may help: the server has none, the handshake failed, or `pg_hba.conf` wants it otherwise. */
export function refusesTls(error: unknown): boolean {
  return isHandshake(error) || hasNoTls(error) || codeOf(error) === '28000';
}

/**
 * Of the failures of one connection, in the order of trying, the one that says what is wrong: a server that has let us in further
 * knows more, and that it has no TLS is only worth a word when nothing else is.
 */
export function mostTelling(failures: readonly unknown[]): unknown {
  return failures.reduce((best, next) => (tells(next) >= tells(best) ? next : best));
}

function tells(error: unknown): number {
  if (hasNoTls(error)) return 0;
  if (isRefusalByAddress(error)) return 1;
  return isHandshake(error) ? 2 : 3;
}

function isHandshake(error: unknown): boolean {
  return /^(ERR_SSL|ERR_TLS|EPROTO)/.test(codeOf(error));
}

function hasNoTls(error: unknown): boolean {
  return error instanceof Error && error.message.includes('does not support SSL');
}

/** By a line of `pg_hba.conf`, or for want of one: the server has not looked at user and database yet. */
function isRefusalByAddress(error: unknown): boolean {
  return codeOf(error) === '28000' && (error as { routine?: unknown }).routine === 'ClientAuthentication';
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}
