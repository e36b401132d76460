import { describe, expect, it } from 'vitest';
import { NOW, reduced, reducedText } from '../../../people/src/memory-people.cases.ts';
import { deleteProjectStatements } from '../management/project-statements.ts';
import { flagCallsStatement } from '../management/traffic-statements.ts';
import { ask } from '../testing/ask.ts';
import { connectClient } from '../postgres/client-config.ts';
import { createTestDatabase } from '../testing/throwaway-postgres.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { openPeopleStore } from './postgres-people-store.ts';
import { PeopleFixture } from './stored-people.cases.ts';

const fixture = new PeopleFixture();
const set = (id: string, properties: object, more: object = {}) => ({
  event: '$set',
  distinct_id: id,
  properties: { $set: properties },
  ...more,
});
const identify = (id: string, anonymous: string, properties: object = {}) => ({
  event: '$identify',
  distinct_id: id,
  properties: { $anon_distinct_id: anonymous, $set: properties },
});
const uuid = (n: number) => `0190a1b2-0000-7000-8000-${String(n).padStart(12, '0')}`;
const apply = (teamId: number, ...events: object[]) => fixture.apply(teamId, reduced(events).operations);

describe('what is applied once', () => {
  it('I150, I151: an event that comes again changes nothing, also in the same batch; another team’s of that uuid does', async () => {
    const [teamId, other] = [fixture.newTeam(), fixture.newTeam()];
    const first = set('n', { a: 2 }, { uuid: uuid(1) });
    const outcomes = await apply(teamId, first, set('n', { a: 3 }, { uuid: uuid(2) }));
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['applied', 'applied']);
    expect(await apply(teamId, first, set('n', { b: 1 }))).toMatchObject([
      { outcome: 'duplicate' },
      { outcome: 'applied' },
    ]);
    expect(await apply(teamId, first)).toMatchObject([{ outcome: 'duplicate' }]);
    expect(await apply(other, first)).toMatchObject([{ outcome: 'applied' }]);
    expect((await fixture.state(teamId)).persons[0]).toMatchObject({ properties: { a: 3, b: 1 }, version: 1 });
  });

  it('I152: without a uuid the exact text of an event with a time stands for it', async () => {
    const teamId = fixture.newTeam();
    const timed = (a: number) => set('n', { a }, { timestamp: '2026-11-30T08:00:00Z' });
    await apply(teamId, timed(1));
    await apply(teamId, timed(2));
    expect(await apply(teamId, timed(1))).toMatchObject([{ outcome: 'duplicate' }]);
    expect((await fixture.state(teamId)).persons[0]?.properties).toEqual({ a: 2 });
  });

  it('I151: uuids are forgotten when they are old, in portions, and by one process at a time', async () => {
    const teamId = fixture.newTeam();
    await fixture.sql(
      `insert into halyard_ingested_event (team_id, uuid, seen_at)
       select $1, gen_random_uuid(), '2020-01-01' from generate_series(1, 12345)`,
      teamId,
    );
    await apply(teamId, set('n', {}, { uuid: uuid(3) }));
    const both = await Promise.all([fixture.store.forgetEvents(NOW - 1), fixture.open().forgetEvents(NOW - 1)]);
    // Whoever finds the other at it stops.
    const rest = await fixture.store.forgetEvents(NOW - 1);
    expect(both[0] + both[1] + rest).toBe(12_345);
    expect(await fixture.sql('select from halyard_ingested_event where team_id = $1', teamId)).toHaveLength(1);
  });
});

describe('a batch', () => {
  it('I131, I132: holds events of several teams, each with its own persons, and is cut where it is too large', async () => {
    const teams = [fixture.newTeam(), fixture.newTeam()];
    const waiting = Array.from({ length: 1_201 }, (_, i) => {
      const [operation] = reduced([set(`n${i % 300}`, { last: i })]).operations;
      return { teamId: teams[i % 2]!, projectId: teams[i % 2]!, operation: operation! };
    });
    const batches: number[] = [];
    const store = fixture.open({ onCommit: ({ operations }) => batches.push(operations) });
    expect(await store.apply(waiting, NOW)).toHaveLength(1_201);
    expect(batches).toEqual([500, 500, 201]);
    const states = await Promise.all(teams.map((teamId) => fixture.state(teamId)));
    expect(states.map(({ persons }) => persons.length)).toEqual([150, 150]);
    expect(states[0]?.persons.find(({ ids }) => ids[0] === 'n0')?.properties).toEqual({ last: 1200 });
    expect(await store.apply([], NOW)).toEqual([]);
  });

  it('I145: one operation that PostgreSQL refuses is skipped and told, the others are applied', async () => {
    const teamId = fixture.newTeam();
    const poison = { ...reduced([set('bad', {})]).operations[0]!, uuid: 'no uuid at all' };
    const operations = [
      ...reduced([set('a', { x: 1 })]).operations,
      poison,
      ...reduced([set('b', { x: 2 })]).operations,
    ];
    const told: unknown[] = [];
    const store = fixture.open({ onPoison: (error) => told.push(error) });
    const outcomes = await store.apply(fixture.waiting(teamId, operations), NOW);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['applied', 'poisonous', 'applied']);
    expect((await fixture.state(teamId)).persons.map(({ ids }) => ids[0] ?? '').toSorted()).toEqual(['a', 'b']);
    expect(told).toMatchObject([{ name: 'StoreError', code: '22P02' }]);
    expect(JSON.stringify(told)).not.toContain('no uuid at all');
  });

  it('I77: a person whose properties the column does not take keeps what it had, and its identity changes', async () => {
    const teamId = fixture.newTeam();
    await apply(teamId, set('n', { a: 1 }), set('new', { a: 1 }));
    // Small numbers take more room in the column than as text.
    const wide = Array.from({ length: 100_000 }, (_, i) => i % 10);
    const outcomes = await apply(teamId, identify('n', 'x', { wide }), set('m', { wide }), set('new', { a: 2 }));
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['applied', 'applied', 'applied']);
    const { persons } = await fixture.state(teamId);
    const of = (id: string) => persons.find(({ ids }) => ids.includes(id));
    expect(of('x')).toMatchObject({ ids: ['n', 'x'], isIdentified: true, properties: { a: 1 } });
    expect([of('m')?.properties, of('new')?.properties]).toEqual([{}, { a: 2 }]);
  });

  it('I22: numbers keep their text, and what no text can hold arrives as U+FFFD', async () => {
    const teamId = fixture.newTeam();
    const events = `[{"event":"$set","distinct_id":"n","properties":{"$set":
      {"exact":12345678901234567890,"one":1.0,"nul":"a\\u0000b","half":"\\ud800","__proto__":{"x":1},"deep":{"\\u0000":[1e3]}}}}]`;
    await fixture.apply(teamId, reducedText(events).operations);
    const [row] = await fixture.sql<{ text: string }>(
      'select properties::text as text from posthog_person where team_id = $1',
      teamId,
    );
    expect(row?.text).toContain('"exact": 12345678901234567890');
    expect(row?.text).toContain('"one": 1.0');
    expect(JSON.parse(row?.text ?? '')).toMatchObject({ nul: 'a\uFFFDb', half: '\uFFFD', deep: { '\uFFFD': [1000] } });
    expect(row?.text).toContain('"__proto__": {"x": 1}');
    expect(await fixture.apply(teamId, reducedText(events).operations)).toMatchObject([{ outcome: 'unchanged' }]);
  });

  it('I140: what another wrote while the lock was waited for is read, and kept', async () => {
    const teamId = fixture.newTeam();
    await apply(teamId, set('a', { mine: 1 }), set('b', { own: 1 }));
    const other = await connectClient(fixture.url, 'test');
    await other.query('begin');
    await other.query(
      `update posthog_person set properties = properties || '{"late": 1, "mine": 2}' where team_id = $1`,
      [teamId],
    );
    const applying = apply(teamId, set('a', { mine: 1 }), {
      event: '$merge_dangerously',
      distinct_id: 'b',
      properties: { alias: 'a' },
    });
    await waitUntil(async () => (await fixture.sql(`select from pg_locks where not granted`)).length > 0);
    await other.query('commit');
    await other.end();
    await applying;
    expect((await fixture.state(teamId)).persons).toMatchObject([{ properties: { mine: 2, late: 1, own: 1 } }]);
  });

  it('I90: rows whose person was deleted by hand are taken over', async () => {
    const teamId = fixture.newTeam();
    await apply(teamId, set('n', { old: 1 }), set('m', { old: 1 }));
    await fixture.sql(`delete from posthog_person where team_id = $1 and properties ? 'old'`, teamId);
    await apply(teamId, identify('n', 'm', { fresh: 1 }));
    expect((await fixture.state(teamId)).persons).toMatchObject([
      { ids: ['m', 'n'], properties: { fresh: 1 }, isIdentified: true, idVersions: { n: 1, m: 1 } },
    ]);
  });

  it('I76, I78: a write moves the version by one and notes the hour; what changes nothing writes nothing', async () => {
    const teamId = fixture.newTeam();
    await apply(teamId, set('n', { a: 1 }));
    await apply(teamId, set('n', { a: 2 }), set('n', { a: 3 }), set('n', { b: null }));
    await apply(teamId, set('n', { a: 3 }), { event: '$pageview', distinct_id: 'n' });
    const rows = await fixture.sql(
      `select version, last_seen_at, properties_last_updated_at, is_user_id from posthog_person where team_id = $1`,
      teamId,
    );
    const lastHour = new Date(Math.floor(NOW / 3_600_000) * 3_600_000);
    expect(rows).toEqual([
      { version: '1', last_seen_at: lastHour, properties_last_updated_at: null, is_user_id: null },
    ]);
  });
});

describe('sticky keys', () => {
  it('I91: who signs up gets the key of the anonymous id for each active continuity flag; who was known does not', async () => {
    const teamId = await fixture.newProject();
    await fixture.sql(
      `insert into posthog_featureflag (team_id, key, active, deleted, ensure_experience_continuity) values
         ($1, 'kept', true, false, true), ($1, 'also-kept', true, false, true), ($1, 'off', false, false, true),
         ($1, 'gone', true, true, true), ($1, 'plain', true, false, false)`,
      teamId,
    );
    const keysOf = async (id: string) =>
      (await fixture.state(teamId)).persons.find(({ ids }) => ids.includes(id))?.stickyKeys;
    await apply(teamId, set('known', {}), identify('u', 'anon'), identify('known', 'other'));
    expect(await keysOf('u')).toEqual({ kept: 'anon', 'also-kept': 'anon' });
    expect(await keysOf('known')).toEqual({});
    // Flags may lie in another database than persons.
    const apart = fixture.open({ main: `${fixture.url}&application_name=flags` });
    await apart.apply(fixture.waiting(teamId, reduced([identify('v', 'anon-v')]).operations), NOW);
    expect(await keysOf('v')).toEqual({ kept: 'anon-v', 'also-kept': 'anon-v' });
  });

  it('I87: of several merged persons the first keeps its key; a real key takes the place of the cookieless sentinel', async () => {
    const person = (id: string, stickyKeys: Record<string, string>) => ({
      ids: [id],
      uuid: uuid(id.charCodeAt(0)),
      properties: {},
      isIdentified: false,
      createdAt: NOW,
      version: 0,
      idVersions: {},
      stickyKeys,
      cohorts: [],
    });
    const people = fixture.people();
    // In the order of ids, not of the merges below.
    await people.given({
      persons: [
        person('c', { one: 'of c', two: 'of c', three: 'of c' }),
        person('b', { one: 'of b', two: '$posthog_cookieless' }),
        person('a', { three: '$posthog_cookieless' }),
      ],
      tombstones: {},
      types: {},
      groups: [],
    });
    const merge = (into: string, source: string) => ({
      event: '$merge_dangerously',
      distinct_id: into,
      properties: { alias: source },
    });
    await people.apply(reduced([merge('b', 'c'), merge('a', 'b')]).operations);
    expect((await people.state()).persons).toMatchObject([
      { ids: ['a', 'b', 'c'], stickyKeys: { one: 'of b', two: 'of c', three: 'of c' } },
    ]);
  });
});

describe('the database', () => {
  it('I3: two connections are used, whatever comes at once', async () => {
    const url = `${fixture.url}&application_name=events`;
    const store = fixture.open({ personsWriter: url });
    const teamId = fixture.newTeam();
    const batches = Array.from({ length: 8 }, (_, n) =>
      fixture.apply(teamId, reduced([set(`n${n}`, { n })]).operations, store),
    );
    await Promise.all(batches);
    expect((await fixture.state(teamId)).persons).toHaveLength(8);
    expect(await fixture.sql(`select from pg_stat_activity where application_name = 'events'`)).toHaveLength(2);
  });

  it('I175: what is read only, lacks a table or is away is told as an error of the store, and nothing is lost', async () => {
    const database = await createTestDatabase();
    const url = new URL(database.url);
    url.searchParams.set('options', '-c default_transaction_read_only=on');
    const readOnly = openPeopleStore({ personsWriter: url.href });
    const store = openPeopleStore({ personsWriter: database.url });
    const waiting = fixture.waiting(1, reduced([set('n', { a: 1 })]).operations);
    await expect(readOnly.apply(waiting, NOW)).rejects.toMatchObject({ name: 'StoreError', code: '25006' });
    await ask(database.url, 'alter table halyard_ingested_event rename to elsewhere');
    const withUuid = fixture.waiting(1, reduced([set('n', { a: 1 }, { uuid: uuid(1) })]).operations);
    await expect(store.apply(withUuid, NOW)).rejects.toMatchObject({ name: 'StoreError', code: '42P01' });
    expect(await store.owner()).toBe('missing');
    await ask(database.url, 'alter table elsewhere rename to halyard_ingested_event');
    expect(await store.owner()).toBe('halyard');
    expect(await store.apply(withUuid, NOW)).toMatchObject([{ outcome: 'applied' }]);
    await Promise.all([readOnly.close(), store.close()]);
    await database.drop();
    const gone = openPeopleStore({ personsWriter: database.url });
    await expect(gone.apply(waiting, NOW)).rejects.toMatchObject({ name: 'StoreError', pool: 'persons writer' });
    await gone.close();
  });

  it('I2: says whose the tables are', async () => {
    const database = await createTestDatabase({ empty: true });
    const store = openPeopleStore({ personsWriter: database.url });
    expect(await store.owner()).toBe('missing');
    await ask(database.url, 'create table posthog_person (id integer)');
    expect(await store.owner()).toBe('posthog');
    await store.close();
    await database.drop();
  });

  it('I130: a commit is on disk, also where the server answers before', async () => {
    const teamId = fixture.newTeam();
    const url = new URL(fixture.url);
    url.searchParams.set('options', '-c synchronous_commit=off');
    const store = fixture.open({ personsWriter: url.href });
    await fixture.sql(`create or replace function note_commit() returns trigger language plpgsql as
      $$ begin new.value := current_setting('synchronous_commit'); return new; end $$`);
    await fixture.sql(
      'create trigger note before insert on halyard_flag_calls for each row execute function note_commit()',
    );
    const count = { teamId, day: '2026-11-30', flagKey: 'f', value: 'true', calls: 1, errors: 0, lastCalledAt: NOW };
    await store.addFlagCalls([count]);
    await fixture.sql('drop trigger note on halyard_flag_calls');
    expect(await fixture.sql('select value from halyard_flag_calls where team_id = $1', teamId)).toEqual([
      { value: 'on' },
    ]);
  });
});

describe('flag calls', () => {
  it('I110, I113: are added up by day, flag and value', async () => {
    const teamId = fixture.newTeam();
    const count = { teamId, day: '2026-11-30', flagKey: 'f', value: 'true', calls: 2, errors: 1, lastCalledAt: NOW };
    await fixture.store.addFlagCalls([]);
    await Promise.all([
      fixture.store.addFlagCalls([
        count,
        { ...count, value: 'blue' },
        { ...count, calls: 1, errors: 0, lastCalledAt: NOW - 5 },
      ]),
      fixture.open().addFlagCalls([{ ...count, value: 'blue', lastCalledAt: NOW + 5 }, count]),
    ]);
    expect(
      await fixture.sql(
        `select flag_key, value, day::text, calls::int, errors::int, last_called_at from halyard_flag_calls where team_id = $1 order by value`,
        teamId,
      ),
    ).toEqual([
      { flag_key: 'f', value: 'blue', day: '2026-11-30', calls: 4, errors: 2, last_called_at: new Date(NOW + 5) },
      { flag_key: 'f', value: 'true', day: '2026-11-30', calls: 5, errors: 2, last_called_at: new Date(NOW) },
    ]);
  });

  it('I1, M194: move a flag’s last_called_at at most hourly, into no future, and no notice is sent', async () => {
    const teamId = await fixture.newProject();
    await fixture.sql(
      `insert into posthog_featureflag (team_id, key, last_called_at) values
      ($1, 'never', null), ($1, 'lately', now() - interval '10 minutes'), ($1, 'long-ago', now() - interval '2 days')`,
      teamId,
    );
    const listener = await connectClient(fixture.url, 'test');
    const heard: unknown[] = [];
    listener.on('notification', ({ payload }) => heard.push(payload));
    await listener.query('listen halyard_definitions');
    const now = Date.now();
    const count = (flagKey: string, lastCalledAt: number) => ({
      teamId,
      flagKey,
      day: '2026-11-30',
      value: 'true',
      calls: 1,
      errors: 0,
      lastCalledAt,
    });
    const counts = ['never', 'lately', 'long-ago', 'unknown'].map((key) => count(key, now + 3_600_000));
    await fixture.store.addFlagCalls(counts);
    const apart = fixture.open({ main: `${fixture.url}&application_name=flags` });
    await apart.addFlagCalls(counts);
    const ages = await fixture.sql<{ key: string; minutes: number }>(
      `select key, round(extract(epoch from now() - last_called_at) / 60)::int as minutes from posthog_featureflag
        where team_id = $1 order by key`,
      teamId,
    );
    expect(ages).toEqual([
      { key: 'lately', minutes: 10 },
      { key: 'long-ago', minutes: 0 },
      { key: 'never', minutes: 0 },
    ]);
    await listener.query(`select pg_notify('halyard_definitions', 'last')`);
    expect(heard).toEqual(['last']);
    await listener.end();
    const { text, values } = flagCallsStatement(teamId, ['lately'], '2026-11-30');
    expect(await fixture.sql(text, ...values)).toMatchObject([
      { flag_key: 'lately', value: 'true', calls: '2', day: '2026-11-30' },
    ]);
  });

  it('I204: go with their project, and so do the uuids of its events', async () => {
    const [teamId, other] = [await fixture.newProject(), await fixture.newProject()];
    for (const one of [teamId, other]) {
      await fixture.apply(one, reduced([set('n', {}, { uuid: uuid(1) })]).operations);
      await fixture.store.addFlagCalls([
        { teamId: one, day: '2026-11-30', flagKey: 'f', value: 'true', calls: 1, errors: 0, lastCalledAt: NOW },
      ]);
    }
    for (const { text, values } of deleteProjectStatements(teamId)) await fixture.sql(text, ...values);
    const left = await fixture.sql(
      `select team_id from halyard_flag_calls where team_id = any ($1) union all
       select team_id from halyard_ingested_event where team_id = any ($1)`,
      [teamId, other],
    );
    expect(left).toEqual([{ team_id: other }, { team_id: other }]);
  });
});
