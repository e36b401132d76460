import { describe, expect, it } from 'vitest';
import { describePorts } from '../ports.cases.ts';
import { MemoryStore } from './memory-store.ts';

let projects = 0;

describePorts('memory', (definitions, facts) => {
  projects += 1;
  const token = `token-${projects}`;
  const store = new MemoryStore([{ token, definitions: { ...definitions, teamId: projects * 10 }, facts }]);
  return Promise.resolve({ definitions: store.definitions, facts: store.facts, teamId: projects * 10, token });
});

describe('the memory store', () => {
  const definitions = { teamId: 1, flags: [], cohorts: [], groupTypeMapping: {} };

  it('replaces a project, and its revision with it', async () => {
    const store = new MemoryStore([{ token: 'a', definitions }]);
    const before = await store.definitions.load('a');
    store.put({ token: 'a', definitions: { ...definitions, flags: [{ key: 'new' }] } });
    const after = await store.definitions.load('a');
    expect(after?.definitions.flags).toEqual([{ key: 'new' }]);
    expect(after?.revision).not.toBe(before?.revision);
  });

  it('lets a team have one token at a time', async () => {
    const store = new MemoryStore([{ token: 'old', definitions }]);
    store.put({ token: 'new', definitions });
    expect(await store.definitions.load('old')).toBeNull();
    expect(await store.definitions.load('new')).not.toBeNull();
  });

  it('forgets a project that is removed', async () => {
    const store = new MemoryStore([{ token: 'a', definitions }]);
    store.remove('a');
    store.remove('never-there');
    expect(await store.definitions.load('a')).toBeNull();
  });
});
