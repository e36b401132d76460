import { createTestDatabase, startTcpProxy, type TestDatabase, waitUntil } from '@halyard/data/testing';
import { PostHog } from 'posthog-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventTraffic } from './event-traffic.cases.ts';
import { token, writeProject } from './flags-project.cases.ts';
import { type ServiceProcess, serviceProcesses } from './service-process.cases.ts';
import { askFlags, isWhole } from './traffic.cases.ts';

describe('events while something is broken', () => {
  const start = serviceProcesses();
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase();
    await writeProject(database.url);
  });

  afterEach(() => database.drop());

  const more = async (traffic: EventTraffic): Promise<void> => {
    const from = traffic.acknowledged;
    await waitUntil(() => traffic.acknowledged >= from + 12);
    expect(traffic.acknowledged).toBeGreaterThanOrEqual(from + 12);
  };

  it('I172, I175: events wait while PostgreSQL is away or silent, and each that was acknowledged has had its effect once', async () => {
    const proxy = await startTcpProxy(database.url);
    const service = await start({ DATABASE_URL: proxy.url });
    const client = new PostHog(token, { host: service.url, flushAt: 1 });
    const failures: unknown[] = [];
    client.on('error', (error: unknown) => failures.push(error));
    const traffic = new EventTraffic(() => service.url);
    await more(traffic);
    await proxy.refuse();
    client.identify({ distinctId: 'of-an-sdk', properties: { plan: 'pro' } });
    await waitUntil(() => service.out.includes('they wait for the database'));
    expect((await askFlags(service.url, { person_properties: { plan: 'pro' } })).status).toBe(200);
    await proxy.accept();
    await more(traffic);
    // Nobody was told to come again.
    expect([...traffic.statuses.keys()]).toEqual([200]);
    proxy.freeze();
    await new Promise((resolve) => void setTimeout(resolve, 1_500));
    proxy.thaw();
    await more(traffic);
    proxy.cut();
    await more(traffic);
    await traffic.stop();
    await client.shutdown();
    expect(failures).toEqual([]);
    expect(await traffic.wrong(database.url)).toEqual([]);
    expect(await service.stop()).toEqual({ code: 0, err: '' });
    await proxy.refuse();
  });

  it('scenario 81: in a long outage events get 503 with Retry-After, and flags are answered as ever', async () => {
    const proxy = await startTcpProxy(database.url);
    const env = { DATABASE_URL: proxy.url, READ_DATABASE_URL: database.url, HALYARD_INGEST_HOLD_MS: '200' };
    const service = await start({ ...env, PERSONS_READ_DATABASE_URL: database.url });
    const traffic = new EventTraffic(() => service.url);
    await more(traffic);
    await proxy.refuse();
    await waitUntil(() => (traffic.statuses.get(503) ?? 0) > 20);
    expect(await askFlags(service.url)).toSatisfy(isWhole);
    const body = JSON.stringify({ api_key: token, batch: [{ event: '$set', distinct_id: 'n', $set: { a: 1 } }] });
    const answer = await fetch(`${service.url}/batch`, { method: 'POST', body });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '30']);
    await proxy.accept();
    await more(traffic);
    await traffic.stop();
    expect(new Set(traffic.statuses.keys())).toEqual(new Set([200, 503]));
    expect(await traffic.wrong(database.url)).toEqual([]);
    await service.stop();
    await proxy.refuse();
  });

  it('scenarios 77, 78, 85: a service that is killed or stopped while it stores events loses none that it acknowledged, and does none twice', async () => {
    const begin = (): Promise<ServiceProcess> => start({ DATABASE_URL: database.url });
    let service = await begin();
    const traffic = new EventTraffic(() => service.url);
    await more(traffic);
    service.child.kill('SIGKILL');
    await service.ended;
    service = await begin();
    await more(traffic);
    const ended = service.stop();
    const next = await begin();
    expect(await ended).toEqual({ code: 0, err: '' });
    service = next;
    await more(traffic);
    await traffic.stop();
    expect(await traffic.wrong(database.url)).toEqual([]);
    expect((await service.stop()).code).toBe(0);
  });
});
