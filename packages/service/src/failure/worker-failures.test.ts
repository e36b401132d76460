import { readFileSync, rmSync, writeFileSync, mkdtempSync } from 'node:fs';
import { Agent } from 'node:http';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, createTestDatabase, type TestDatabase, waitUntil } from '@halyard/data/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { writeProject } from './flags-project.cases.ts';
import { type ServiceProcess, serviceProcesses } from './service-process.cases.ts';
import { type Answer, askFlags, isWhole, Traffic } from './traffic.cases.ts';

/** How many workers are killed, one after the other, and what the pause between two is. Others are for somebody who wants to be sure. */
const kills = Number(process.env['HALYARD_TEST_KILLS'] ?? 6);
const killPauseMs = Number(process.env['HALYARD_TEST_KILL_PAUSE_MS'] ?? 300);

describe.skipIf(process.platform !== 'linux')('a service of several workers', () => {
  const start = serviceProcesses();
  const agents: Agent[] = [];
  let database: TestDatabase;
  let folder: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    await writeProject(database.url);
    folder = mkdtempSync(join(tmpdir(), 'halyard-workers-'));
  });

  afterEach(() => {
    for (const made of agents.splice(0)) made.destroy();
  });

  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await database.drop();
  });

  function startWorkers(env: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
    const all = { DATABASE_URL: database.url, HALYARD_WORKERS: '2', HALYARD_METRICS: 'true', LOG_LEVEL: 'info' };
    return start({ ...all, ...env });
  }

  /** Keeps connections open, or opens one for each request. */
  function agent(keepAlive: boolean): Agent {
    const made = new Agent({ keepAlive });
    agents.push(made);
    return made;
  }

  it('a worker killed again and again costs nobody more than the request it was answering', {
    timeout: 60_000 + kills * (2 * killPauseMs + 5_000),
  }, async () => {
    const service = await startWorkers();
    const clients = [true, true, true, true, false, false].map((keeps) => new Client(service.url, agent(keeps)));
    for (let kill = 0; kill < kills; kill++) {
      expect(await allAnswered(clients)).toBe(true);
      await pause(killPauseMs * Math.random() * 2);
      const workers = workersOf(service);
      process.kill(workers[Math.floor(Math.random() * workers.length)] ?? 0, 'SIGKILL');
    }
    expect(await allAnswered(clients)).toBe(true);
    await Promise.all(clients.map((client) => client.stop()));
    for (const { answers } of clients) {
      const lost = answers.map(({ status }, at) => (status === 200 ? -1 : at)).filter((at) => at >= 0);
      // What fails was cut, not answered with an error; and nothing fails but for a kill.
      expect(lost.filter((at) => answers[at]?.status !== 0)).toEqual([]);
      expect(lost.length).toBeLessThanOrEqual(kills);
      expect(answers.filter(({ status }) => status === 200).every(isWhole)).toBe(true);
    }
    await waitUntil(() => workersOf(service).length === 2);
    expect(await service.stop()).toEqual({ code: 0, err: '' });
    expect(service.out).toContain('a worker died and is started again');
  });

  it('a hangup under load exchanges the workers for ones with new settings, and no request is lost', async () => {
    const file = join(folder, 'settings');
    writeFileSync(file, 'HALYARD_WORKERS=2\nHALYARD_NEIGHBOURS=false\n');
    const service = await startWorkers({ HALYARD_ENV_FILE: file, HALYARD_WORKERS: '', HALYARD_INGEST: 'off' });
    const before = workersOf(service);
    const traffic = [new Traffic(service.url, 4), new Client(service.url, agent(false))] as const;
    expect(await statusOf(`${service.url}/batch`)).toBe(404);

    writeFileSync(file, 'HALYARD_WORKERS=many\n');
    service.child.kill('SIGHUP');
    await service.prints('the settings cannot be used; the old ones stay');
    expect(service.out).toContain('HALYARD_WORKERS must be a whole number from 1 to 256, or auto');

    writeFileSync(file, 'HALYARD_WORKERS=3\nHALYARD_NEIGHBOURS=true\nHOST=0.0.0.0\nPORT=1\n');
    service.child.kill('SIGHUP');
    await service.prints('all workers have been exchanged');
    expect(service.out).toContain('"settings":["host"],"msg":"these settings change with a restart only"');
    expect(await statusOf(`${service.url}/batch`)).toBe(200);
    const after = workersOf(service);
    expect(after).toHaveLength(3);
    expect(after.filter((pid) => before.includes(pid))).toEqual([]);
    await waitUntil(() => service.out.includes('"worker":3,'));
    await Promise.all(traffic.map((one) => one.stop()));
    expect(traffic[0].wrong).toEqual([]);
    expect(traffic[1].answers.filter((answer) => !isWhole(answer))).toEqual([]);

    // Whatever has been asked, of workers that have gone too, is in one sum. Events are not counted.
    const asked = traffic[0].answers.length + traffic[1].answers.length;
    const text = await (await fetch(`${service.url}/metrics`)).text();
    expect(text).toContain(`flags_requests_total{status="200"} ${asked}\n`);
    expect(text).toContain('\nhalyard_workers 3\n');
    const workers = new Set(service.lines.filter(({ http_status }) => http_status === 200).map(({ worker }) => worker));
    expect(workers).toEqual(new Set([1, 2, 3]));
    expect(await service.stop()).toEqual({ code: 0, err: '' });
  });

  it('there are as many as there are processors, which share the connections to the database, and one schema line', async () => {
    const service = await startWorkers({ HALYARD_WORKERS: 'auto', HALYARD_ENV_FILE: '', HALYARD_PROBE_PORT: '0' });
    expect((await fetch(`${service.probesUrl}/_readiness`)).status).toBe(200);
    const count = availableParallelism();
    expect(workersOf(service)).toHaveLength(count);
    const traffic = new Traffic(service.url, 4 * count);
    expect(await traffic.healthy()).toBe(true);
    const sql = `select count(*)::int from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
    // One for what they ask and one for notices each.
    expect(Number((await ask(database.url, sql))[0])).toBeLessThanOrEqual(2 * count);
    await traffic.stop();
    expect(service.lines.filter(({ msg }) => msg?.startsWith('found the tables'))).toHaveLength(1);
    expect(await service.stop()).toEqual({ code: 0, err: '' });
  });

  it('H220: a stop signal ends all in time, whatever hangs', async () => {
    const service = await startWorkers({ HALYARD_SHUTDOWN_MS: '1500' });
    const workers = workersOf(service);
    process.kill(workers[0] ?? 0, 'SIGSTOP');
    const from = performance.now();
    expect(await service.stop()).toEqual({ code: 0, err: '' });
    expect(performance.now() - from).toBeLessThan(1_500 + 2_000);
    expect(workers.filter((pid) => isThere(pid))).toEqual([]);
  });

  it('workers end when the primary is killed, and the port is free', async () => {
    const service = await startWorkers();
    const workers = workersOf(service);
    service.child.kill('SIGKILL');
    await waitUntil(() => workers.every((pid) => !isThere(pid)));
    const next = await startWorkers({ PORT: new URL(service.url).port });
    expect(await askFlags(next.url)).toSatisfy(isWhole);
    expect(await next.stop()).toEqual({ code: 0, err: '' });
  });
});

/** Asks one request after the other. */
class Client {
  readonly answers: Answer[] = [];
  readonly #done: Promise<void>;
  #stopped = false;

  constructor(url: string, agent: Agent) {
    this.#done = this.#ask(url, agent);
  }

  async #ask(url: string, agent: Agent): Promise<void> {
    while (!this.#stopped) {
      this.answers.push(await askFlags(url, {}, agent));
      await pause(2);
    }
  }

  /** Waits for a right answer to a request of now; false when none comes. */
  async nextWhole(): Promise<boolean> {
    const from = this.answers.length + 1;
    const hasCome = (): boolean => this.answers.slice(from).some((answer) => isWhole(answer));
    await waitUntil(hasCome);
    return hasCome();
  }

  stop(): Promise<void> {
    this.#stopped = true;
    return this.#done;
  }
}

async function allAnswered(clients: readonly Client[]): Promise<boolean> {
  return (await Promise.all(clients.map((client) => client.nextWhole()))).every(Boolean);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Process ids of the workers that run. */
function workersOf({ child }: ServiceProcess): readonly number[] {
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
  return children === '' ? [] : children.split(' ').map(Number).filter(isThere);
}

/** Whether a process runs; one that is dead and not collected does not. */
function isThere(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
}

async function statusOf(url: string): Promise<number> {
  return (await fetch(url, { method: 'POST', body: '{}' })).status;
}
