import type { JsonObject } from '@halyard/json';
import type { Definitions, FactPlan, Facts } from '@halyard/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import type { PortsUnderTest } from './ports-under-test.cases.ts';
import { describeStickyKeyWrites } from './sticky-key-writes.cases.ts';
import type { StoredFacts } from './stored-facts.ts';

type Open = (definitions: Omit<Definitions, 'teamId'>, facts: StoredFacts) => Promise<PortsUnderTest>;

const sentinel = '$posthog_cookieless';

const stored: StoredFacts = {
  persons: [
    {
      distinctIds: ['ann', 'ann-phone'],
      properties: { email: 'ann@example.com', age: 41, plan: null, tags: ['a', 'b'], deep: { a: [1, { b: null }] } },
      createdAt: '2024-05-06T07:08:09Z',
    },
    { distinctIds: ['bob'], properties: JSON.parse('{"__proto__": "x", "constructor": "y"}') as JsonObject },
    { distinctIds: ['anon-1'], properties: {} },
    { distinctIds: ['both-a'], properties: {} },
    { distinctIds: ['both-b'], properties: {} },
    { distinctIds: ['cookieless'], properties: {} },
    { distinctIds: ['späße 🎈'], properties: { n: 1 } },
  ],
  groups: [
    { index: 0, key: 'acme', properties: { seats: 10, plan: 'pro' } },
    { index: 1, key: 'acme', properties: { seats: 99 } },
    { index: 1, key: '42', properties: { name: 'numbered' } },
  ],
  staticMembers: [
    { cohortId: 7, distinctIds: ['ann-phone', 'nobody'] },
    { cohortId: 8, distinctIds: ['bob'] },
  ],
  stickyKeys: [
    { distinctId: 'ann', flagKey: 'old', hashKey: 'first' },
    { distinctId: 'both-a', flagKey: 'shared', hashKey: 'from-a' },
    { distinctId: 'both-b', flagKey: 'shared', hashKey: 'from-b' },
    { distinctId: 'both-b', flagKey: 'only-b', hashKey: 'from-b' },
    { distinctId: 'cookieless', flagKey: 'old', hashKey: sentinel },
  ],
};

const definitions: Omit<Definitions, 'teamId'> = {
  timezone: 'Europe/Vienna',
  flags: [
    { id: 1, key: 'on', active: true, filters: { groups: [{ rollout_percentage: 50 }] } },
    { id: 2, key: 'off', active: false, filters: { groups: [] }, evaluation_contexts: ['web', 'app'] },
  ],
  cohorts: [
    { id: 7, is_static: true, filters: {} },
    { id: 8, is_static: true, filters: {} },
  ],
  groupTypeMapping: { '0': 'organization', '1': 'project' },
};

/** What every adapter of the ports does. */
export function describePorts(name: string, open: Open): void {
  describe(`${name}: facts`, () => {
    let ports: PortsUnderTest;

    beforeAll(async () => {
      ports = await open(definitions, stored);
    });

    function plan(part: Partial<FactPlan>): FactPlan {
      return {
        teamId: ports.teamId,
        distinctId: 'ann',
        person: null,
        groups: [],
        staticCohorts: [],
        stickyKeys: null,
        ...part,
      };
    }

    const load = (part: Partial<FactPlan>): Promise<Facts> => ports.facts.load(plan(part));
    const person = async (distinctId: string, keys: string[]) =>
      (await load({ distinctId, person: { keys, createdAt: false } })).person;
    const stickyKeys = async (distinctId: string, part: Partial<NonNullable<FactPlan['stickyKeys']>>) =>
      (await load({ distinctId, stickyKeys: { anonDistinctId: null, write: null, ...part } })).stickyKeys;
    const write = (flagKeys: string[], hashKey: string) => ({ flagKeys, hashKey });

    it('D121: a person comes with the planned keys that are stored, and no others', async () => {
      expect(await person('ann', ['email', 'age', 'missing'])).toEqual({
        properties: { email: 'ann@example.com', age: 41 },
        staticCohorts: new Set(),
      });
    });

    it('a stored null is a value, and lists and objects come whole', async () => {
      expect(await person('ann', ['plan', 'tags', 'deep'])).toMatchObject({
        properties: { plan: null, tags: ['a', 'b'], deep: { a: [1, { b: null }] } },
      });
    });

    it('many keys come as well as few', async () => {
      const keys = [...Array.from({ length: 60 }, (_, index) => `key-${index}`), 'email', 'plan'];
      expect(await person('ann', keys)).toMatchObject({ properties: { email: 'ann@example.com', plan: null } });
    });

    it('no name of a property is special', async () => {
      const found = await person('bob', ['__proto__', 'constructor', 'toString']);
      const { properties } = found as { properties: JsonObject };
      expect(Object.entries(properties)).toEqual([
        ['__proto__', 'x'],
        ['constructor', 'y'],
      ]);
    });

    it('D54: every distinct id of a person leads to it', async () => {
      expect(await person('ann-phone', ['age'])).toMatchObject({ properties: { age: 41 } });
    });

    it('D54: an unknown distinct id is no person, and not a failure', async () => {
      expect(await person('nobody', ['age'])).toBeNull();
    });

    it('E87: the creation time comes in UTC when it is planned', async () => {
      const { person: found } = await load({ person: { keys: [], createdAt: true } });
      expect(found).toMatchObject({ createdAt: '2024-05-06T07:08:09Z' });
    });

    it('D56: static membership is told for the planned cohorts only', async () => {
      const { person: found } = await load({ person: { keys: [], createdAt: false }, staticCohorts: [7, 8, 9] });
      expect(found).toMatchObject({ staticCohorts: new Set([7]) });
    });

    it('static membership alone finds the person too', async () => {
      const { person: found } = await load({ distinctId: 'bob', staticCohorts: [8] });
      expect(found).toMatchObject({ properties: {}, staticCohorts: new Set([8]) });
    });

    it('D57: a group is found by index and key together', async () => {
      const { groups } = await load({
        groups: [
          { index: 0, key: 'acme', keys: ['seats', 'plan', 'missing'] },
          { index: 1, key: '42', keys: ['name', 'seats'] },
        ],
      });
      expect(groups).toEqual(
        new Map([
          [0, { seats: 10, plan: 'pro' }],
          [1, { name: 'numbered' }],
        ]),
      );
    });

    it('D57: a missing group has no entry, and a group without wanted keys an empty one', async () => {
      const { groups } = await load({
        groups: [
          { index: 0, key: '42', keys: ['name'] },
          { index: 1, key: 'acme', keys: [] },
        ],
      });
      expect(groups).toEqual(new Map([[1, {}]]));
    });

    it('E157: sticky keys of the distinct id', async () => {
      expect(await stickyKeys('ann', {})).toEqual(new Map([['old', 'first']]));
    });

    it('E157: no person, no sticky keys, and no failure', async () => {
      expect(await stickyKeys('nobody', { anonDistinctId: 'nobody-else' })).toEqual(new Map());
    });

    it('D51: where two persons have a key for a flag, the distinct id wins over the anonymous id', async () => {
      expect(await stickyKeys('both-a', { anonDistinctId: 'both-b' })).toEqual(
        new Map([
          ['only-b', 'from-b'],
          ['shared', 'from-a'],
        ]),
      );
    });

    it('D53: the cookieless sentinel counts as no key', async () => {
      expect(await stickyKeys('cookieless', {})).toEqual(new Map());
    });

    it('everything at once', async () => {
      const facts = await load({
        person: { keys: ['email'], createdAt: true },
        groups: [{ index: 0, key: 'acme', keys: ['plan'] }],
        staticCohorts: [7],
        stickyKeys: { anonDistinctId: 'nobody', write: null },
      });
      expect(facts).toEqual({
        person: {
          properties: { email: 'ann@example.com' },
          createdAt: '2024-05-06T07:08:09Z',
          staticCohorts: new Set([7]),
        },
        groups: new Map([[0, { plan: 'pro' }]]),
        stickyKeys: new Map([['old', 'first']]),
      });
    });

    it.each([
      ['NUL', 'a\0b'],
      ['half a surrogate pair', 'a\ud800'],
      ['401 characters', 'x'.repeat(401)],
      ['10 kB', 'é'.repeat(5_000)],
      ['nothing', ''],
      ['SQL', `'; drop table posthog_person; --`],
      ['a replacement character', '\ufffd'],
    ])('an id made of %s names no person, no group and no sticky key, and fails nothing', async (_what, id) => {
      const facts = await load({
        distinctId: id,
        person: { keys: ['email'], createdAt: true },
        groups: [{ index: 0, key: id, keys: ['plan'] }],
        staticCohorts: [7],
        stickyKeys: { anonDistinctId: id, write: write(['new'], id) },
      });
      expect(facts).toEqual({ person: null, groups: new Map(), stickyKeys: new Map() });
    });

    it('ids beyond the scripts of Europe work', async () => {
      expect(await person('späße 🎈', ['n'])).toMatchObject({ properties: { n: 1 } });
    });

    it('numbers that no database id can have find nothing, and fail nothing', async () => {
      const facts = await load({
        person: { keys: [], createdAt: false },
        staticCohorts: [7, 2 ** 31, -(2 ** 40), 1.5],
        groups: [{ index: 2 ** 33, key: 'acme', keys: ['plan'] }],
      });
      expect(facts.person).toMatchObject({ staticCohorts: new Set([7]) });
      expect(facts.groups).toEqual(new Map());
    });

    it('property keys that no document can hold find nothing, and fail nothing', async () => {
      expect(await person('ann', ['email', 'a\0b', '\udfff', '"', '\\', '"}'])).toMatchObject({
        properties: { email: 'ann@example.com' },
      });
    });

    it('another team has none of this', async () => {
      const facts = await load({
        teamId: ports.teamId + 1,
        person: { keys: ['email'], createdAt: false },
        groups: [{ index: 0, key: 'acme', keys: ['plan'] }],
        stickyKeys: { anonDistinctId: 'bob', write: null },
      });
      expect(facts).toEqual({ person: null, groups: new Map(), stickyKeys: new Map() });
    });
  });

  describeStickyKeyWrites(name, (facts) => open(definitions, facts));

  describe(`${name}: definitions`, () => {
    let ports: PortsUnderTest;

    beforeAll(async () => {
      ports = await open(definitions, {});
    });

    it('come as they were given', async () => {
      const loaded = await ports.definitions.load(ports.token);
      expect(loaded?.project).toMatchObject({ teamId: ports.teamId, token: ports.token, timezone: 'Europe/Vienna' });
      expect(loaded?.definitions).toMatchObject({ teamId: ports.teamId, timezone: 'Europe/Vienna' });
      expect(loaded?.definitions.groupTypeMapping).toEqual({ '0': 'organization', '1': 'project' });
      expect(loaded?.definitions.flags).toMatchObject([
        { key: 'on', active: true, filters: { groups: [{ rollout_percentage: 50 }] } },
        { key: 'off', active: false, filters: { groups: [] } },
      ]);
      expect(loaded?.definitions.cohorts).toMatchObject([{ is_static: true }, { is_static: true }]);
    });

    it.each(['no-such-token', '', 'a\0b', '\ud800', 'x'.repeat(10_000), '%', '*'])(
      'H43: a token that nobody has is no project (%j)',
      async (token) => {
        expect(await ports.definitions.load(token)).toBeNull();
      },
    );

    it('the revision is that of the definitions that were loaded', async () => {
      const loaded = await ports.definitions.load(ports.token);
      if (loaded === null) throw new Error('no project');
      expect(await ports.definitions.revision(loaded.project)).toBe(loaded.revision);
    });

    it('the revision of a token that has gone is null', async () => {
      const loaded = await ports.definitions.load(ports.token);
      if (loaded === null) throw new Error('no project');
      expect(await ports.definitions.revision({ ...loaded.project, token: 'gone' })).toBeNull();
    });
  });
}
