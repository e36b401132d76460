import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';

/** How a connection is made, in the order of trying: `false` is without TLS. */
export type TlsAttempts = readonly (false | ConnectionOptions)[];

/** As libpq names them; `no-verify` is Node's name for what libpq calls `require`. */
const modes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'] as const;
type TlsMode = (typeof modes)[number];

/** Parameters of a URL that say how TLS is used, and the variables that stand in for absent ones. */
export const tlsParameters = {
  ssl: undefined,
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
} as const;
export type TlsParameters = Partial<Record<keyof typeof tlsParameters, string>>;

/**
 * The meaning of libpq's TLS parameters. Without a mode TLS is preferred, and on this machine it is used when the server
 * insists. A root certificate turns `require` into `verify-ca`, as in libpq; the certificates that Node trusts stand in for
 * an absent one under `verify-full` only, since others than the owner of the host could have one of theirs.
 *
 * @param what where the parameters come from, for the message
 * @param local the server is on this machine
 * @throws {Error} with one line, for a mode that does not exist or a file that cannot be read
 */
export function tlsAttempts(parameters: TlsParameters, what: string, local: boolean): TlsAttempts {
  const mode = modeOf(parameters, what, local);
  const { sslrootcert } = parameters;
  const root = sslrootcert === undefined || sslrootcert === 'system' ? undefined : sslrootcert;
  if (mode === 'disable') return [false];
  const tls: ConnectionOptions = {
    ...certificate('cert', parameters.sslcert, what),
    ...certificate('key', parameters.sslkey, what),
  };
  const unverified = { ...tls, rejectUnauthorized: false };
  if (mode === 'allow') return [false, unverified];
  if (mode === 'prefer') return [unverified, false];
  if (mode === 'no-verify') return [unverified];
  if (mode === 'require' && sslrootcert === undefined) return [unverified];
  const verified = { ...tls, ...certificate('ca', root, what), rejectUnauthorized: true };
  if (mode === 'verify-full' || sslrootcert === 'system') return [verified];
  if (root === undefined) throw new Error(`${what}: sslmode=verify-ca needs sslrootcert`);
  return [{ ...verified, checkServerIdentity: () => undefined }];
}

function modeOf({ ssl, sslmode, sslrootcert }: TlsParameters, what: string, local: boolean): TlsMode {
  if (sslmode !== undefined) {
    const mode = modes.find((known) => known === sslmode);
    if (mode !== undefined) return mode;
    // Only what looks like a word is shown: a garbled URL may hold a secret anywhere.
    const shown = /^[a-z_-]{1,20}$/i.test(sslmode) ? ` "${sslmode}"` : '';
    throw new Error(`${what}: unknown sslmode${shown}; it must be one of ${modes.join(', ')}`);
  }
  if (ssl === 'true' || ssl === '1') return 'verify-full';
  if (ssl === 'false' || ssl === '0') return 'disable';
  if (ssl === 'no-verify') return 'no-verify';
  if (ssl !== undefined) throw new Error(`${what}: ssl must be true or false; sslmode says more`);
  if (sslrootcert === 'system') return 'verify-full';
  return local ? 'allow' : 'prefer';
}

function certificate(kind: 'ca' | 'cert' | 'key', file: string | undefined, what: string): ConnectionOptions {
  if (file === undefined) return {};
  try {
    return { [kind]: readFileSync(file, 'utf8') };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new Error(`${what}: the file of ${kind === 'ca' ? 'sslrootcert' : `ssl${kind}`} cannot be read (${code})`, {
      cause: error,
    });
  }
}
