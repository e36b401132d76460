import type { FactPlan } from '@halyard/engine';
import { describe, expect, it } from 'vitest';
import type { PortsUnderTest } from './ports-under-test.cases.ts';
import type { StoredFacts } from './stored-facts.ts';

const sentinel = '$posthog_cookieless';

/** What every adapter does with sticky keys that a plan writes. */
export function describeStickyKeyWrites(name: string, open: (facts: StoredFacts) => Promise<PortsUnderTest>): void {
  describe(`${name}: sticky keys that are written`, () => {
    async function project(facts: StoredFacts) {
      const ports = await open(facts);
      const load = async (distinctId: string, stickyKeys: FactPlan['stickyKeys']) => {
        const plan = {
          teamId: ports.teamId,
          distinctId,
          person: null,
          groups: [],
          staticCohorts: [],
          stickyKeys,
        };
        const found = (await ports.facts.load(plan)).stickyKeys;
        return Object.fromEntries(found as ReadonlyMap<string, string>);
      };
      return {
        read: (distinctId: string) => load(distinctId, { anonDistinctId: null, write: null }),
        write: (distinctId: string, anonDistinctId: string, ...flagKeys: string[]) =>
          load(distinctId, { anonDistinctId, write: { flagKeys, hashKey: anonDistinctId } }),
      };
    }

    const ann = { distinctIds: ['ann'], properties: {} };
    const visitor = { distinctIds: ['visitor'], properties: {} };

    it('E156: a missing key is stored for every flag, and seen at once', async () => {
      const { read, write } = await project({ persons: [ann] });
      expect(await write('ann', 'visitor', 'one', 'two')).toEqual({ one: 'visitor', two: 'visitor' });
      expect(await read('ann')).toEqual({ one: 'visitor', two: 'visitor' });
    });

    it('D66: the first key stays for ever', async () => {
      const { read, write } = await project({ persons: [ann] });
      await write('ann', 'visitor', 'one');
      expect(await write('ann', 'other', 'one', 'two')).toEqual({ one: 'visitor', two: 'other' });
      expect(await read('ann')).toEqual({ one: 'visitor', two: 'other' });
    });

    it('D68: both persons get every flag that they lack', async () => {
      const { read, write } = await project({
        persons: [ann, visitor],
        stickyKeys: [{ distinctId: 'visitor', flagKey: 'one', hashKey: 'long-ago' }],
      });
      expect(await write('ann', 'visitor', 'one', 'two')).toEqual({ one: 'visitor', two: 'visitor' });
      expect(await read('ann')).toEqual({ one: 'visitor', two: 'visitor' });
      expect(await read('visitor')).toEqual({ one: 'long-ago', two: 'visitor' });
    });

    it('D50: nothing is written when every flag has a key on some person', async () => {
      const { read, write } = await project({
        persons: [ann, visitor],
        stickyKeys: [{ distinctId: 'visitor', flagKey: 'one', hashKey: 'long-ago' }],
      });
      expect(await write('ann', 'visitor', 'one')).toEqual({ one: 'long-ago' });
      expect(await read('ann')).toEqual({});
    });

    it('D70: nothing is written for ids without a person', async () => {
      const { read, write } = await project({ persons: [] });
      expect(await write('ann', 'visitor', 'one')).toEqual({});
      expect(await read('ann')).toEqual({});
    });

    it('E156: the person of the anonymous id alone is enough', async () => {
      const { read, write } = await project({ persons: [visitor] });
      expect(await write('ann', 'visitor', 'one')).toEqual({ one: 'visitor' });
      expect(await read('visitor')).toEqual({ one: 'visitor' });
    });

    it('D73: one person behind both ids is one person', async () => {
      const { read, write } = await project({ persons: [{ distinctIds: ['ann', 'visitor'], properties: {} }] });
      expect(await write('ann', 'visitor', 'one', 'one')).toEqual({ one: 'visitor' });
      expect(await read('visitor')).toEqual({ one: 'visitor' });
    });

    it('D53: a real key takes the place of the cookieless sentinel', async () => {
      const { read, write } = await project({
        persons: [ann],
        stickyKeys: [{ distinctId: 'ann', flagKey: 'one', hashKey: sentinel }],
      });
      expect(await write('ann', 'visitor', 'one')).toEqual({ one: 'visitor' });
      expect(await read('ann')).toEqual({ one: 'visitor' });
    });

    it('D53: the sentinel itself is never stored', async () => {
      const { read, write } = await project({ persons: [ann] });
      expect(await write('ann', sentinel, 'one')).toEqual({});
      await write('ann', 'visitor', 'one');
      expect(await read('ann')).toEqual({ one: 'visitor' });
    });

    it('D72: an empty hash key is a key like any other', async () => {
      const { read, write } = await project({ persons: [ann] });
      expect(await write('ann', '', 'one')).toEqual({ one: '' });
      expect(await read('ann')).toEqual({ one: '' });
    });

    it.each([
      ['NUL', 'a\0b'],
      ['half a surrogate pair', 'a\udc00'],
      ['401 characters', 'x'.repeat(401)],
    ])('a hash key with %s is not stored, and what is stored is still read', async (_what, anonymous) => {
      const { write } = await project({
        persons: [ann],
        stickyKeys: [{ distinctId: 'ann', flagKey: 'one', hashKey: 'first' }],
      });
      expect(await write('ann', anonymous, 'one', 'two')).toEqual({ one: 'first' });
    });
  });
}
