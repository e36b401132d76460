import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorClass } from '@halyard/data';
import { definitions, RegistryFixture } from './registry-fixture.cases.ts';

describe('the transitions', () => {
  it('hold in Python too: docs/freshness.md names every test, and no other', () => {
    const read = (path: string) => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');
    const named = [...read('docs/freshness.md').matchAll(/^\| .* \| `(test_\w+)` \|$/gm)].map((match) => match[1]);
    const tests = [...read('python/tests/test_freshness.py').matchAll(/^def (test_\w+)\(/gm)].map((match) => match[1]);
    expect(named).toEqual(tests);
  });

  it('unseen, wanted → loading; read → fresh', async () => {
    const f = new RegistryFixture();
    expect(f.state()).toBe('unseen');
    f.hold();
    const project = f.registry.byToken('t');
    expect(f.state()).toBe('loading');
    f.release();
    await project;
    expect(f.registry.inspect('t')).toEqual({
      state: 'fresh',
      teamId: 1,
      revision: '1',
      origin: 'store',
      ageSeconds: 0,
      lastError: null,
    });
  });

  it('loading, failed → unseen', async () => {
    const f = new RegistryFixture();
    f.fail();
    await expect(f.keys()).rejects.toThrow('down');
    expect(f.state()).toBe('unseen');
  });

  it('loading, absent → unknown; expired → unseen', async () => {
    const f = new RegistryFixture();
    expect(await f.keys('new')).toBeNull();
    expect(f.state('new')).toBe('unknown');
    f.now = 30_000;
    expect(f.state('new')).toBe('unseen');
  });

  it('loading, unconfirmed → stale, with the age that the copy has', async () => {
    const f = new RegistryFixture();
    f.now = 5_000;
    const loaded = (await f.store.definitions.load('t'))!;
    f.reader.instead = { ...loaded, origin: 'copy', confirmedAt: 2_000, unconfirmed: new Error('down') };
    expect(await f.keys()).toEqual(['first']);
    expect(f.registry.inspect('t')).toMatchObject({ state: 'stale', origin: 'copy', ageSeconds: 3 });
    expect(f.changes).toMatchObject([{ became: 'stale', ageSeconds: 3 }]);
  });

  it('fresh, due → checking; confirmed → fresh', async () => {
    const f = new RegistryFixture();
    await f.keys();
    f.now = 2_000;
    f.hold();
    await f.keys();
    expect(f.state()).toBe('checking');
    expect(f.registry.inspect('t').ageSeconds).toBe(2);
    f.release();
    await f.reaches('fresh');
    expect(f.registry.inspect('t').ageSeconds).toBe(0);
    expect(f.count('load')).toBe(1);
  });

  it('fresh, announced → checking; read → fresh, with the new revision', async () => {
    const f = new RegistryFixture();
    await f.keys();
    f.put('second');
    f.registry.invalidate(1);
    expect(f.state()).toBe('checking');
    await f.reaches('fresh');
    expect(f.registry.inspect('t').revision).toBe('2');
    expect(await f.keys()).toEqual(['second']);
  });

  it('checking, failed → stale, with the class of the error; told once', async () => {
    const f = new RegistryFixture();
    await f.keys();
    f.fail();
    f.now = 2_000;
    await f.keys();
    await f.reaches('stale');
    expect(f.registry.inspect('t')).toMatchObject({ ageSeconds: 2, lastError: 'unavailable' });
    expect(f.changes).toMatchObject([{ became: 'stale', teamId: 1, revision: '1', ageSeconds: 2 }]);
  });

  it('stale, due → retrying; failed → stale, in silence', async () => {
    const f = await stale();
    f.now = 3_000;
    f.hold();
    await f.keys();
    expect(f.state()).toBe('retrying');
    f.release();
    await f.reaches('stale');
    expect(f.changes).toHaveLength(1);
    expect(f.registry.metrics().oldestStaleSeconds).toBe(3);
  });

  it('stale, due → retrying; confirmed → fresh, and the recovery is told', async () => {
    const f = await stale();
    f.fail(false);
    f.now = 3_000;
    await f.keys();
    await f.reaches('fresh');
    expect(f.registry.inspect('t')).toMatchObject({ ageSeconds: 0, lastError: null });
    expect(f.changes[1]).toMatchObject({ became: 'recovered', ageSeconds: 3, error: null });
  });

  it('stale, announced → retrying; read → fresh', async () => {
    const f = await stale();
    f.fail(false);
    f.put('second');
    f.registry.invalidate(1);
    expect(f.state()).toBe('retrying');
    await f.reaches('fresh');
    expect(await f.keys()).toEqual(['second']);
    expect(f.changes.map(({ became }) => became)).toEqual(['stale', 'recovered']);
  });

  it('checking, absent → unknown', async () => {
    const f = new RegistryFixture();
    await f.keys();
    f.store.remove('t');
    f.registry.invalidate(1);
    await f.reaches('unknown');
    expect(f.registry.byToken('t')).toBeNull();
  });

  it('retrying, absent → unknown', async () => {
    const f = await stale();
    f.fail(false);
    f.store.remove('t');
    f.now = 3_000;
    await f.keys();
    await f.reaches('unknown');
    expect(f.registry.byToken('t')).toBeNull();
  });

  it.each(['fresh', 'stale'])('%s, dropped → unseen', async (state) => {
    const f = state === 'stale' ? await stale({ maxProjects: 1 }) : new RegistryFixture({ maxProjects: 1 });
    f.fail(false);
    await f.keys();
    f.store.put({ token: 'other', definitions: definitions('other', 2) });
    await f.keys('other');
    expect(f.state()).toBe('unseen');
    expect(f.registry.metrics()).toMatchObject({ dropped: 1, states: { fresh: 1 } });
  });

  it.each(['checking', 'retrying'])(
    '%s, dropped → unseen, and the look that was under way changes nothing',
    async (state) => {
      const f = state === 'retrying' ? await stale({ maxProjects: 1 }) : new RegistryFixture({ maxProjects: 1 });
      f.fail(false);
      await f.keys();
      f.store.put({ token: 'other', definitions: definitions('other', 2) });
      f.now = 10_000;
      f.hold();
      await f.keys();
      expect(f.state()).toBe(state);
      const other = f.keys('other');
      f.release();
      await other;
      expect(f.state()).toBe('unseen');
      expect(f.registry.metrics().states).toMatchObject({ fresh: 1, stale: 0 });
    },
  );

  it('unknown, dropped → unseen', async () => {
    const f = new RegistryFixture({ maxUnknownTokens: 1 });
    await f.keys('one');
    await f.keys('two');
    expect(f.state('one')).toBe('unseen');
    expect(f.state('two')).toBe('unknown');
  });
});

describe('the class of an error', () => {
  it.each([
    [Object.assign(new Error('secret'), { kind: 'timeout' }), 'timeout'],
    [new TypeError('secret'), 'TypeError'],
    ['secret', 'error'],
    [null, 'error'],
  ])('%o', (error, name) => {
    expect(errorClass(error)).toBe(name);
  });
});

/** Stale since the second second, to be retried at the third. */
async function stale(options: ConstructorParameters<typeof RegistryFixture>[0] = {}): Promise<RegistryFixture> {
  const f = new RegistryFixture(options);
  await f.keys();
  f.fail();
  f.now = 2_000;
  await f.keys();
  await f.reaches('stale');
  return f;
}
