import { expect, it } from 'vitest';
import { heldTokens } from './held-tokens.ts';

function tokens() {
  const store = { asked: 0, tokens: new Map([[1, 'phc_one']]), away: false };
  const clock = { now: 0 };
  const find = heldTokens(
    (teamId) => {
      store.asked += 1;
      return store.away ? Promise.reject(new Error('away')) : Promise.resolve(store.tokens.get(teamId) ?? null);
    },
    () => clock.now,
  );
  return { store, clock, find };
}

it('H185: a token is asked for once in ten seconds, and a new one is seen then', async () => {
  const { store, clock, find } = tokens();
  for (let n = 0; n < 40; n++) expect(await find(1)).toBe('phc_one');
  expect(store.asked).toBe(1);
  store.tokens.set(1, 'phc_other');
  clock.now += 10_000;
  expect(await find(1)).toBe('phc_other');
  store.tokens.delete(1);
  clock.now += 10_000;
  expect(await find(1)).toBeNull();
});

it('H185: goes on while the store is away, which is asked once in ten seconds; what was never seen is an error', async () => {
  const { store, clock, find } = tokens();
  await find(1);
  store.away = true;
  clock.now += 10_000;
  for (let n = 0; n < 40; n++) expect(await find(1)).toBe('phc_one');
  expect(store.asked).toBe(2);
  await expect(find(2)).rejects.toThrow('away');
});

it('H185: a project that is not there is looked for each time', async () => {
  const { store, find } = tokens();
  expect([await find(2), await find(2)]).toEqual([null, null]);
  store.tokens.set(2, 'phc_two');
  expect(await find(2)).toBe('phc_two');
});
