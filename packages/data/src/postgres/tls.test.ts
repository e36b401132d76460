import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ask } from '../testing/ask.ts';
import { opensslInstalled, skipWithoutOpenssl, startTlsPostgres, type TlsPostgres } from '../testing/tls-postgres.ts';
import { startCountingProxy } from '../testing/counting-proxy.ts';
import { createTestDatabase } from '../testing/throwaway-postgres.ts';
import { createRouter } from './router.ts';

/** Whether the connection is encrypted, or the message of the error. */
async function encrypted(url: string): Promise<unknown> {
  const { mainReader, close } = createRouter({ write: url });
  try {
    const text = 'select ssl::text as ssl from pg_stat_ssl where pid = pg_backend_pid()';
    return (await mainReader.query({ text, values: [] }))[0]?.['ssl'] === 'true';
  } catch (error) {
    return (error as Error).message;
  } finally {
    await close();
  }
}

const withParameters = (url: string, ...parameters: string[]) => `${url}?${parameters.join('&')}`;

describe('TLS to a server that has it', () => {
  let server: TlsPostgres | undefined;
  const by = (which: 'url' | 'namedUrl', ...parameters: string[]) =>
    withParameters(
      server?.[which] ?? '',
      ...parameters.map((one) =>
        one.replace('AUTHORITY', server?.authority ?? '').replace('STRANGER', server?.stranger ?? ''),
      ),
    );

  beforeEach(skipWithoutOpenssl);

  beforeAll(async () => {
    if (opensslInstalled) server = await startTlsPostgres();
  });

  afterAll(() => server?.stop());

  it.each([
    ['disable', false],
    ['allow', false],
    ['prefer', true],
    ['require', true],
    ['no-verify', true],
  ])('sslmode=%s', async (mode, expected) => {
    expect(await encrypted(by('url', `sslmode=${mode}`))).toBe(expected);
  });

  it('sslmode=verify-ca with the right authority does not look at the name', async () => {
    expect(await encrypted(by('url', 'sslmode=verify-ca', 'sslrootcert=AUTHORITY'))).toBe(true);
  });

  it('sslmode=verify-ca with another authority is refused', async () => {
    expect(await encrypted(by('url', 'sslmode=verify-ca', 'sslrootcert=STRANGER'))).toMatch(/certificate/);
  });

  it('sslmode=require with a root certificate verifies as verify-ca does', async () => {
    expect(await encrypted(by('url', 'sslmode=require', 'sslrootcert=AUTHORITY'))).toBe(true);
    expect(await encrypted(by('url', 'sslmode=require', 'sslrootcert=STRANGER'))).not.toBe(true);
  });

  it('sslmode=verify-full wants the name, too', async () => {
    expect(await encrypted(by('namedUrl', 'sslmode=verify-full', 'sslrootcert=AUTHORITY'))).toBe(true);
    expect(await encrypted(by('url', 'sslmode=verify-full', 'sslrootcert=AUTHORITY'))).not.toBe(true);
  });

  it('sslmode=verify-full without a root certificate trusts what Node trusts', async () => {
    expect(await encrypted(by('namedUrl', 'sslmode=verify-full'))).toMatch(/certificate/);
  });

  afterEach(() => vi.unstubAllEnvs());

  it('PGSSLMODE and PGSSLROOTCERT stand in for absent parameters', async () => {
    vi.stubEnv('PGSSLMODE', 'verify-full');
    vi.stubEnv('PGSSLROOTCERT', server?.authority ?? '');
    expect(await encrypted(by('namedUrl'))).toBe(true);
    expect(await encrypted(by('url'))).not.toBe(true);
    expect(await encrypted(by('url', 'sslmode=disable'))).toBe(false);
  });

  it('a password of any characters is percent-encoded', async () => {
    const password = 'p@ss/w:rd?#[ü]%41&=+ "';
    await ask(server?.url ?? '', `create role odd login password '${password}'`);
    const url = new URL(by('url', 'sslmode=require'));
    url.username = 'odd';
    url.password = encodeURIComponent(password);
    expect(await encrypted(url.href)).toBe(true);
  });

  it('a wrong password is an error that does not show it', async () => {
    const url = by('url', 'sslmode=require').replace(/:[^:@/]+@/, ':wr0ng-secret@');
    const { mainReader, close } = createRouter({ write: url });
    const error: unknown = await mainReader.query({ text: 'select 1', values: [] }).catch((thrown: unknown) => thrown);
    await close();
    expect(error).toMatchObject({ code: '28P01', pool: 'non-persons reader' });
    expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain('wr0ng-secret');
  });
});

describe('TLS to a server that insists on it', () => {
  let server: TlsPostgres | undefined;

  beforeEach(skipWithoutOpenssl);

  beforeAll(async () => {
    if (opensslInstalled) server = await startTlsPostgres(['hostssl all all 127.0.0.1/32 trust']);
  });

  afterAll(() => server?.stop());

  it('is reached without any setting, on this machine', async () => {
    expect(await encrypted(server?.url ?? '')).toBe(true);
  });

  it('is not reached with sslmode=disable', async () => {
    expect(await encrypted(withParameters(server?.url ?? '', 'sslmode=disable'))).toMatch(/no encryption/);
  });
});

describe('TLS to a server that has none', () => {
  it.each([
    ['disable', false],
    ['allow', false],
    ['prefer', false],
    ['require', 'non-persons reader: The server does not support SSL connections'],
  ])('sslmode=%s', async (mode, expected) => {
    const database = await createTestDatabase({ empty: true });
    const proxy = await startCountingProxy(database.url);
    try {
      expect(await encrypted(withParameters(proxy.url, `sslmode=${mode}`))).toBe(expected);
    } finally {
      await proxy.close();
      await database.drop();
    }
  });

  it('sslmode=prefer asks for it once, not for every connection', async () => {
    const database = await createTestDatabase({ empty: true });
    const proxy = await startCountingProxy(database.url);
    const { mainReader, close } = createRouter({ write: withParameters(proxy.url, 'sslmode=prefer') });
    for (let connection = 0; connection < 3; connection += 1) {
      await mainReader.query({ text: 'select 1', values: [] });
      await ask(
        database.url,
        'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
      );
    }
    expect(proxy.tlsRequests).toBe(1);
    await close();
    await proxy.close();
    await database.drop();
  });
});
