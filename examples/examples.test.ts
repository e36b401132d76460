import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createTestDatabase, type TestDatabase } from '@halyard/data/testing';
import { createLog, readSettings, type Service, startService } from '@halyard/service';
import { fromLocalEvaluation, ProjectWriter } from 'halyard/host';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

/*
 * Every example runs as it stands, against a real database or service with its flags on. Those in Python are run by
 * python/tests/test_examples.py.
 */

const here = fileURLToPath(new URL('.', import.meta.url));
const token = 'phc_examples';
const onFor = (key: string, value: string, more: object = {}) => ({
  groups: [{ properties: [{ key, type: 'person', operator: 'exact', value: [value] }], rollout_percentage: 100 }],
  ...more,
});
const flags = [
  { id: 1, key: 'new-checkout', active: true, filters: onFor('signed_in', 'true') },
  {
    id: 2,
    key: 'button-colour',
    active: true,
    // A stored property: the example has to ask the database.
    filters: onFor('plan', 'pro', { multivariate: { variants: [{ key: 'green', rollout_percentage: 100 }] } }),
  },
];

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  const writer = await ProjectWriter.open(database.url);
  await writer.importDefinitions(fromLocalEvaluation({ flags }), {
    token,
    facts: { persons: [{ distinctIds: ['ada'], properties: { plan: 'pro' } }] },
  });
  await writer.close();
});
afterAll(() => database.drop());

it('Express: flags in the process, from the database', async () => {
  const env = { ...process.env, DATABASE_URL: database.url, HALYARD_TOKEN: token, PORT: '0' };
  const child = spawn(process.execPath, ['express/server.js'], {
    cwd: here,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let address = '';
  for await (address of createInterface({ input: child.stdout })) break;
  const ask = async (user: string): Promise<unknown> => (await fetch(`${address}/checkout/${user}`)).json();
  expect(await ask('ada')).toEqual({ checkout: 'new', colour: 'green' });
  expect(await ask('bob')).toEqual({ checkout: 'new', colour: false });
  child.kill('SIGTERM');
  expect((await once(child, 'exit'))[0]).toBe(0);
});

it('Next.js: flags in a route handler, from the service', async () => {
  const settings = readSettings({ DATABASE_URL: database.url, PORT: '0', LOG_LEVEL: 'silent' });
  const service: Service = await startService(settings, { log: createLog('silent', 2), onProgress: () => undefined });
  vi.stubEnv('HALYARD_URL', service.url);
  vi.stubEnv('HALYARD_TOKEN', token);
  try {
    // The handler is a function of a request; Next.js itself would be a hundred times the size of all examples.
    const { GET } = await import('./nextjs/app/checkout/route.ts');
    const ask = async (query: string): Promise<unknown> =>
      (await GET(new Request(`http://shop/checkout${query}`))).json();
    expect(await ask('?user=ada')).toEqual({ checkout: 'new', colour: 'green' });
    expect(await ask('?user=bob')).toEqual({ checkout: 'new', colour: false });
    expect(await ask('')).toEqual({ error: 'user is missing' });
  } finally {
    vi.unstubAllEnvs();
    await service.close();
  }
});
