import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { createTestDatabase, type TestDatabase } from '@halyard/data/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askForPerson, token, writeProject } from './flags-project.cases.ts';
import { type ServiceProcess, serviceProcesses } from './service-process.cases.ts';
import { askFlags, isWhole } from './traffic.cases.ts';

/** How many connections of one request each there are at once, how many that are kept, and for how long. */
const CLIENTS = Number(process.env['HALYARD_TEST_FLOOD'] ?? 1_000);
const KEPT = Number(process.env['HALYARD_TEST_KEPT'] ?? 1_000);
const MS = Number(process.env['HALYARD_TEST_FLOOD_MS'] ?? 800);

/** The promises, in milliseconds of a machine that does nothing else. */
const PROBE_MS = 250;
const RECOVERY_MS = 1_000;

/** Asks from a thread of its own, on a new connection each time, until it is told to end; then tells how long each answer took. */
const PROBING = `
const { connect } = require('node:net');
const { parentPort, workerData } = require('node:worker_threads');
const waits = [];
let open = 0;
const timer = setInterval(() => {
  open++;
  const from = performance.now();
  const socket = connect({ host: workerData.hostname, port: Number(workerData.port) });
  let wait = Infinity;
  socket.write('GET /_liveness HTTP/1.1\\r\\nhost: a\\r\\nconnection: close\\r\\n\\r\\n');
  socket.on('data', () => { wait = Math.min(wait, performance.now() - from); });
  socket.on('error', () => undefined);
  socket.on('close', () => { open--; waits.push(wait); });
}, 25);
parentPort.once('message', () => {
  clearInterval(timer);
  const end = setInterval(() => { if (open === 0) { clearInterval(end); parentPort.postMessage(waits); } }, 5);
});`;

/** How long the main thread of a process has run, and has been kept waiting for a processor. */
function processorOf(pid: number): { ran: number; waited: number } {
  if (process.platform !== 'linux') return { ran: process.uptime(), waited: 0 };
  const [ran, waited] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ');
  return { ran: Number(ran), waited: Number(waited) };
}

/** Calls with what other work of the machine makes of a millisecond, for these processes since now. */
function slownessOf(pids: readonly number[]): () => number {
  const before = pids.map(processorOf);
  return () =>
    Math.max(
      ...pids.map((pid, i) => {
        const { ran, waited } = processorOf(pid);
        const running = ran - (before[i]?.ran ?? 0);
        return 1 + (waited - (before[i]?.waited ?? 0)) / running;
      }),
    );
}

const body = JSON.stringify({ token, ...askForPerson });
const requestText = (more: string) =>
  `POST /flags?v=2 HTTP/1.1\r\nhost: a\r\n${more}content-length: ${body.length}\r\n\r\n${body}`;

describe('the service in a flood', () => {
  const start = serviceProcesses();
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase();
    await writeProject(database.url);
  });

  afterEach(() => database.drop());

  /** Probes the port while `load` lasts; the answers' times, sorted, and by how much they are longer than on a machine that is idle. */
  async function probed(service: ServiceProcess, url: string, load: () => Promise<void>) {
    const { hostname, port } = new URL(url);
    const probing = new Worker(PROBING, { eval: true, workerData: { hostname, port } });
    const slowness = slownessOf([service.child.pid ?? 0, process.pid]);
    await load();
    const slow = slowness();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    probing.postMessage('end');
    const [waits] = (await once(probing, 'message')) as [number[]];
    await probing.terminate();
    return { waits: sorted(waits), slowness: slow };
  }

  const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
  const quantile = (of: readonly number[], share: number): number =>
    of[Math.floor((of.length - 1) * share)] ?? Number.POSITIVE_INFINITY;

  /** Clients that ask without a pause, each with a new connection every time; counts what they hear. */
  async function flood(url: string, statuses: Map<string, number>): Promise<void> {
    const { hostname, port } = new URL(url);
    const end = performance.now() + MS;
    const text = requestText('connection: close\r\n');
    const client = async (number: number): Promise<void> => {
      while (performance.now() < end) {
        const localAddress = `127.0.0.${2 + (number % 100)}`;
        const socket = connect({ host: hostname, port: Number(port), localAddress });
        let heard = '';
        socket.on('error', () => undefined).on('data', (chunk) => (heard ||= String(chunk).slice(9, 12)));
        socket.write(text);
        await new Promise((resolve) => {
          socket.once('close', resolve);
        });
        statuses.set(heard || 'closed', (statuses.get(heard || 'closed') ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
  }

  it('H219 (R): a flood of connections of one request each leaves the port for probes alone, and is over within a second', {
    timeout: 120_000,
  }, async () => {
    const service = await start({ DATABASE_URL: database.url, HALYARD_PROBE_PORT: '0' });
    expect(await askFlags(service.url)).toSatisfy(isWhole);
    const statuses = new Map<string, number>();
    const { waits, slowness } = await probed(service, service.probesUrl, () => flood(service.url, statuses));
    // Nobody waits any more, so who comes now is served like anybody, and who probes the main port as well.
    const from = performance.now();
    expect(await askFlags(service.url)).toSatisfy(isWhole);
    expect((await fetch(`${service.url}/_liveness`, { headers: { connection: 'close' } })).status).toBe(200);
    expect(performance.now() - from).toBeLessThan(RECOVERY_MS * slowness);
    expect([...statuses.keys()].filter((status) => !['200', '504', 'closed'].includes(status))).toEqual([]);
    expect(statuses.get('200')).toBeGreaterThan(0);
    expect(quantile(waits, 0.98)).toBeLessThan(PROBE_MS * slowness);
    expect(await service.stop()).toEqual({ code: 0, err: '' });
  });

  it('H219 (R): connections that come in a rush and stay are taken within a second, and so are probes behind them', {
    timeout: 120_000,
  }, async () => {
    const service = await start({ DATABASE_URL: database.url });
    expect(await askFlags(service.url)).toSatisfy(isWhole);
    const { hostname, port } = new URL(service.url);
    const text = requestText('');
    const sockets: Socket[] = [];
    let answered = 0;
    const firstHeard: number[] = [];
    const { waits, slowness } = await probed(service, service.url, async () => {
      const from = performance.now();
      const client = (): void => {
        const socket = connect({ host: hostname, port: Number(port) });
        sockets.push(socket);
        let heard = false;
        socket.on('error', () => undefined);
        socket.on('data', (chunk) => {
          if (!chunk.includes('HTTP/1.1 ')) return;
          if (!heard) firstHeard.push(performance.now() - from);
          heard = true;
          answered++;
          socket.write(text);
        });
        socket.write(text);
      };
      for (let number = 0; number < KEPT; number++) client();
      await sleep(MS);
    });
    for (const socket of sockets) socket.destroy();
    expect(answered).toBeGreaterThan(KEPT);
    expect(quantile(sorted(firstHeard), 0.95)).toBeLessThan(RECOVERY_MS * slowness);
    // Some may be closed, and wait behind the rush while it lasts.
    expect(firstHeard.length).toBeGreaterThan(KEPT * 0.8);
    expect(quantile(waits, 0.5)).toBeLessThan(PROBE_MS * slowness);
    expect(await service.stop()).toEqual({ code: 0, err: '' });
  });
});
