import { describe, expect, it } from 'vitest';
import { NOW, reduced } from '../../../people/src/memory-people.cases.ts';
import { PostgresStore } from '../postgres/postgres-store.ts';
import { createRouter } from '../postgres/router.ts';
import { StoreError } from '../store-error.ts';
import { holdTransaction } from '../testing/hold.ts';
import { waitUntil } from '../testing/wait-until.ts';
import type { PeopleStore, RepeatCause } from './people-store.ts';
import { PeopleFixture } from './stored-people.cases.ts';

/** Longer runs by hand: `HALYARD_RACE_SECONDS=600 npx vitest run packages/data/src/people/people-races.test.ts`. */
const raceMs = Number(process.env['HALYARD_RACE_SECONDS'] ?? 3) * 1_000;
const writers = 8;
const readers = 2;
const ids = 60;
/** Then the ids are others: soon all would be one person. */
const mergesOfAnAge = 150;

const fixture = new PeopleFixture();

const identify = (id: string, anonymous: string, set: object = {}) => ({
  event: '$identify',
  distinct_id: id,
  properties: { $anon_distinct_id: anonymous, $set: set },
});
const set = (id: string, properties: object) => ({ event: '$set', distinct_id: id, properties: { $set: properties } });

describe('stores at the same time', () => {
  it('I140, I141, I142, I143: eight writers, merges and writers of sticky keys meet: no deadlock, nobody lost, no set lost', {
    timeout: raceMs + 60_000,
  }, async () => {
    const teamId = fixture.newTeam();
    const repeats: RepeatCause[] = [];
    const stores = Array.from({ length: 4 }, () =>
      fixture.open({ onRepeat: (cause) => repeats.push(cause), onPoison: (error) => unexpected.push(error) }),
    );
    const router = createRouter({ write: fixture.url });
    const unexpected: unknown[] = [];
    const { facts } = new PostgresStore({
      ...router,
      // On a busy machine whoever asks may wait longer than evaluations do; that is no deadlock.
      onError: (error) =>
        error instanceof StoreError && error.kind === 'timeout' ? undefined : unexpected.push(error),
    });
    const until = performance.now() + raceMs;
    let sets = 0;
    let merges = 0;
    const anyId = () => `${Math.floor(merges / mergesOfAnAge)}-${Math.floor(Math.random() * ids)}`;
    const anyEvent = () => {
      if (Math.random() >= 0.3) return set(anyId(), { [`s${(sets += 1)}`]: 1 });
      merges += 1;
      return { event: '$merge_dangerously', distinct_id: anyId(), properties: { alias: anyId() } };
    };
    const write = async (store: PeopleStore) => {
      while (performance.now() < until) {
        const events = Array.from({ length: 1 + Math.floor(Math.random() * 12) }, anyEvent);
        const outcomes = await fixture.apply(teamId, reduced(events).operations, store);
        for (const { outcome } of outcomes) if (outcome === 'not_persisted') unexpected.push(outcome);
      }
    };
    const ask = async () => {
      while (performance.now() < until) {
        const hashKey = anyId();
        const stickyKeys = { anonDistinctId: hashKey, write: { flagKeys: ['one', 'two', 'three'], hashKey } };
        const plan = { teamId, distinctId: anyId(), person: null, groups: [], staticCohorts: [], stickyKeys };
        await facts.load(plan);
      }
    };
    await Promise.all([
      ...Array.from({ length: writers }, (_, i) => write(stores[i % stores.length]!)),
      ...Array.from({ length: readers }, ask),
    ]);
    await router.close();
    expect(unexpected).toEqual([]);
    expect(repeats.filter((cause) => cause === 'deadlock')).toEqual([]);
    expect(await fixture.broken(teamId)).toEqual([]);
    // Persons only ever merge, so whatever was set is somewhere.
    const [row] = await fixture.sql<{ kept: number }>(
      `select count(distinct k)::int as kept from posthog_person, jsonb_object_keys(properties) k where team_id = $1`,
      teamId,
    );
    expect(row?.kept).toBe(sets);
    expect(merges).toBeGreaterThan(mergesOfAnAge / 10);
  });

  it('I83, I84: of two processes that give one anonymous id away, one gets it, and the other person is untouched (scenario 83)', async () => {
    const other = fixture.open();
    for (let round = 0; round < 5; round += 1) {
      const teamId = fixture.newTeam();
      await fixture.apply(teamId, reduced([set('a', {}), set('b', {})]).operations);
      await Promise.all([
        fixture.apply(teamId, reduced([identify('a', 'x')]).operations),
        fixture.apply(teamId, reduced([identify('b', 'x')]).operations, other),
      ]);
      const { persons } = await fixture.state(teamId);
      expect(persons.map(({ isIdentified }) => isIdentified)).toEqual([true, true]);
      expect(persons.map((person) => person.ids.join(' ')).sort()).toSatisfy((found: string[]) =>
        ['a x,b', 'a,b x'].includes(found.join(',')),
      );
    }
  });

  it('I100, I106: two processes that name new group types at once get two indexes (scenario 92), also two teams of a project', async () => {
    const other = fixture.open();
    const groups = (type: string) =>
      reduced([{ event: 'e', distinct_id: 'u', properties: { $groups: { [type]: 'x' } } }]);
    const [first, second] = [fixture.newTeam(), fixture.newTeam()];
    const waiting = (teamId: number, type: string) =>
      groups(type).operations.map((operation) => ({ teamId, projectId: first, operation }));
    await Promise.all([
      fixture.store.apply(waiting(first, 'p'), NOW),
      other.apply(waiting(second, 'q'), NOW),
      other.apply(waiting(second, 'p'), NOW),
    ]);
    const { types } = await fixture.state(first);
    expect(Object.keys(types).sort()).toEqual(['p', 'q']);
    expect(Object.values(types).toSorted((a, b) => a - b)).toEqual([0, 1]);
  });

  it('I103, I140: a group that two batches change at once keeps both changes', async () => {
    const other = fixture.open();
    const teamId = fixture.newTeam();
    const change = (properties: object) =>
      reduced([
        {
          event: '$groupidentify',
          distinct_id: 'u',
          properties: { $group_type: 't', $group_key: 'k', $group_set: properties },
        },
      ]).operations;
    await fixture.apply(teamId, change({ n: 0 }));
    const changes = Array.from({ length: 10 }, (_, i) => change({ [`from-${i}`]: i, n: i }));
    await Promise.all(
      changes.map((operations, i) => fixture.apply(teamId, operations, i % 2 === 0 ? fixture.store : other)),
    );
    const { groups } = await fixture.state(teamId);
    expect(Object.keys(groups[0]?.properties ?? {})).toHaveLength(11);
    expect(groups[0]?.version).toBe(11);
  });

  it('I150: one event sent to two processes at once has its effect once', async () => {
    const other = fixture.open();
    const teamId = fixture.newTeam();
    const uuid = '0190a1b2-0000-7000-8000-000000000001';
    const { operations } = reduced([{ ...set('n', { a: 1 }), uuid }]);
    const outcomes = await Promise.all([fixture.apply(teamId, operations), fixture.apply(teamId, operations, other)]);
    expect(
      outcomes
        .flat()
        .map(({ outcome }) => outcome)
        .sort(),
    ).toEqual(['applied', 'duplicate']);
  });

  it('I144: whoever waits too long for a person gives way, and goes on when it is free', {
    timeout: 30_000,
  }, async () => {
    const teamId = fixture.newTeam();
    await fixture.apply(teamId, reduced([set('n', { a: 1 })]).operations);
    const release = await holdTransaction(
      fixture.url,
      `select from posthog_person where team_id = ${teamId} for update`,
    );
    const repeats: string[] = [];
    const store = fixture.open({ onRepeat: (cause) => repeats.push(cause) });
    const applying = fixture.apply(teamId, reduced([set('n', { a: 2 })]).operations, store);
    await waitUntil(() => repeats.length > 0);
    await release();
    expect(await applying).toMatchObject([{ outcome: 'applied' }]);
    expect(repeats).toContain('timeout');
  });
});
