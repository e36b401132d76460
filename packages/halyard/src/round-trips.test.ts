import { ProjectWriter, type StoredFacts } from '@halyard/data';
import {
  ask,
  type CountingProxy,
  createTestDatabase,
  startCountingProxy,
  type TestDatabase,
} from '@halyard/data/testing';
import type { JsonValue } from '@halyard/json';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createHalyard, type EvaluationContext, type Flags, type Halyard } from './index.ts';

const flag = (id: number, key: string, filters: object, more: object = {}) => ({
  id,
  key,
  active: true,
  deleted: false,
  filters,
  ...more,
});
const everybody = { properties: [], rollout_percentage: 100 };
const byPlan = (aggregation: object = {}) => ({
  groups: [{ properties: [{ key: 'plan', value: 'pro', operator: 'exact', ...aggregation }], rollout_percentage: 100 }],
});

const plain = flag(1, 'everybody', { groups: [everybody] });
const person = flag(2, 'pro-people', byPlan({ type: 'person' }));
const group = flag(3, 'pro-companies', {
  ...byPlan({ type: 'group', group_type_index: 0 }),
  aggregation_group_type_index: 0,
});
const cohort = flag(4, 'vips', {
  groups: [{ properties: [{ key: 'id', type: 'cohort', value: 7 }], rollout_percentage: 100 }],
});
const sticky = flag(
  5,
  'sticky',
  { groups: [{ properties: [], rollout_percentage: 50 }] },
  { ensure_experience_continuity: true },
);

const wide = Object.fromEntries(
  Array.from({ length: 200 }, (_, n) => [`key-${n}`, `secret value ${n} ${'x'.repeat(20)}`]),
);
const stored: StoredFacts = {
  persons: [
    { distinctIds: ['ann', 'ann-before'], properties: { plan: 'pro', address: 'secret' } },
    { distinctIds: ['bob'], properties: {} },
    { distinctIds: ['eve'], properties: {} },
    { distinctIds: ['wide'], properties: { ...wide, plan: 'pro' } },
  ],
  groups: [{ index: 0, key: 'acme', properties: { plan: 'pro', address: 'secret' } }],
  staticMembers: [{ cohortId: 7, distinctIds: ['ann'] }],
  stickyKeys: [{ distinctId: 'ann', flagKey: 'sticky', hashKey: 'ann-before' }],
};

describe('round trips of a request, counted at the server', () => {
  let database: TestDatabase;
  let reader: CountingProxy;
  let writer: CountingProxy;
  let main: CountingProxy;
  let writes: ProjectWriter;
  const opened: Halyard[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    [reader, writer, main] = (await Promise.all([0, 1, 2].map(() => startCountingProxy(database.url)))) as [
      CountingProxy,
      CountingProxy,
      CountingProxy,
    ];
    writes = await ProjectWriter.open(database.url);
  });

  afterAll(async () => {
    await writes.close();
    await Promise.all([reader, writer, main].map((proxy) => proxy.close()));
    await database.drop();
  });

  // Whoever is open may look for changed definitions at any time.
  afterEach(async () => {
    for (const halyard of opened.splice(0)) await halyard.close();
  });

  /** A project of its own with these flags, warm: every connection is open, every schema looked at. */
  async function project(token: string, flags: readonly object[]): Promise<Halyard> {
    await writes.importDefinitions(
      {
        teamId: 0,
        flags: flags as unknown as JsonValue[],
        cohorts: [{ id: 7, is_static: true, filters: {} }],
        groupTypeMapping: { '0': 'company' },
      },
      { token, facts: stored },
    );
    const halyard = await createHalyard({
      definitions: {
        token,
        postgres: { write: main.url, personsRead: reader.url, personsWrite: writer.url },
      },
    });
    opened.push(halyard);
    await halyard.evaluate({ distinctId: 'bob', groups: { company: 'acme' } });
    await halyard.evaluate({ distinctId: 'bob', anonDistinctId: 'warm' });
    await settled();
    return halyard;
  }

  /** Waits for the look at the definitions that listening for changes begins with. */
  async function settled(): Promise<void> {
    const proxies = [reader, writer, main];
    for (const until = performance.now() + 5_000; performance.now() < until; ) {
      for (const proxy of proxies) proxy.reset();
      await new Promise((resolve) => {
        setTimeout(resolve, 100);
      });
      if (proxies.every(({ counts }) => counts.statements === 0)) return;
    }
  }

  /** What a request costs: statements at the persons reader, the persons writer and the main database. */
  async function cost(halyard: Halyard, context: EvaluationContext): Promise<{ flags: Flags; statements: number[] }> {
    const proxies = [reader, writer, main];
    for (const proxy of proxies) proxy.reset();
    const flags = await halyard.evaluate(context);
    const counts = proxies.map((proxy) => proxy.counts);
    expect(counts.map(({ roundTrips }) => roundTrips)).toEqual(counts.map(({ statements }) => statements));
    return { flags, statements: counts.map(({ statements }) => statements) };
  }

  const full = [plain, person, group, cohort, sticky];
  const ann = { distinctId: 'ann', groups: { company: 'acme' } };
  const all = { everybody: true, 'pro-people': true, 'pro-companies': true, vips: true };

  it('D114, D115, D116, D119, D123: steady state with a hash key: person, group, static cohort and sticky keys in one', async () => {
    const halyard = await project('steady', full);
    const { flags, statements } = await cost(halyard, { ...ann, anonDistinctId: 'ann-before' });
    expect(flags.values()).toMatchObject(all);
    expect(statements).toEqual([1, 0, 0]);
  });

  it('D116: steady state without a hash key', async () => {
    const halyard = await project('no-hash-key', full);
    const { flags, statements } = await cost(halyard, ann);
    expect(flags.values()).toMatchObject(all);
    expect(statements).toEqual([1, 0, 0]);
  });

  it('D116: without experience continuity', async () => {
    const halyard = await project('no-continuity', [plain, person, group, cohort]);
    const { flags, statements } = await cost(halyard, { ...ann, anonDistinctId: 'ann-before' });
    expect(flags.values()).toEqual(all);
    expect(statements).toEqual([1, 0, 0]);
  });

  it('D117: the first request that must store a sticky key makes two, the next one', async () => {
    const halyard = await project('first-write', full);
    const context = { ...ann, distinctId: 'eve', anonDistinctId: 'visitor' };
    const first = await cost(halyard, context);
    expect(first.statements).toEqual([1, 1, 0]);
    const kept = await ask(
      database.url,
      `select hash_key from posthog_featureflaghashkeyoverride where hash_key = 'visitor'`,
    );
    expect(kept).toEqual(['visitor']);
    const second = await cost(halyard, context);
    expect(second.statements).toEqual([1, 0, 0]);
    expect(second.flags.values()).toEqual(first.flags.values());
  });

  it.each<[string, readonly object[], EvaluationContext]>([
    ['no flag reads a stored fact', [plain], ann],
    ['the request brings what the flags read', [plain, person], { ...ann, personProperties: { plan: 'pro' } }],
    ['the flags asked for read nothing', full, { ...ann, flagKeys: ['everybody'] }],
  ])('D127: none when %s', async (what, flags, context) => {
    const halyard = await project(`none: ${what}`, flags);
    const { statements, flags: given } = await cost(halyard, context);
    expect(given.isEnabled('everybody')).toBe(true);
    expect(statements).toEqual([0, 0, 0]);
  });

  const devices = flag(
    6,
    'devices',
    { groups: [{ properties: [], rollout_percentage: 50 }] },
    { ensure_experience_continuity: true, bucketing_identifier: 'device_id' },
  );
  const always = flag(7, 'always', { groups: [everybody] }, { ensure_experience_continuity: true });
  const clients = { ...sticky, evaluation_runtime: 'client' };
  const newcomer = { distinctId: 'eve', anonDistinctId: 'newcomer' };

  it.each<[string, readonly object[], EvaluationContext]>([
    ['no evaluated flag has continuity', full, { ...newcomer, flagKeys: ['everybody'] }],
    ['only flags of another runtime have it', [plain, clients], newcomer],
    ['nothing hangs on the hash', [plain, always], newcomer],
    ['the flag buckets on devices', [plain, devices], { ...newcomer, deviceId: 'device-3' }],
  ])('D46, D49: no sticky key is read or stored when %s', async (what, flags, context) => {
    const halyard = await project(`not sticky: ${what}`, flags);
    expect((await cost(halyard, context)).statements).toEqual([0, 0, 0]);
    expect(
      await ask(
        database.url,
        `select count(*)::int from posthog_featureflaghashkeyoverride where hash_key = 'newcomer'`,
      ),
    ).toEqual([0]);
  });

  it.each<[string, object]>([
    ['aggregates by group', group],
    ['tests a cohort', cohort],
    ['reads a property that the request does not bring', person],
  ])('D47: a flag that %s needs stored facts', async (what, one) => {
    const halyard = await project(`needs: ${what}`, [plain, one]);
    expect((await cost(halyard, ann)).statements).toEqual([1, 0, 0]);
  });

  it('D48: whatever several flags need is fetched once', async () => {
    const others = Array.from({ length: 20 }, (_, n) => ({ ...person, id: 100 + n, key: `pro-${n}` }));
    const halyard = await project('several', [person, ...others, group, cohort]);
    const { flags, statements } = await cost(halyard, ann);
    expect(statements).toEqual([1, 0, 0]);
    expect(Object.values(flags.values()).every((value) => value === true)).toBe(true);
  });

  it('D52: a stored key comes before the hash key of the request, and that before the distinct id', async () => {
    // Inside sticky lie ann-before and visitor, outside ann, eve and anon-1; inside devices lies device-3, outside device-2.
    const halyard = await project('precedence', [sticky, devices]);
    const value = async (context: EvaluationContext, key: string) => (await halyard.evaluate(context)).value(key);
    expect(await value({ distinctId: 'ann', anonDistinctId: 'anon-1' }, 'sticky')).toBe(true);
    expect(await value({ distinctId: 'eve' }, 'sticky')).toBe(false);
    expect(await value({ distinctId: 'eve', anonDistinctId: 'visitor' }, 'sticky')).toBe(true);
    expect(await value({ distinctId: 'eve' }, 'sticky')).toBe(true);
    expect(await value({ distinctId: 'eve', deviceId: 'device-2' }, 'devices')).toBe(false);
    expect(await value({ distinctId: 'eve', deviceId: 'device-3' }, 'devices')).toBe(true);
  });

  it('D60: flags that come from the database are evaluated after those they depend on', async () => {
    const on = (target: number) => ({
      groups: [{ properties: [{ key: String(target), type: 'flag', operator: 'flag_evaluates_to', value: true }] }],
    });
    const halyard = await project('order', [
      flag(1, 'last', on(2)),
      flag(2, 'middle', on(3)),
      flag(3, 'first', { groups: [everybody] }),
    ]);
    expect((await halyard.evaluate(ann)).values()).toEqual({ first: true, middle: true, last: true });
  });

  it('D102: what is stored about a person is read for every request', async () => {
    const halyard = await project('uncached', [person]);
    const own = `team_id = (select id from posthog_team where api_token = 'uncached')`;
    const value = async () => (await halyard.evaluate({ distinctId: 'ann' })).value('pro-people');
    expect(await value()).toBe(true);
    await ask(database.url, `update posthog_person set properties = '{"plan": "free"}' where ${own}`);
    expect(await value()).toBe(false);
    await ask(
      database.url,
      `update posthog_persondistinctid set distinct_id = 'nobody' where distinct_id = 'ann' and ${own}`,
    );
    expect(await value()).toBe(false);
    await ask(database.url, `update posthog_person set properties = '{"plan": "pro"}' where ${own}`);
    await ask(
      database.url,
      `update posthog_persondistinctid set distinct_id = 'ann' where distinct_id = 'nobody' and ${own}`,
    );
    expect(await value()).toBe(true);
  });

  it('D122: requests at the same time need fewer than one each', async () => {
    const halyard = await project('together', full);
    for (const proxy of [reader, writer, main]) proxy.reset();
    const flags = await Promise.all(Array.from({ length: 64 }, () => halyard.evaluate(ann)));
    for (const one of flags) expect(one.values()).toMatchObject(all);
    expect([reader.counts.statements, writer.counts.statements, main.counts.statements]).toEqual([2, 0, 0]);
  });

  it('D121: of a person with 200 keys only those in use leave the server', async () => {
    const halyard = await project('wide', [plain, person]);
    const { flags, statements } = await cost(halyard, { distinctId: 'wide' });
    expect(flags.isEnabled('pro-people')).toBe(true);
    expect(statements).toEqual([1, 0, 0]);
    // The document has 9 000 bytes. A prepared statement answers with its row, its columns' names and little else.
    expect(reader.counts.bytesReceived).toBeLessThan(300);
    expect(reader.counts.bytesSent).toBeLessThan(200);
  });
});
