import type { FactPlan, Facts } from '@halyard/engine';
import { describe, expect, it } from 'vitest';
import { pause } from '../embedded/postmaster.ts';
import { ask } from '../testing/ask.ts';
import { FactFixture } from '../testing/fact-fixture.ts';
import { startTcpProxy } from '../testing/tcp-proxy.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { connectClient } from './client-config.ts';
import type { Executor } from './executor.ts';
import type { Statement } from '../statements/statement.ts';

const keys = ['email'];

describe('requests at the same time', () => {
  const fixture = new FactFixture();

  /** Persons whose email is their distinct id. */
  async function store(ids: readonly string[], teamId = fixture.teamId): Promise<void> {
    const client = await connectClient(fixture.url, 'test');
    for (const id of ids) {
      await client.query({
        text: `with p as (insert into posthog_person (team_id, properties) values ($1, jsonb_build_object('email', $2::text)) returning id)
          insert into posthog_persondistinctid (team_id, distinct_id, person_id) select $1, $2::text, id from p`,
        values: [teamId, id],
      });
    }
    await client.end();
  }

  const byId = (distinctId: string, part: Partial<FactPlan> = {}) =>
    fixture.plan({ distinctId, person: { keys, createdAt: false }, ...part });
  const emails = (all: readonly Facts[]) =>
    all.map(({ person }) => (person === null || 'failed' in person ? person : person.properties['email']));
  const people = (count: number) => Array.from({ length: count }, (_, n) => `person-${n}`);
  const sizes = (statements: readonly Statement[]) =>
    statements.map(({ name, values }) =>
      name?.includes('_batch_') === true ? (values.at(-1) as unknown[]).length : 1,
    );

  it('D122: share statements, and each gets its own facts', async () => {
    await store(people(40));
    const reader = fixture.counted(fixture.router.personsReader);
    const source = fixture.source({ personsReader: reader });
    await source.load(byId('ann'));
    reader.statements.length = 0;
    const facts = await Promise.all(people(40).map((id) => source.load(byId(id))));
    expect(emails(facts)).toEqual(people(40));
    expect(sizes(reader.statements)).toEqual([1, 39]);
  });

  it('go on sharing while statements are under way, two at a time', async () => {
    await store(people(60));
    const reader = watched(fixture.router.personsReader);
    const source = fixture.source({ personsReader: reader });
    const worker = async (first: number) => {
      for (let round = 0; round < 5; round += 1) {
        const id = `person-${(first * 3 + round) % 60}`;
        expect(emails([await source.load(byId(id))])).toEqual([id]);
      }
    };
    await Promise.all(Array.from({ length: 32 }, (_, n) => worker(n)));
    expect(reader.most).toBe(2);
    expect(reader.statements).toBeLessThan(40);
  });

  /** Counts the statements under way at once. */
  function watched(executor: Executor): Executor & { readonly most: number; readonly statements: number } {
    let underWay = 0;
    let most = 0;
    let statements = 0;
    return {
      pool: executor.pool,
      get most() {
        return most;
      },
      get statements() {
        return statements;
      },
      async query(statement) {
        statements += 1;
        underWay += 1;
        most = Math.max(most, underWay);
        try {
          return await executor.query(statement);
        } finally {
          underWay -= 1;
        }
      },
    };
  }

  it('a lone request is sent at once, as the statement for one', async () => {
    const reader = fixture.counted(fixture.router.personsReader);
    const source = fixture.source({ personsReader: reader });
    await source.load(byId('ann'));
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    const loaded = source.load(byId('ann'));
    for (let microtask = 0; microtask < 10; microtask += 1) await Promise.resolve();
    expect([turned, reader.statements.length]).toEqual([false, 2]);
    expect(reader.statements[1]?.name).toBe(reader.statements[0]?.name);
    expect(emails([await loaded])).toEqual(['ann@example.com']);
  });

  it('a statement carries at most 64 of them', async () => {
    const reader = fixture.counted(fixture.router.personsReader);
    const source = fixture.source({ personsReader: reader });
    await source.load(byId('ann'));
    reader.statements.length = 0;
    const facts = await Promise.all(Array.from({ length: 200 }, () => source.load(byId('ann'))));
    expect(new Set(emails(facts))).toEqual(new Set(['ann@example.com']));
    expect(sizes(reader.statements)).toEqual([1, 64, 64, 64, 7]);
  });

  it('get every part of a plan, as they would alone', async () => {
    await store(['bob', 'eve']);
    await ask(
      fixture.url,
      `insert into posthog_cohortpeople (cohort_id, person_id) select 1, person_id from posthog_persondistinctid
        where team_id = ${fixture.teamId} and distinct_id in ('ann', 'eve')`,
    );
    const ids = ['ann', 'visitor', 'nobody', 'bob', 'eve', 'ann'];
    const everything = fixture.everything();
    const groupKeys = ['plan'];
    const plans = ids.map((distinctId, n) => ({
      ...everything,
      distinctId,
      groups: [{ index: 0, key: n % 2 === 0 ? 'acme' : 'none', keys: groupKeys }],
      stickyKeys: { anonDistinctId: n % 3 === 0 ? 'visitor' : 'ann', write: null },
    }));
    const alone = fixture.source({ coalesce: false });
    const expected = await Promise.all(plans.map((plan) => alone.load(plan)));
    const reader = fixture.counted(fixture.router.personsReader);
    const shared = fixture.source({ personsReader: reader });
    await shared.load(fixture.plan({ distinctId: 'ann', person: { keys: [], createdAt: false } }));
    expect(await Promise.all(plans.map((plan) => shared.load(plan)))).toEqual(expected);
    expect(reader.statements).toHaveLength(3);
  });

  it('with more keys than a text has places for, too', async () => {
    const many = ['email', ...Array.from({ length: 40 }, (_, n) => `key-${n}`)];
    await store(people(5));
    const source = fixture.source();
    const facts = await Promise.all(
      people(5).map((id) => source.load(byId(id, { person: { keys: many, createdAt: true } }))),
    );
    expect(emails(facts)).toEqual(people(5));
  });

  it.each([
    ['NUL', 'a\0b'],
    ['half a surrogate pair', 'a\ud800b'],
    ['401 characters', 'x'.repeat(401)],
  ])('an id that no column can hold (%s) is absent, and harms no other', async (_what, hostile) => {
    await store(people(5));
    const reader = fixture.counted(fixture.router.personsReader);
    const source = fixture.source({ personsReader: reader });
    const ids = [...people(3), hostile, 'person-3', 'person-4'];
    const facts = await Promise.all(ids.map((id) => source.load(byId(id))));
    expect(emails(facts)).toEqual(['person-0', 'person-1', 'person-2', null, 'person-3', 'person-4']);
    expect(sizes(reader.statements)).toEqual([1, 4]);
  });

  it('an anonymous id or group key that no column can hold harms no other', async () => {
    const source = fixture.source();
    const plan = (anonDistinctId: string, key: string): FactPlan => ({
      ...fixture.everything(),
      groups: [{ index: 0, key, keys: ['plan'] }],
      stickyKeys: { anonDistinctId, write: null },
    });
    const [good, bad, alsoGood] = await Promise.all([
      source.load(plan('visitor', 'acme')),
      source.load(plan('a\0', 'b\ud800')),
      source.load(plan('visitor', 'acme')),
    ]);
    expect(good).toEqual(alsoGood);
    expect(bad).toEqual({ ...good, groups: new Map() });
  });

  it('ids that look like the inside of an array are ids', async () => {
    const ids = ['NULL', '{}', '{"a","b"}', '"', '\\', '\\"', "'", ',', 'a b', '', 'ü€𝄞', '$1', '\n'];
    await store(ids);
    const source = fixture.source();
    expect(emails(await Promise.all(ids.map((id) => source.load(byId(id)))))).toEqual(ids);
  });

  it('of different kinds, and of different projects, do not meet', async () => {
    await store(['bob']);
    await store(['bob'], fixture.teamId + 1_000_000);
    const source = fixture.source();
    const others = keys.concat('secret');
    const facts = await Promise.all(
      Array.from({ length: 4 }, () => [
        source.load(byId('bob')),
        source.load(byId('bob', { teamId: fixture.teamId + 1_000_000 })),
        source.load(byId('bob', { teamId: fixture.teamId + 2_000_000 })),
        source.load(byId('ann', { person: { keys: others, createdAt: false } })),
      ]).flat(),
    );
    expect(emails(facts).slice(0, 4)).toEqual(['bob', 'bob', null, 'ann@example.com']);
    expect(emails(facts).slice(4, 8)).toEqual(['bob', 'bob', null, 'ann@example.com']);
    expect(facts.at(-1)?.person).toMatchObject({ properties: { secret: 'not planned' } });
  });

  it('one row that the server cannot answer fails one request', async () => {
    await store([...people(6), 'poison']);
    await ask(
      fixture.url,
      'alter table posthog_person rename to kept_person',
      `create view posthog_person as select id, team_id, created_at, is_deleted,
         case when properties ->> 'email' = 'poison' then (1 / (id - id))::text::jsonb else properties end as properties from kept_person`,
    );
    try {
      const source = fixture.source();
      const ids = [...people(3), 'poison', 'person-3', 'person-4', 'person-5'];
      const facts = await Promise.all(ids.map((id) => source.load(byId(id))));
      expect(facts[3]?.person).toMatchObject({ failed: true, code: 'database_error' });
      expect(emails(facts.filter((_, n) => n !== 3))).toEqual(people(6));
      expect(fixture.errors).toMatchObject([{ kind: 'query', code: '22012' }]);
    } finally {
      await ask(fixture.url, 'drop view posthog_person', 'alter table kept_person rename to posthog_person');
    }
  });

  it('a request that gives up takes nobody along', async () => {
    await store(people(6));
    const blocker = await connectClient(fixture.url, 'test');
    await blocker.query('begin; lock table posthog_person in access exclusive mode');
    const source = fixture.source();
    const loads = people(6).map((id) => source.load(byId(id)));
    const gaveUp = await Promise.race([loads[2], pause(20).then(() => 'gave up')]);
    await blocker.query('commit');
    await blocker.end();
    expect(gaveUp).toBe('gave up');
    expect(emails(await Promise.all(loads))).toEqual(people(6));
  });

  it('D118: a batch whose connection breaks is sent again', async () => {
    await store(people(6));
    const proxy = await startTcpProxy(fixture.url);
    const { personsReader } = fixture.open(proxy.url, { maxConnections: 1 });
    const source = fixture.source({ personsReader });
    await source.load(byId('ann'));
    const blocker = await connectClient(fixture.url, 'test');
    await blocker.query('begin; lock table posthog_person in access exclusive mode');
    const loads = people(6).map((id) => source.load(byId(id)));
    const stuck = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
    await waitUntil(async () => (await ask(fixture.url, stuck)).length > 0);
    proxy.cut();
    await blocker.query('commit');
    await blocker.end();
    expect(emails(await Promise.all(loads))).toEqual(people(6));
    await proxy.refuse();
  });

  it('those that wait behind a silent server give up in time', async () => {
    const proxy = await startTcpProxy(fixture.url);
    const { personsReader } = fixture.open(proxy.url, { maxConnections: 1, acquireTimeoutMs: 100 });
    const source = fixture.source({ personsReader });
    await source.load(byId('ann'));
    proxy.freeze();
    const loads = Array.from({ length: 200 }, () => source.load(byId('ann')));
    const last = await loads.at(-1);
    expect(last?.person).toMatchObject({ failed: true, code: 'no_more_connections' });
    proxy.thaw();
    await proxy.refuse();
    await Promise.all(loads);
    expect(fixture.errors.length).toBeGreaterThan(100);
  });
});
