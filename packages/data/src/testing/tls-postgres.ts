import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { startEmbeddedPostgres } from '../embedded/embedded-postgres.ts';
import { serverUser } from '../embedded/server-user.ts';
import { findProgram, onBuildServer } from './programs.ts';

const openssl = findProgram('openssl');

export const opensslInstalled = openssl !== null;

/** Skips a test, by name, where certificates cannot be made; on a build server it fails instead. */
export function skipWithoutOpenssl(context: TestContext): void {
  context.skip(openssl === null && !onBuildServer, 'openssl is not installed');
}

/** A real server with a certificate for `localhost`, signed by an authority of its own. */
export interface TlsPostgres {
  /** Over TCP, by address, so that the certificate's name does not fit; holds a password. */
  readonly url: string;
  /** The same by the certificate's name. */
  readonly namedUrl: string;
  /** The authority's certificate. */
  readonly authority: string;
  /** Another authority's. */
  readonly stranger: string;
  stop(): Promise<void>;
}

/** @param access lines of `pg_hba.conf`; default: with a password, TLS or not */
export async function startTlsPostgres(access?: readonly string[]): Promise<TlsPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'halyard-tls-'));
  chmodSync(folder, 0o755);
  const file = (name: string) => join(folder, name);
  makeAuthority(folder, 'authority');
  makeAuthority(folder, 'stranger');
  const request = ['-newkey', 'rsa:2048', '-nodes', '-keyout', file('server.key'), '-subj', '/CN=localhost'];
  run('req', '-new', ...request, '-out', file('server.csr'));
  writeFileSync(file('names'), 'subjectAltName=DNS:localhost\n');
  const signed = ['-CA', file('authority.crt'), '-CAkey', file('authority.key'), '-CAcreateserial'];
  run(
    'x509',
    '-req',
    '-in',
    file('server.csr'),
    ...signed,
    '-extfile',
    file('names'),
    '-days',
    '2',
    '-out',
    file('server.crt'),
  );
  chmodSync(file('server.key'), 0o600);
  if (access !== undefined) writeFileSync(file('pg_hba.conf'), `${access.join('\n')}\n`);
  const user = serverUser(join(folder, 'server', 'data'));
  if (user !== null) chownSync(file('server.key'), user.uid, user.gid);
  const server = await startEmbeddedPostgres({
    folder: file('server'),
    listen: 'tcp',
    durable: false,
    settings: {
      ssl: 'on',
      ssl_cert_file: file('server.crt'),
      ssl_key_file: file('server.key'),
      ...(access === undefined ? {} : { hba_file: file('pg_hba.conf') }),
    },
  });
  return {
    url: server.url,
    namedUrl: server.url.replace('@127.0.0.1:', '@localhost:'),
    authority: file('authority.crt'),
    stranger: file('stranger.crt'),
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function makeAuthority(folder: string, name: string): void {
  const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', join(folder, `${name}.key`)];
  run('req', '-x509', ...key, '-subj', `/CN=halyard test ${name}`, '-days', '2', '-out', join(folder, `${name}.crt`));
}

function run(...args: readonly string[]): void {
  if (openssl === null) throw new Error('openssl is not installed: install the package openssl');
  execFileSync(openssl, args, { stdio: 'pipe' });
}
