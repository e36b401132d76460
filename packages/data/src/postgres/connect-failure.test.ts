import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../embedded/embedded-postgres.ts';
import { opensslInstalled, skipWithoutOpenssl, startTlsPostgres, type TlsPostgres } from '../testing/tls-postgres.ts';
import { isAway } from '../conversation/classify-error.ts';
import { connectClient } from './client-config.ts';

/** Why there is no connection. */
async function failure(url: string): Promise<Error> {
  try {
    const client = await connectClient(url, 'test');
    await client.end();
  } catch (error) {
    return error as Error;
  }
  throw new Error('it connected');
}

/** Without a word about TLS it is allowed on this machine and preferred elsewhere. */
const modes = ['allow', 'prefer'];

describe('H89: a server without TLS that refuses a connection', () => {
  let folder: string;
  let server: EmbeddedPostgres;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'halyard-refusals-'));
    chmodSync(folder, 0o755);
    const rules = ['host all trusted,halyard 127.0.0.1/32 scram-sha-256', 'host all nobody 127.0.0.1/32 trust'];
    writeFileSync(join(folder, 'pg_hba.conf'), `${rules.join('\n')}\n`);
    server = await startEmbeddedPostgres({
      folder: join(folder, 'server'),
      listen: 'tcp',
      durable: false,
      settings: { hba_file: join(folder, 'pg_hba.conf') },
    });
  });

  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The URL with other parts. */
  const by = (parts: Partial<Pick<URL, 'username' | 'password' | 'pathname' | 'search'>>) =>
    Object.assign(new URL(server.url), parts).href;

  describe.each(modes)('with sslmode=%s', (mode) => {
    it.each([
      ['role', { username: 'nobody' }, '28000', /^role "nobody" does not exist$/],
      ['password', { password: 'wr0ng' }, '28P01', /^password authentication failed for user "halyard"$/],
      ['database', { pathname: '/nowhere' }, '3D000', /^database "nowhere" does not exist$/],
      ['address', { username: 'other' }, '28000', /^no pg_hba\.conf entry for host "127\.0\.0\.1", user "other"/],
    ])('says the reason of its own: %s', async (_what, parts, code, message) => {
      const error = await failure(by({ ...parts, search: `?sslmode=${mode}` }));
      expect(error).toMatchObject({ code });
      expect(error.message).toMatch(message);
      expect(isAway(error)).toBe(false);
    });

    it('says that a password is missing', async () => {
      const error = await failure(by({ password: '', search: `?sslmode=${mode}` }));
      expect(error.message).toBe('the server asks for a password, and neither the URL nor PGPASSWORD has one');
      expect(isAway(error)).toBe(false);
    });
  });
});

describe('H89: a server that insists on TLS and refuses a connection', () => {
  let server: TlsPostgres | undefined;

  beforeEach(skipWithoutOpenssl);

  beforeAll(async () => {
    if (opensslInstalled) server = await startTlsPostgres(['hostssl all all 127.0.0.1/32 trust']);
  });

  afterAll(() => server?.stop());

  it.each(modes)('says the reason of the attempt that got further, with sslmode=%s', async (mode) => {
    const url = Object.assign(new URL(server?.url ?? ''), { username: 'nobody', search: `?sslmode=${mode}` });
    expect((await failure(url.href)).message).toBe('role "nobody" does not exist');
  });
});

describe('H89: a port where no PostgreSQL listens', () => {
  let server: Server;
  const sockets = new Set<Socket>();

  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  const answering = (answer: string) =>
    createServer((socket) => socket.on('data', () => socket.write(answer, 'latin1')));
  const greeting = (words: string) => createServer((socket) => socket.write(words));

  it.each([
    ['a web server', () => createHttpServer((_request, response) => response.end('welcome'))],
    ['a Redis', () => answering('-ERR unknown command\r\n')],
    ['an SSH server', () => greeting('SSH-2.0-OpenSSH_9.9\r\n')],
    ['a mail server', () => greeting('220 mail.example ESMTP\r\n')],
    ['a server of TLS alone', () => answering('\x15\x03\x01\0\x02\x02\x50')],
  ])('is named as such: %s', async (_what, make) => {
    server = make();
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    for (const mode of [...modes, 'require']) {
      const error = await failure(`postgresql://ann:secret@127.0.0.1:${port}/flags?sslmode=${mode}`);
      expect(error.message).toBe('a server that is no PostgreSQL answers there');
      expect(isAway(error)).toBe(false);
    }
  });
});
