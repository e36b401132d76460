import { createTestDatabase } from '@halyard/data/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServiceProcess, serviceProcesses } from '../failure/service-process.cases.ts';
import { type ManagedService, startManagedService } from '../manage/managed-service.cases.ts';

describe.skipIf(process.platform !== 'linux')('recent requests of several workers', () => {
  const start = serviceProcesses();
  let managed: ManagedService;
  let workers: ServiceProcess;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    const database = await createTestDatabase();
    drop = () => database.drop();
    managed = await startManagedService({}, database);
    workers = await start({ DATABASE_URL: database.url, HALYARD_WORKERS: '2' });
  });
  afterAll(async () => {
    await managed.stop();
    await drop();
  });

  it('M182: are one sample, whichever worker is asked', async () => {
    const shop = await managed.organization('Shop');
    const project = await managed.project(shop, 'First');
    const key = await managed.key(await managed.user('ada@example.com', { [shop]: 8 }));
    const send = async (path: string, json: object): Promise<unknown> => {
      // Each on a connection of its own, so that both workers get some.
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', connection: 'close' };
      const response = await fetch(`${workers.url}${path}`, { method: 'POST', headers, body: JSON.stringify(json) });
      return response.json();
    };
    const full = { groups: [{ rollout_percentage: 100 }] };
    await send(`/api/projects/${project}/feature_flags/`, {
      key: 'a',
      filters: { groups: [{ rollout_percentage: 0 }] },
    });
    for (let i = 0; i < 20; i += 1) await send('/flags?v=2', { token: `phc_${project}`, distinct_id: `u${i}` });
    const ask = () => send(`/api/halyard/projects/${project}/impact`, { flag: 'a', draft: { filters: full } });
    const answers = await Promise.all([ask(), ask(), ask()]);
    for (const answer of answers) {
      expect(answer).toMatchObject({
        sample: { subjects: 20 },
        transitions: [{ from: false, to: true, subjects: 20 }],
      });
    }
  });
});
