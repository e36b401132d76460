import { ask, type ReplicatedPostgres, startReplica, startTcpProxy } from '@halyard/data/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newPerson, person, visitor, writeProject } from './flags-project.cases.ts';
import { serviceProcesses } from './service-process.cases.ts';
import { askFlags, isWhole, Traffic } from './traffic.cases.ts';

/** So late that no test sees it. */
const FAR_BEHIND_MS = 3_600_000;

describe('the service while its replica fails', () => {
  const start = serviceProcesses();
  let servers: ReplicatedPostgres;
  let traffic: Traffic | undefined;

  beforeAll(async () => {
    servers = await startReplica();
    await writeProject(servers.primary);
    await servers.caughtUp();
  });

  afterEach(async () => {
    await traffic?.stop();
    traffic = undefined;
  });

  afterAll(() => servers.stop());

  it('D36: with a replica far behind, nobody who signs in sees another variant, at any process', async () => {
    const urls = { DATABASE_URL: servers.primary, READ_DATABASE_URL: servers.replica };
    const [one, other] = await Promise.all([start(urls), start(urls)]);
    await servers.delay(FAR_BEHIND_MS);
    traffic = new Traffic(one.url);
    // `kept` is on for the visitor, and would be off for the new person's own id.
    expect(await askFlags(one.url, { distinct_id: newPerson, $anon_distinct_id: visitor })).toSatisfy(isWhole);
    expect(await askFlags(one.url, { distinct_id: newPerson })).toSatisfy(isWhole);
    // The other process notices that the replica is behind within a second, or two while the servers are busy.
    await expect.poll(() => askFlags(other.url, { distinct_id: newPerson }), { timeout: 5_000 }).toSatisfy(isWhole);
    for (let i = 0; i < 20; i++) {
      expect(await askFlags(other.url, { distinct_id: newPerson })).toSatisfy(isWhole);
      expect(await askFlags(one.url, { distinct_id: newPerson })).toSatisfy(isWhole);
    }
    await traffic.stop();
    expect(traffic.wrong).toEqual([]);
    expect(traffic.codes).toEqual([]);
    expect([await one.stop(), await other.stop()]).toEqual([
      { code: 0, err: '' },
      { code: 0, err: '' },
    ]);
    const keyOfNewPerson = `select hash_key from posthog_featureflaghashkeyoverride k
      join posthog_persondistinctid d on d.person_id = k.person_id where d.distinct_id = '${newPerson}'`;
    expect(await ask(servers.primary, keyOfNewPerson)).toEqual([visitor]);
    expect(await ask(servers.replica, keyOfNewPerson)).toEqual([]);
    await servers.delay(0);
    await servers.caughtUp();
  });

  it('rule 7: with the primary gone, everything that is only read is right', async () => {
    const primary = await startTcpProxy(servers.primary);
    const service = await start({ DATABASE_URL: primary.url, READ_DATABASE_URL: servers.replica });
    traffic = new Traffic(service.url);
    expect(await traffic.healthy()).toBe(true);
    await primary.refuse();
    expect(await askFlags(service.url, { distinct_id: person })).toSatisfy(isWhole);
    const before = traffic.answers.length;
    await expect.poll(() => (traffic?.answers.length ?? 0) > before + 50).toBe(true);
    await primary.accept();
    expect(await traffic.healthy()).toBe(true);
    await traffic.stop();
    expect(traffic.wrong).toEqual([]);
    expect(traffic.codes).toEqual([]);
    expect(await service.stop()).toEqual({ code: 0, err: '' });
    await primary.refuse();
  });
});
