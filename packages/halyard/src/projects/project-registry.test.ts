import { describe, expect, it, vi } from 'vitest';
import { fromLocalEvaluation } from '@halyard/engine';
import { CompiledProject } from '../compiled-project.ts';
import { ProjectRegistry } from './project-registry.ts';
import { at, definitions, keysOf, RegistryFixture } from './registry-fixture.cases.ts';

describe('a request', () => {
  it('reads a project once for callers at the same time, and gets it without a promise afterwards', async () => {
    const f = new RegistryFixture();
    await Promise.all([f.keys(), f.keys()]);
    expect(f.registry.byToken('t')).toBeInstanceOf(CompiledProject);
    expect(f.count('load')).toBe(1);
  });

  it('with very many flags is compiled in pieces, between which others have their turns', async () => {
    const f = new RegistryFixture();
    const flags = Array.from({ length: 2_000 }, (_, i) => ({
      id: i,
      key: `f${i}`,
      active: true,
      filters: { groups: [{}] },
    }));
    f.store.put({ token: 'many', definitions: fromLocalEvaluation({ flags }, { teamId: 2 }) });
    let turns = 0;
    const ticking = setImmediate(function tick() {
      turns++;
      next = setImmediate(tick);
    });
    let next = ticking;
    expect(await f.keys('many')).toHaveLength(2_000);
    clearImmediate(next);
    expect(turns).toBeGreaterThan(20);
  });

  it('H37a: those who waited for a large project get it one after the other, each in a turn of its own', async () => {
    const f = new RegistryFixture();
    const flags = Array.from({ length: 500 }, (_, i) => ({
      id: i,
      key: `f${i}`,
      active: true,
      filters: { groups: [{}] },
    }));
    f.store.put({ token: 'large', definitions: fromLocalEvaluation({ flags }, { teamId: 2 }) });
    let turn = 0;
    let next = setImmediate(function tick() {
      turn++;
      next = setImmediate(tick);
    });
    const seen = await Promise.all(Array.from({ length: 10 }, async () => (await f.keys('large')) && turn));
    clearImmediate(next);
    expect(new Set(seen).size).toBe(10);
  });

  it('takes a change behind the request that meets the snapshot too old', async () => {
    const f = new RegistryFixture();
    await f.keys();
    f.put('second');
    f.now = 1_999;
    expect(await f.keys()).toEqual(['first']);
    expect(f.count('revision')).toBe(0);
    f.now = 2_000;
    expect(await f.keys()).toEqual(['first']);
    await expect.poll(() => f.keys()).toEqual(['second']);
  });

  it('causes one look, however many requests find the snapshot too old', async () => {
    const f = new RegistryFixture();
    await f.keys();
    f.now = 2_000;
    f.hold();
    await f.keys();
    await f.keys();
    f.release();
    await f.reaches('fresh');
    expect(f.count('revision')).toBe(1);
  });

  it('an outage is an error, never an unknown token, and is not remembered', async () => {
    const f = new RegistryFixture();
    f.fail();
    await expect(f.keys()).rejects.toThrow('down');
    f.fail(false);
    expect(await f.keys()).toEqual(['first']);
  });

  it('an outage is told once a second, however many requests it fails', async () => {
    const f = new RegistryFixture();
    f.fail();
    for (const token of ['a', 'b', 'c']) await expect(f.keys(token)).rejects.toThrow('down');
    expect(f.failures).toHaveLength(1);
    f.now = 1_000;
    await expect(f.keys()).rejects.toThrow('down');
    expect(f.failures).toHaveLength(2);
  });

  it('asks a store that is down after pauses that grow to a bound', async () => {
    const f = new RegistryFixture({ retryAfterMs: 1_000, longestRetryMs: 4_000 });
    await f.keys();
    f.fail();
    const asked: number[] = [];
    for (f.now = 2_000; f.now < 18_000; f.now += 500) {
      const before = f.count('revision');
      expect(await f.keys()).toEqual(['first']);
      await new Promise(setImmediate);
      if (f.count('revision') > before) asked.push(f.now);
    }
    expect(asked).toEqual([2_000, 3_000, 5_000, 9_000, 13_000, 17_000]);
  });

  it('after a recovery the pauses are short again', async () => {
    const f = new RegistryFixture({ retryAfterMs: 1_000 });
    await f.keys();
    for (f.now = 2_000; f.now <= 10_000; f.now += 4_000) {
      f.fail();
      await f.keys();
      await f.reaches('stale');
      f.now += 1_000;
      f.fail(false);
      await f.keys();
      await f.reaches('fresh');
    }
    expect(f.changes.map(({ became }) => became)).toEqual(['stale', 'recovered', 'stale', 'recovered']);
  });

  it('definitions that cannot be compiled leave the snapshot in use', async () => {
    const f = new RegistryFixture();
    await f.keys();
    const poisoned = {
      get flags(): never {
        throw new TypeError('broken');
      },
    };
    f.reader.instead = { ...(await f.store.definitions.load('t'))!, revision: 'x', definitions: poisoned as never };
    f.now = 2_000;
    await f.keys();
    await f.reaches('stale');
    expect(await f.keys()).toEqual(['first']);
  });
});

describe('notices', () => {
  it('that come during a look are not lost', async () => {
    const f = new RegistryFixture();
    await f.keys();
    f.registry.invalidate(1);
    f.hold();
    f.reader.instead = f.writer.instead = (await f.store.definitions.load('t'))!; // what the look under way sees
    f.registry.invalidate(1);
    f.reader.instead = f.writer.instead = undefined;
    f.put('second');
    f.registry.invalidate(1);
    f.release();
    await expect.poll(() => f.keys()).toEqual(['second']);
    await f.reaches('fresh');
    expect(f.count('revision')).toBe(2);
  });

  it('that come while the project is read for the first time are not lost', async () => {
    const f = new RegistryFixture();
    const old = (await f.store.definitions.load('t'))!;
    f.reader.instead = old;
    f.hold();
    const first = f.keys();
    f.put('second');
    f.registry.invalidate(1);
    f.release();
    expect(await first).toEqual(['first']);
    await expect.poll(() => f.keys()).toEqual(['second']);
  });

  it('that tell a revision already held cause no look', async () => {
    const f = new RegistryFixture();
    await f.keys();
    f.registry.invalidate(1, '1');
    expect(f.state()).toBe('fresh');
    f.registry.invalidate(1, '2');
    expect(f.state()).toBe('checking');
  });

  it('while they arrive, requests look less often; when they cease, as often as before', async () => {
    const f = new RegistryFixture();
    await f.keys();
    f.registry.setListening(true);
    await f.reaches('fresh');
    f.now = 29_999;
    await f.keys();
    expect(f.state()).toBe('fresh');
    f.registry.setListening(false);
    await f.keys();
    expect(f.state()).toBe('checking');
  });

  it('when they begin to arrive, everything is looked at', async () => {
    const f = new RegistryFixture();
    await f.keys();
    f.put('missed');
    f.registry.setListening(true);
    await expect.poll(() => f.keys()).toEqual(['missed']);
  });

  it('are asked about at the writer', async () => {
    const f = new RegistryFixture();
    await f.keys();
    f.reader.instead = (await f.store.definitions.load('t'))!; // lags
    f.put('second');
    f.registry.invalidate(1);
    await expect.poll(() => f.keys()).toEqual(['second']);
    expect(f.calls).toEqual(['load reader', 'revision writer', 'load writer']);
  });

  it('whose writer is gone are asked about at the reader now, and at the writer again soon', async () => {
    const f = new RegistryFixture();
    await f.keys();
    f.registry.setListening(true);
    await f.reaches('fresh');
    f.reader.instead = (await f.store.definitions.load('t'))!; // lags
    f.writer.failing = true;
    f.put('second');
    f.registry.invalidate(1);
    await f.reaches('fresh');
    expect(await f.keys()).toEqual(['first']);
    f.writer.failing = false;
    f.now = 1_000;
    await expect.poll(() => f.keys()).toEqual(['second']);
  });
});

describe('older definitions', () => {
  /** Holds `second`, read at position 20; the reader has `first` at 10. */
  async function ahead(): Promise<RegistryFixture> {
    const f = new RegistryFixture();
    const first = (await f.store.definitions.load('t'))!;
    f.put('second');
    f.reader.position = f.writer.position = at(20);
    await f.keys();
    f.reader.instead = first;
    f.reader.position = at(10, true);
    return f;
  }

  it('of a lagging replica do not replace newer ones', async () => {
    const f = await ahead();
    f.now = 2_000;
    await f.keys();
    await f.reaches('fresh');
    expect(await f.keys()).toEqual(['second']);
    expect(f.calls.slice(1)).toEqual(['revision reader', 'load reader', 'revision writer']);
  });

  it('of a lagging replica do not replace newer ones while the writer is gone: the snapshot is stale', async () => {
    const f = await ahead();
    f.writer.failing = true;
    f.now = 2_000;
    await f.keys();
    await f.reaches('stale');
    expect(await f.keys()).toEqual(['second']);
  });

  it('of a former primary that became a replica do not replace newer ones', async () => {
    const f = await ahead();
    f.writer.instead = f.reader.instead;
    f.writer.position = at(10, true);
    f.now = 2_000;
    await f.keys();
    await f.reaches('stale');
    expect(f.registry.inspect('t').lastError).toBe('behind');
    expect(await f.keys()).toEqual(['second']);
  });

  it('of a primary that was restored from a backup are the truth', async () => {
    const f = await ahead();
    f.writer.instead = f.reader.instead;
    f.writer.position = at(10);
    f.now = 2_000;
    await f.keys();
    await expect.poll(() => f.keys()).toEqual(['first']);
  });

  it('of a copy that nobody could confirm do not replace what is held', async () => {
    const f = await ahead();
    const copy = (await f.store.definitions.load('t'))!;
    f.reader.instead = { ...copy, revision: 'copy', unconfirmed: new Error('down') };
    f.reader.position = undefined;
    f.now = 2_000;
    await f.keys();
    await f.reaches('stale');
    expect(f.registry.inspect('t').revision).toBe('2');
  });

  it('a replica that does not have the project yet does not make it unknown', async () => {
    const f = await ahead();
    f.reader.instead = null;
    f.now = 2_000;
    await f.keys();
    await f.reaches('fresh');
    expect(await f.keys()).toEqual(['second']);
  });
});

describe('looks', () => {
  async function many(count: number, random: () => number): Promise<RegistryFixture> {
    const f = new RegistryFixture({ maxChecks: 3, random });
    for (let i = 0; i < count; i++) {
      f.store.put({ token: `p${i}`, definitions: definitions('flag', 10 + i) });
      await f.keys(`p${i}`);
    }
    return f;
  }

  it('no more than the bound run at a time, and all of them run', async () => {
    const f = await many(50, () => 0.5);
    f.hold();
    f.registry.setListening(true);
    await new Promise(setImmediate);
    expect(f.count('revision')).toBe(3);
    expect(f.registry.metrics()).toMatchObject({ checksRunning: 3, checksWaiting: 47, states: { checking: 50 } });
    f.release();
    await expect.poll(() => f.registry.metrics().states.fresh).toBe(50);
    expect(f.count('revision')).toBe(50);
  });

  it('of projects loaded together are spread', async () => {
    let i = 0;
    const f = await many(100, () => (i++ % 100) / 100);
    f.now = 60_000 * 0.9 - 1;
    f.registry.sweep();
    expect(f.registry.metrics().states.checking).toBe(0);
    f.now = 60_000;
    f.registry.sweep();
    const { checking } = f.registry.metrics().states;
    expect(checking).toBeGreaterThan(30);
    expect(checking).toBeLessThan(70);
  });

  it('reach projects that nobody asks for', async () => {
    const f = new RegistryFixture();
    await f.keys();
    f.put('second');
    f.now = 60_000;
    f.registry.sweep();
    await f.reaches('fresh');
    const held = f.registry.byToken('t');
    expect(held instanceof CompiledProject ? keysOf(held) : null).toEqual(['second']);
  });

  it('reach stale projects that nobody asks for', async () => {
    const f = new RegistryFixture();
    await f.keys();
    f.fail();
    f.now = 2_000;
    await f.keys();
    await f.reaches('stale');
    f.fail(false);
    f.now = 3_000;
    f.registry.sweep();
    await f.reaches('fresh');
    expect(f.changes.map(({ became }) => became)).toEqual(['stale', 'recovered']);
  });

  it('go on after the clock was set back', async () => {
    const f = new RegistryFixture();
    f.now = 1_000_000;
    await f.keys();
    f.registry.sweep();
    f.put('second');
    f.now = 0;
    f.registry.sweep();
    f.now = 2_000;
    await f.keys();
    await expect.poll(() => f.keys()).toEqual(['second']);
  });

  it('end with close: nothing is asked any more, and what is held is handed out', async () => {
    const f = new RegistryFixture();
    await f.keys();
    f.registry.close();
    f.now = 100_000;
    f.registry.sweep();
    f.registry.invalidate(1);
    f.registry.setListening(true);
    expect(await f.keys()).toEqual(['first']);
    expect(f.count('revision')).toBe(0);
    expect(f.state()).toBe('fresh');
  });

  it('of projects that were dropped while they waited do not happen', async () => {
    const f = new RegistryFixture({ maxChecks: 1, maxProjects: 2 });
    await f.keys();
    for (const [i, token] of ['a', 'b', 'c'].entries()) f.store.put({ token, definitions: definitions(token, 10 + i) });
    await f.keys('a');
    f.hold();
    f.registry.setListening(true); // one look runs, the other waits
    const others = [f.keys('b'), f.keys('c')];
    f.release();
    await Promise.all(others);
    await expect.poll(() => f.registry.metrics().checksWaiting).toBe(0);
    expect(f.count('revision')).toBe(1);
  });

  it('are gone through by a timer that keeps no process alive', () => {
    const set = vi.spyOn(globalThis, 'setInterval');
    const clear = vi.spyOn(globalThis, 'clearInterval');
    try {
      const { store } = new RegistryFixture();
      const registry = new ProjectRegistry({ definitions: store.definitions, facts: null, now: Date.now });
      const timer = set.mock.results[0]?.value as NodeJS.Timeout;
      expect(timer.hasRef()).toBe(false);
      registry.close();
      expect(clear).toHaveBeenCalledWith(timer);
    } finally {
      vi.restoreAllMocks();
    }
  });
});
