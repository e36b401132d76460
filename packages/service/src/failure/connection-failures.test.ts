import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { createTestDatabase, holdTransaction, type TestDatabase } from '@halyard/data/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askForPerson, token, writeProject } from './flags-project.cases.ts';
import { serviceProcesses } from './service-process.cases.ts';
import { askFlags, isWhole } from './traffic.cases.ts';

describe('the service and many connections', () => {
  const start = serviceProcesses();
  const sockets: Socket[] = [];
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase();
    await writeProject(database.url);
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await database.drop();
  });

  async function connected(url: string): Promise<Socket> {
    const { port, hostname } = new URL(url);
    const socket = connect(Number(port), hostname);
    sockets.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  }

  it('too few file descriptors are one line, and the database finds one all the same', async () => {
    const service = await start({ DATABASE_URL: database.url }, 150);
    const opened = await Promise.all(Array.from({ length: 200 }, () => connected(service.url)));
    // Read, so that their end is seen.
    for (const socket of opened) socket.resume();
    await expect.poll(() => opened.filter(({ closed }) => closed).length, { timeout: 30_000 }).toBeGreaterThan(50);
    const kept = opened.find(({ closed }) => !closed) as Socket;
    const body = JSON.stringify({ token, ...askForPerson });
    let answer = '';
    kept.on('data', (chunk) => (answer += String(chunk)));
    kept.write(`POST /flags?v=2 HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    await expect.poll(() => answer, { timeout: 30_000 }).toContain('"errorsWhileComputingFlags":false');
    for (const socket of opened) socket.destroy();
    await expect.poll(() => askFlags(service.url), { timeout: 30_000 }).toSatisfy(isWhole);
    expect(await service.stop()).toEqual({ code: 0, err: '' });
    const lines = service.warnings.map(({ msg }) => msg);
    expect(new Set(lines).size).toBe(1);
    expect(lines[0]).toMatch(/^connections are refused; let the process open more files/);
  });

  it('clients that send and do not read get no larger share, and cost nobody else an answer', async () => {
    // Time enough for whatever the machine does meanwhile.
    const service = await start({ DATABASE_URL: database.url, HALYARD_QUEUE_MS: '60000' });
    expect(await askFlags(service.url)).toSatisfy(isWhole);
    const body = JSON.stringify({ token, ...askForPerson });
    const request = `POST /flags?v=2 HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    const flood = await Promise.all(Array.from({ length: 100 }, () => connected(service.url)));
    for (const socket of flood) socket.pause().write(request.repeat(1_000));
    for (let i = 0; i < 5; i++) expect(await askFlags(service.url)).toSatisfy(isWhole);
    // They are still at it: who came later was served before them.
    const answered = service.out.split('canonical_log_line').length - 1;
    expect(answered).toBeLessThan(50_000);
  });

  it('H30, H37a: a request as large as may be holds up nobody', async () => {
    const service = await start({ DATABASE_URL: database.url });
    expect(await askFlags(service.url)).toSatisfy(isWhole);
    const small = JSON.stringify({ token, ...askForPerson });
    const large = gzipSync(JSON.stringify({ token, distinct_id: 'large', other: 'é'.repeat(2_000_000) }));
    const [ordinary, heavy] = await Promise.all([connected(service.url), connected(service.url)]);
    let answer = '';
    heavy.on('data', (chunk) => (answer += String(chunk)));
    heavy.write(`POST /flags?v=2 HTTP/1.1\r\nhost: a\r\ncontent-length: ${large.length}\r\n\r\n`);
    heavy.write(large.subarray(0, -1));
    // Stopped, it finds everything there at once, whatever this process is busy with.
    service.child.kill('SIGSTOP');
    heavy.write(large.subarray(-1));
    ordinary
      .resume()
      .write(`POST /flags?v=2 HTTP/1.1\r\nhost: a\r\ncontent-length: ${small.length}\r\n\r\n${small}`.repeat(100));
    service.child.kill('SIGCONT');
    await expect.poll(() => answer, { timeout: 30_000 }).toContain('"errorsWhileComputingFlags":false');
    await expect.poll(() => service.out, { timeout: 30_000 }).toContain('"distinct_id":"large"');
    const before = service.out.slice(0, service.out.indexOf('"distinct_id":"large"'));
    expect(before.split('canonical_log_line').length - 2).toBeGreaterThan(5);
    await service.stop();
  });

  it('H219 (R): a rush of connections waits where it is seen, and the surplus is refused', async () => {
    // So short that even a fast machine cannot answer all of them in time.
    const service = await start({ DATABASE_URL: database.url, HALYARD_QUEUE_MS: '10', HALYARD_PROBE_PORT: '0' });
    const body = JSON.stringify({ token, ...askForPerson });
    const request = `POST /flags?v=2 HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    const early = await Promise.all(Array.from({ length: 800 }, () => connected(service.url)));
    // Stopped, it has the requests of those that it took, and others in the system's backlog, all at once.
    service.child.kill('SIGSTOP');
    const late = await Promise.all(Array.from({ length: 200 }, () => connected(service.url)));
    const rush = [...early, ...late];
    const answers = rush.map(async (socket) => {
      let text = '';
      socket.on('data', (chunk) => (text += String(chunk))).write(request);
      // Not `once` of node:events, which rejects for a connection that is reset.
      await new Promise<void>((resolve) => {
        socket.once('close', () => resolve());
      });
      return text.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length) || 'closed';
    });
    service.child.kill('SIGCONT');
    // On a port of their own, probes do not wait with the others, nor are they among those that are closed.
    for (let i = 0; i < 20; i++) expect((await fetch(`${service.probesUrl}/_readiness`)).status).toBe(200);
    const statuses = await Promise.all(answers);
    expect(statuses.filter((status) => !['200', '504', 'closed'].includes(status))).toEqual([]);
    expect(statuses).toContain('200');
    expect(statuses).toContain('504');
    await expect.poll(() => askFlags(service.url), { timeout: 30_000 }).toSatisfy(isWhole);
    expect((await fetch(`${service.url}/_liveness`)).status).toBe(200);
    await service.stop();
  });

  it('H43: a flood of unknown tokens shares statements', async () => {
    // Time enough for whatever the machine does meanwhile.
    const service = await start({
      DATABASE_URL: database.url,
      READ_ACQUIRE_TIMEOUT_MS: '60000',
      READ_STATEMENT_TIMEOUT_MS: '60000',
      HALYARD_REQUEST_TIMEOUT_MS: '120000',
      HALYARD_METRICS: 'true',
      HALYARD_UNKNOWN_PER_SECOND: '60',
    });
    expect(await askFlags(service.url)).toSatisfy(isWhole);
    const statements = async (): Promise<number> => {
      const text = await (await fetch(`${service.url}/metrics`)).text();
      return [...text.matchAll(/^halyard_statements_total\{.*\} (\d+)$/gm)].reduce(
        (sum, [, count]) => sum + Number(count),
        0,
      );
    };
    const before = await statements();
    const release = await holdTransaction(database.url, 'lock table posthog_team in access exclusive mode');
    const ask = (i: number) => askFlags(service.url, { token: `nobody ${i}` });
    const flood = Array.from({ length: 300 }, (_, i) => ask(i));
    // Whoever connects later is let in later, and a request is read a turn after that.
    for (let i = 0; i < 3; i++) await fetch(`${service.url}/_liveness`, { headers: { connection: 'close' } });
    await release();
    expect(new Set((await Promise.all(flood)).map(({ status }) => status))).toEqual(new Set([401]));
    expect((await statements()) - before).toBeLessThan(30);
    // H95a: five seconds' worth are used up.
    const more = await Promise.all(Array.from({ length: 600 }, (_, i) => ask(1_000 + i)));
    const limited = more.filter(({ status }) => status === 429);
    expect(limited.length).toBeGreaterThan(0);
    expect(limited[0]).toMatchObject({
      retryAfter: '1',
      text: expect.stringContaining('rate_limit_exceeded') as string,
    });
    expect(await ask(0)).toMatchObject({ status: 401 });
    expect(await askFlags(service.url)).toSatisfy(isWhole);
    await service.stop();
  });
});
