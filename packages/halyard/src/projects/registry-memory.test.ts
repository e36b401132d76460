import { describe, expect, it } from 'vitest';
import { CompiledProject } from '../compiled-project.ts';
import { definitions, RegistryFixture } from './registry-fixture.cases.ts';

describe('unknown tokens', () => {
  it('H43: are remembered for thirty seconds', async () => {
    const f = new RegistryFixture();
    expect(await f.keys('new')).toBeNull();
    f.store.put({ token: 'new', definitions: definitions('late', 2) });
    f.now = 29_999;
    expect(f.registry.byToken('new')).toBeNull();
    expect(f.count('load')).toBe(1);
    f.now = 30_000;
    expect(await f.keys('new')).toEqual(['late']);
  });

  it('a flood of them evicts no project and no more than itself', async () => {
    const f = new RegistryFixture({ maxUnknownTokens: 100, maxProjects: 2 });
    await f.keys();
    for (let i = 0; i < 1_000; i++) await f.keys(`junk-${i}`);
    expect(f.registry.byToken('t')).toBeInstanceOf(CompiledProject);
    expect(f.registry.metrics()).toMatchObject({ states: { fresh: 1, unknown: 100 }, dropped: 0 });
  });

  it('a new project that is announced is found within a second, also where the reader lags', async () => {
    const f = new RegistryFixture();
    expect(await f.keys('new')).toBeNull();
    f.reader.instead = null; // lags
    f.store.put({ token: 'new', definitions: definitions('late', 2) });
    f.registry.invalidate(2);
    f.now = 1_000;
    expect(await f.keys('new')).toEqual(['late']);
  });

  it('notices about known projects do not shorten the memory of them', async () => {
    const f = new RegistryFixture();
    await f.keys();
    await f.keys('new');
    f.registry.invalidate(1);
    f.now = 29_999;
    expect(f.registry.byToken('new')).toBeNull();
  });

  it('a project whose token is replaced is found under the new one', async () => {
    const f = new RegistryFixture();
    await f.keys();
    expect(await f.keys('replaced')).toBeNull();
    f.store.put({ token: 'replaced', definitions: definitions('same') });
    f.registry.invalidate(1);
    await f.reaches('unknown');
    f.now = 1_000;
    expect(await f.keys('replaced')).toEqual(['same']);
  });
});

describe('memory', () => {
  const fill = async (f: RegistryFixture, ...names: string[]): Promise<void> => {
    for (const [i, name] of names.entries()) {
      if ((await f.store.definitions.load(name)) === null) {
        f.store.put({ token: name, definitions: definitions(name, 100 + i) });
      }
      await f.keys(name);
    }
  };

  it('holds the projects used last', async () => {
    const f = new RegistryFixture({ maxProjects: 3 });
    await fill(f, 'a', 'b', 'c');
    await f.keys('a');
    f.store.put({ token: 'd', definitions: definitions('d', 200) });
    await f.keys('d');
    expect(['a', 'b', 'c', 'd'].map((token) => f.state(token))).toEqual(['fresh', 'unseen', 'fresh', 'fresh']);
  });

  it('is bounded by an estimate of bytes too', async () => {
    const one = new RegistryFixture();
    await one.keys();
    const { bytes } = one.registry.metrics();
    const f = new RegistryFixture({ maxBytes: bytes * 2.5 });
    await fill(f, 'a', 'b', 'c');
    expect(['a', 'b', 'c'].map((token) => f.state(token))).toEqual(['unseen', 'fresh', 'fresh']);
  });

  it('a project larger than the bound is held all the same, alone', async () => {
    const f = new RegistryFixture({ maxBytes: 10 });
    await fill(f, 'a', 'b');
    expect(['a', 'b'].map((token) => f.state(token))).toEqual(['unseen', 'fresh']);
    expect(f.registry.byToken('b')).toBeInstanceOf(CompiledProject);
  });

  /** Whether a notice about the team counts as one about a project that is not held. */
  async function isForgotten(f: RegistryFixture, teamId: number): Promise<boolean> {
    await f.keys('nobody');
    f.registry.invalidate(teamId);
    f.now += 1_000;
    return f.state('nobody') === 'unseen';
  }

  it('a dropped project leaves nothing behind', async () => {
    const f = new RegistryFixture({ maxProjects: 1 });
    await f.keys();
    await fill(f, 'a');
    expect(await isForgotten(f, 1)).toBe(true);
    expect(await isForgotten(f, 100)).toBe(false);
  });

  it('a project that moved leaves nothing behind at its former team', async () => {
    const f = new RegistryFixture();
    await f.keys();
    f.store.put({ token: 't', definitions: definitions('moved', 9) });
    f.registry.invalidate(1);
    await expect.poll(() => f.keys()).toEqual(['moved']);
    expect(await isForgotten(f, 1)).toBe(true);
  });

  it('a project that is dropped while a look reads its change stays dropped', async () => {
    const f = new RegistryFixture({ maxProjects: 1 });
    await f.keys();
    f.put('second');
    f.store.put({ token: 'a', definitions: definitions('a', 2) });
    f.hold();
    f.registry.invalidate(1);
    const other = f.keys('a');
    f.release();
    await other;
    for (let i = 0; i < 20; i++) await new Promise(setImmediate);
    expect([f.state(), f.state('a')]).toEqual(['unseen', 'fresh']);
  });

  it('notices reach a project after it moved to another team', async () => {
    const f = new RegistryFixture();
    await f.keys();
    f.store.put({ token: 't', definitions: definitions('moved', 9) });
    f.registry.invalidate(1);
    await expect.poll(() => f.keys()).toEqual(['moved']);
    f.store.put({ token: 't', definitions: definitions('again', 9) });
    f.registry.invalidate(9);
    await expect.poll(() => f.keys()).toEqual(['again']);
  });
});
