import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, skipWithoutPgBouncer, startPgBouncer, waitUntil } from '@halyard/data/testing';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { startService } from '../compose.ts';
import { demoRequest } from '../demo/demo.ts';
import { seedDemo } from '../demo/seed-demo.ts';
import { OutageLines } from './log/outage-lines.ts';
import { readSettings } from './settings/read-settings.ts';

const CONFIGURATION = new URL('../../../../deploy/proxy/nginx.conf', import.meta.url);
const nginx = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/usr/bin/nginx'].find((file) => existsSync(file));
const requests = 100;

it('H51: behind nginx and before PgBouncer, the client is who nginx says, and connections stay open', async (context) => {
  context.skip(nginx === undefined, 'nginx is not installed');
  skipWithoutPgBouncer(context);
  const database = await createTestDatabase();
  await seedDemo(database.url);
  const pooler = await startPgBouncer(database.url, { default_pool_size: 3 });
  const lines: string[] = [];
  const logger = pino({ level: 'info' }, { write: (text) => lines.push(text) });
  const log = {
    logger,
    outages: new OutageLines(logger),
    line: (text: string) => lines.push(text),
    flush: () => undefined,
  };
  const settings = readSettings({
    DATABASE_URL: pooler.url,
    PORT: '0',
    HALYARD_TRUST_PROXY: 'true',
    HALYARD_MIGRATE: 'false',
  });
  const service = await startService(settings, { log, onProgress: () => undefined });
  const proxy = await startNginx(new URL(service.url).host);
  try {
    const agent = new Agent({ keepAlive: true });
    for (let i = 0; i < requests; i++)
      expect(await ask(proxy.port, agent)).toEqual({
        status: 200,
        text: expect.stringContaining('"errorsWhileComputingFlags":false') as unknown,
      });
    agent.destroy();
    const asked = lines.filter((line) => line.includes('canonical_log_line')).map((line) => JSON.parse(line) as object);
    expect(asked).toHaveLength(requests);
    for (const one of asked) expect(one).toMatchObject({ ip: '127.0.0.2', http_status: 200 });
    expect(asked.every((one) => 'queue_time_ms' in one)).toBe(true);
    if (process.platform === 'linux') expect(connectionsOf(new URL(service.url).port)).toBeLessThan(requests / 2);
  } finally {
    await proxy.stop();
    await service.close();
    await pooler.stop();
    await database.drop();
  }
});

/** Asks for the demo's flags from an address that is not the proxy's, with a lie about it. */
function ask(port: number, agent: Agent): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': '192.0.2.66' };
    const sent = request(
      { port, host: '127.0.0.1', localAddress: '127.0.0.2', path: '/flags?v=2', method: 'POST', headers, agent },
      (response) => {
        let text = '';
        response.on('data', (chunk) => (text += String(chunk)));
        response.on('end', () => {
          resolve({ status: response.statusCode, text });
        });
      },
    );
    sent.on('error', reject);
    sent.end(JSON.stringify(demoRequest));
  });
}

/** Runs nginx with the configuration that we hand out, but for its addresses. */
async function startNginx(upstream: string): Promise<{ port: number; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'halyard-nginx-'));
  const port = await freePort();
  const text = readFileSync(CONFIGURATION, 'utf8')
    .replace('127.0.0.1:8000', upstream)
    .replace('listen 80;', `listen 127.0.0.1:${port};`);
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const file = join(folder, 'nginx.conf');
  writeFileSync(
    file,
    `daemon off; master_process off; pid ${folder}/pid; events {}\nhttp { access_log off; ${paths.join(' ')}\n${text}\n}\n`,
  );
  const child = spawn(nginx ?? '', ['-c', file, '-e', join(folder, 'errors')], { stdio: 'ignore' });
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  const answers = () =>
    fetch(`http://127.0.0.1:${port}/`).then(
      ({ status }) => status === 200,
      () => false,
    );
  await waitUntil(answers);
  return {
    port,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => {
    probe.listen(0, '127.0.0.1', resolve);
  });
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => {
    probe.close(resolve);
  });
  return port;
}

/** Connections of this port that the system knows, ended ones for a minute included. */
function connectionsOf(port: string): number {
  const local = `:${Number(port).toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, own = '', other = '', state]) => state !== '0A' && (own.endsWith(local) || other.endsWith(local)))
    .length;
}
