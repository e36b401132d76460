import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { createTestDatabase, startTcpProxy, type TestDatabase } from '@halyard/data/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askForPerson, token, writeProject } from './flags-project.cases.ts';
import { type ServiceProcess, serviceProcesses } from './service-process.cases.ts';
import { askFlags, isWhole } from './traffic.cases.ts';

describe('the service when it is asked to stop', () => {
  const start = serviceProcesses();
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase();
    await writeProject(database.url);
  });

  afterEach(() => database.drop());

  const body = JSON.stringify({ token, ...askForPerson });
  const request = `POST /flags?v=2 HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

  /** Connects, and sends text, as far as the systems of both sides are concerned: the service need not have noticed. */
  async function sent({ url }: ServiceProcess, text: string): Promise<{ socket: Socket; end: Promise<string> }> {
    const { port, hostname } = new URL(url);
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    const end = new Promise<string>((resolve) => {
      socket.on('error', (error) => resolve(error.message));
      socket.on('close', () => resolve(answer));
    });
    await once(socket, 'connect');
    await new Promise((resolve) => {
      socket.write(text, resolve);
    });
    return { socket, end };
  }

  const statusOf = (answer: string): string => answer.slice(0, 'HTTP/1.1 200'.length);

  it('H220: a stop signal in a rush lets every request be answered that has reached the machine', async () => {
    const times = { HALYARD_SHUTDOWN_MS: '120000', HALYARD_REQUEST_TIMEOUT_MS: '60000' };
    const service = await start({ DATABASE_URL: database.url, ...times });
    expect(await askFlags(service.url)).toSatisfy(isWhole);
    const half = await sent(service, request.slice(0, -10));
    // A process that does not run takes no connection, and none of these is in its hands when the signal is.
    service.child.kill('SIGSTOP');
    const rush = await Promise.all(Array.from({ length: 300 }, () => sent(service, request)));
    const ended = service.stop();
    service.child.kill('SIGCONT');
    const statuses = (await Promise.all(rush.map(({ end }) => end))).map(statusOf);
    expect(statuses.filter((status) => status !== 'HTTP/1.1 200')).toEqual([]);
    half.socket.write(request.slice(-10));
    expect(statusOf(await half.end)).toBe('HTTP/1.1 200');
    expect(await ended).toEqual({ code: 0, err: '' });
  });

  it('H220: a stop signal while PostgreSQL is silent ends the process in time', async () => {
    const proxy = await startTcpProxy(database.url);
    const service = await start({ DATABASE_URL: proxy.url, HALYARD_SHUTDOWN_MS: '2000' });
    expect(await askFlags(service.url)).toSatisfy(isWhole);
    proxy.freeze();
    const asked = await sent(service, request);
    expect(await service.stop()).toEqual({ code: 0, err: '' });
    // Its facts did not come, or the time was over before that was known.
    expect(statusOf(await asked.end)).toMatch(/^HTTP\/1\.1 (200|503)$/);
    await proxy.refuse();
  });

  it('H215: after a stop signal the probe says so for as long as the settings want, and requests are still answered', async () => {
    const env = { DATABASE_URL: database.url, HALYARD_DRAIN_MS: '60000', HALYARD_SHUTDOWN_MS: '120000' };
    const service = await start(env);
    service.child.kill('SIGTERM');
    const readiness = () => fetch(`${service.url}/_readiness`).then((response) => response.text());
    await expect.poll(readiness, { timeout: 30_000 }).toBe('shutting down');
    expect(await askFlags(service.url)).toSatisfy(isWhole);
    // Asked again, later than a signal to the whole group could arrive twice, it ends at once.
    const again = setInterval(() => service.child.kill('SIGTERM'), 200);
    await service.ended;
    clearInterval(again);
    expect(service.child.signalCode).toBe('SIGTERM');
  });

  it('a hangup ends nothing', async () => {
    const service = await start({ DATABASE_URL: database.url });
    service.child.kill('SIGHUP');
    await expect.poll(() => service.out, { timeout: 30_000 }).toContain('SIGHUP is ignored');
    expect(await askFlags(service.url)).toSatisfy(isWhole);
    expect(await service.stop()).toEqual({ code: 0, err: '' });
  });
});
