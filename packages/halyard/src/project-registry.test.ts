import { MemoryStore } from '@halyard/data';
import type { DefinitionSource } from '@halyard/data';
import { fromLocalEvaluation } from '@halyard/engine';
import { describe, expect, it } from 'vitest';
import { CompiledProject } from './compiled-project.ts';
import { ProjectRegistry, type RegistryOptions } from './project-registry.ts';

const definitions = (key: string) =>
  fromLocalEvaluation({ flags: [{ id: 1, key, active: true, filters: { groups: [{}] } }] });

/** A memory store whose readings are counted and can be made to fail, and a registry over it. */
function setUp(options: Partial<RegistryOptions> = {}) {
  const store = new MemoryStore([{ token: 't', definitions: definitions('first') }]);
  const calls = { load: 0, revision: 0 };
  const state = { failing: false, now: 0 };
  const failures: (CompiledProject | null)[] = [];
  const source: DefinitionSource = {
    load(token) {
      calls.load++;
      return state.failing ? Promise.reject(new Error('down')) : store.definitions.load(token);
    },
    revision(project) {
      calls.revision++;
      return state.failing ? Promise.reject(new Error('down')) : store.definitions.revision(project);
    },
  };
  const registry = new ProjectRegistry({
    definitions: source,
    facts: null,
    now: () => state.now,
    onStoreFailure: (_error, project) => failures.push(project),
    ...options,
  });
  const keys = async (token = 't'): Promise<string[] | null> => {
    const project = await registry.byToken(token);
    return project === null ? null : project.program.flags.map((flag) => flag.info.key);
  };
  return { store, calls, state, failures, registry, keys };
}

describe('ProjectRegistry', () => {
  it('reads a project once for callers at the same time, and hands it out without a promise afterwards', async () => {
    const { registry, calls } = setUp();
    await Promise.all([registry.byToken('t'), registry.byToken('t')]);
    expect(registry.byToken('t')).toBeInstanceOf(CompiledProject);
    expect(calls.load).toBe(1);
  });

  it('takes a change behind the request that meets the snapshot too old', async () => {
    const { store, state, keys, calls } = setUp();
    await keys();
    store.put({ token: 't', definitions: definitions('second') });
    state.now = 1_999;
    expect(await keys()).toEqual(['first']);
    expect(calls.revision).toBe(0);
    state.now = 2_000;
    expect(await keys()).toEqual(['first']);
    await expect.poll(keys).toEqual(['second']);
  });

  it('takes a change at once when told of it', async () => {
    const { store, registry, keys } = setUp();
    await keys();
    store.put({ token: 't', definitions: definitions('second') });
    registry.invalidate(1);
    await expect.poll(keys).toEqual(['second']);
  });

  it('keeps the last good snapshot while the store is down, and asks it once per interval', async () => {
    const { state, keys, calls, failures } = setUp();
    await keys();
    state.failing = true;
    state.now = 5_000;
    await keys();
    await expect.poll(() => failures.length).toBe(1);
    expect(await keys()).toEqual(['first']);
    expect(await keys()).toEqual(['first']);
    expect(calls.revision).toBe(1);
    expect(failures[0]).toBeInstanceOf(CompiledProject);
  });

  it('an outage is an error, never an unknown token, and is not remembered', async () => {
    const { state, keys } = setUp();
    state.failing = true;
    await expect(keys()).rejects.toThrow('down');
    state.failing = false;
    expect(await keys()).toEqual(['first']);
  });

  it('H43: remembers an unknown token for thirty seconds', async () => {
    const { store, state, keys, calls } = setUp();
    expect(await keys('new')).toBeNull();
    store.put({ token: 'new', definitions: { ...definitions('late'), teamId: 2 } });
    state.now = 29_999;
    expect(await keys('new')).toBeNull();
    expect(calls.load).toBe(1);
    state.now = 30_000;
    expect(await keys('new')).toEqual(['late']);
  });

  it('holds no more tokens than its bound', async () => {
    const { keys, calls } = setUp({ maxTokens: 3 });
    await keys();
    for (let i = 0; i < 5; i++) await keys(`junk-${i}`);
    expect(calls.load).toBe(6);
    await keys();
    expect(calls.load).toBe(7); // it had to go
  });
});
