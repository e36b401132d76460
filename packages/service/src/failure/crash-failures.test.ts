import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { demoRequest } from '../demo/demo.ts';
import { type ServiceProcess, serviceProcesses } from './service-process.cases.ts';

/** At how many moments everything is killed. More are for somebody who wants to be sure. */
const moments = Number(process.env['HALYARD_TEST_CRASHES'] ?? 12);

/** Each folder is used for as many starts. */
const startsPerFolder = 4;

describe.skipIf(process.platform !== 'linux')('a service on its own database', () => {
  const start = serviceProcesses();
  const folders: string[] = [];

  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  function newFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'halyard-crash-'));
    folders.push(folder);
    return folder;
  }

  const settingsOf = (folder: string) => ({ HALYARD_DATA_DIR: join(folder, 'db'), HALYARD_MIGRATE: 'true' });

  it('killed at any moment, it serves at the next start, and nothing that was acknowledged is missing', {
    timeout: 60_000 + moments * 30_000,
  }, async () => {
    let folder = newFolder();
    let known: string[] = [];
    let startMs = 2_000;
    for (let moment = 0; moment < moments; moment += 2) {
      if (moment % startsPerFolder === 0) {
        folder = newFolder();
        known = [];
      }
      // During a start: the first one of a folder makes the data, the database, the tables and the demo project.
      const dying = start.begin(settingsOf(folder));
      await pause(Math.random() * startMs);
      await killAll(dying, folder, Math.random() < 0.5);

      const from = performance.now();
      const service = await start(settingsOf(folder));
      startMs = performance.now() - from;
      expect(await valueOf(service, demoRequest.token)).toBe(200);
      for (const token of known) expect([token, await valueOf(service, token)]).toEqual([token, 200]);

      // During an import, at the beginning of which another one is done.
      const token = `phc_crash_${moment}`;
      const first = start.begin(settingsOf(folder), importing(folder, token));
      expect([await first.ended, first.err]).toEqual([0, '']);
      known.push(token);
      const second = start.begin(settingsOf(folder), importing(folder, `${token}_late`));
      await pause(Math.random() * 1_000);
      second.child.kill('SIGKILL');
      await killAll(service, folder, Math.random() < 0.5);
    }
    const service = await start(settingsOf(folder));
    for (const token of known) expect([token, await valueOf(service, token)]).toEqual([token, 200]);
    expect(await service.stop()).toEqual({ code: 0, err: '' });
  });

  it('H220: stopped as soon as somebody can read that it listens, it ends in order', { timeout: 60_000 }, async () => {
    const folder = newFolder();
    for (let times = 0; times < 3; times++) {
      const service = await start(settingsOf(folder));
      expect(await service.stop()).toEqual({ code: 0, err: '' });
    }
  });
});

const definitions = {
  flags: [{ id: 1, key: 'kept', active: true, filters: { groups: [{ rollout_percentage: 100 }] } }],
};

function importing(folder: string, token: string): readonly string[] {
  const file = join(folder, 'definitions.json');
  writeFileSync(file, JSON.stringify(definitions));
  return ['import', file, '--token', token];
}

/** The status of an answer about a project. */
async function valueOf({ url }: ServiceProcess, token: string): Promise<number> {
  const body = JSON.stringify({ token, distinct_id: 'ada' });
  return (await fetch(`${url}/flags?v=2`, { method: 'POST', body })).status;
}

/** Kills the service, and its database with it or not, which then has to find out itself. */
async function killAll({ child, ended }: ServiceProcess, folder: string, database: boolean): Promise<void> {
  const servers = database ? processesIn(folder) : [];
  child.kill('SIGKILL');
  for (const pid of servers) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
  await ended;
}

/** Processes that work in this folder: PostgreSQL's. */
function processesIn(folder: string): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        return (
          readlinkSync(`/proc/${pid}/cwd`).startsWith(folder) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== ''
        );
      } catch {
        return false;
      }
    });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
