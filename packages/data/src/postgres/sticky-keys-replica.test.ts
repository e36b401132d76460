import type { FactPlan } from '@halyard/engine';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ProjectWriter } from '../import/project-writer.ts';
import { ask } from '../testing/ask.ts';
import { type ReplicatedPostgres, startReplica } from '../testing/replica.ts';
import { startTcpProxy } from '../testing/tcp-proxy.ts';
import { waitUntil } from '../testing/wait-until.ts';
import type { Executor } from './executor.ts';
import { PostgresStore } from './postgres-store.ts';
import { createRouter } from './router.ts';

/** So late that no test sees it. */
const farBehindMs = 3_600_000;

describe('sticky keys while the reader lags', () => {
  let servers: ReplicatedPostgres;
  let teamId = 0;
  const errors: unknown[] = [];
  const closers: (() => Promise<unknown>)[] = [];
  let importer: ProjectWriter;

  beforeAll(async () => {
    servers = await startReplica();
    importer = await ProjectWriter.open(servers.primary);
  });

  afterAll(async () => {
    await Promise.all(closers.map((close) => close()));
    await importer.close();
    await servers.stop();
  });

  beforeEach(async () => {
    errors.length = 0;
    await servers.delay(0);
    const definitions = { teamId: 0, flags: [], cohorts: [], groupTypeMapping: {} };
    const facts = { persons: ['ann', 'visitor'].map((id) => ({ distinctIds: [id], properties: {} })) };
    ({ teamId } = await importer.importDefinitions(definitions, { token: `token-${teamId}`, facts }));
    await servers.caughtUp();
    await servers.delay(farBehindMs);
  });

  interface Process {
    /** The stored key of the flag `kept` that a request gets. */
    sees(distinctId: string, anonDistinctId?: string): Promise<string | undefined>;
    /** Statements that went to the writer, but for looks at the schema. */
    readonly atWriter: string[];
  }

  /** A service process of its own: what one remembers, another does not know. */
  function startProcess(writerUrl = servers.primary): Process {
    const router = createRouter({
      write: writerUrl,
      personsRead: servers.replica,
      personsWrite: writerUrl,
    });
    const { personsWriter } = router;
    closers.push(router.close);
    const atWriter: string[] = [];
    const writer: Executor = {
      pool: personsWriter.pool,
      query(statement) {
        if (!statement.text.includes('pg_attribute')) atWriter.push(statement.text);
        return personsWriter.query(statement);
      },
    };
    const { facts: source } = new PostgresStore({
      ...router,
      personsWriter: writer,
      readerMayLag: true,
      onError: (error) => errors.push(error),
    });
    return {
      atWriter,
      async sees(distinctId, anonDistinctId) {
        const write = anonDistinctId === undefined ? null : { flagKeys: ['kept'], hashKey: anonDistinctId };
        const plan: FactPlan = {
          teamId,
          distinctId,
          person: { keys: [], createdAt: false },
          groups: [],
          staticCohorts: [],
          stickyKeys: { anonDistinctId: anonDistinctId ?? null, write },
        };
        const { stickyKeys } = await source.load(plan);
        if (stickyKeys === null || 'failed' in stickyKeys) throw new Error('sticky keys failed');
        return stickyKeys.get('kept');
      },
    };
  }

  const storedKeys = () =>
    ask(servers.primary, `select hash_key from posthog_featureflaghashkeyoverride where team_id = ${teamId}`);

  it('D36: the process that stored a key goes on giving it', async () => {
    const process = startProcess();
    expect(await process.sees('ann', 'visitor')).toBe('visitor');
    expect(await process.sees('ann')).toBe('visitor');
    expect(await process.sees('ann', 'visitor')).toBe('visitor');
    expect(errors).toEqual([]);
  });

  it('D66: another anonymous id does not replace a key that the reader does not show', async () => {
    const [one, other] = [startProcess(), startProcess()];
    expect(await one.sees('ann', 'visitor')).toBe('visitor');
    expect(await other.sees('ann', 'second visit')).toBe('visitor');
    expect(await other.sees('ann')).toBe('visitor');
    expect(new Set(await storedKeys())).toEqual(new Set(['visitor']));
  });

  it('every other process gives the key as soon as the lag is noticed', async () => {
    expect(await startProcess().sees('ann', 'visitor')).toBe('visitor');
    const other = startProcess();
    await waitUntil(async () => (await other.sees('ann')) === 'visitor');
    expect(await other.sees('ann')).toBe('visitor');
  });

  it('D70: a person that the reader does not know yet gets its key', async () => {
    await ask(
      servers.primary,
      `with p as (insert into posthog_person (team_id) values (${teamId}) returning id)
       insert into posthog_persondistinctid (team_id, distinct_id, person_id) select ${teamId}, 'new', id from p`,
    );
    const process = startProcess();
    expect(await process.sees('new', 'never seen')).toBe('never seen');
    expect(await process.sees('new')).toBe('never seen');
    expect(await storedKeys()).toEqual(['never seen']);
  });

  it('a merge that the reader does not know of leaves the key of the person that survived', async () => {
    await ask(
      servers.primary,
      `insert into posthog_featureflaghashkeyoverride (team_id, person_id, feature_flag_key, hash_key)
       select team_id, person_id, 'kept', 'older' from posthog_persondistinctid where team_id = ${teamId} and distinct_id = 'visitor'`,
      `update posthog_persondistinctid d set person_id = v.person_id from posthog_persondistinctid v
        where d.team_id = ${teamId} and d.distinct_id = 'ann' and v.team_id = d.team_id and v.distinct_id = 'visitor'`,
      `delete from posthog_person p where team_id = ${teamId}
          and not exists (select from posthog_persondistinctid d where d.team_id = p.team_id and d.person_id = p.id)`,
    );
    const process = startProcess();
    expect(await process.sees('ann', 'visitor')).toBe('older');
    expect(await process.sees('ann')).toBe('older');
    expect(await storedKeys()).toEqual(['older']);
  });

  it('D70: a person deleted meanwhile gets no key, and leaves no orphan', async () => {
    await ask(servers.primary, `delete from posthog_person where team_id = ${teamId}`);
    expect(await startProcess().sees('ann', 'visitor')).toBe(undefined);
    expect(await storedKeys()).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('rule 7: with the writer gone too, a key seen before is still given', async () => {
    const proxy = await startTcpProxy(servers.primary);
    const process = startProcess(proxy.url);
    expect(await process.sees('ann', 'visitor')).toBe('visitor');
    await proxy.refuse();
    expect(await process.sees('ann')).toBe('visitor');
  });

  it('a reader that has caught up is believed, and the writer left alone', async () => {
    const process = startProcess();
    expect(await process.sees('ann', 'visitor')).toBe('visitor');
    await servers.delay(0);
    await servers.caughtUp();
    const other = startProcess();
    await waitUntil(async () => {
      const before = other.atWriter.length;
      return (await other.sees('ann')) === 'visitor' && other.atWriter.length === before;
    });
    const asked = other.atWriter.length;
    expect(await other.sees('ann')).toBe('visitor');
    expect(await other.sees('ann', 'visitor')).toBe('visitor');
    expect(other.atWriter).toHaveLength(asked);
  });
});
