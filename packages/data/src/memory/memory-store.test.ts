import type { PersonFacts } from '@halyard/engine';
import type { JsonValue } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import { describePorts } from '../ports.cases.ts';
import { type MemoryProject, MemoryStore } from './memory-store.ts';

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

  it('has no project to begin with', async () => {
    expect(await new MemoryStore().definitions.load('a')).toBeNull();
  });

  it('gives a project what it was given, and else what a new one has', async () => {
    const project = async (given: Partial<MemoryProject> = {}) =>
      (await new MemoryStore([{ token: 'a', definitions, ...given }]).definitions.load('a'))?.project;
    const fresh = { teamId: 1, projectId: 1, token: 'a', name: 'Default project', timezone: 'UTC', settings: {} };
    expect(await project()).toEqual(fresh);
    const given = { name: 'shop', definitions: { ...definitions, timezone: 'Europe/Vienna' } };
    expect(await project(given)).toEqual({ ...fresh, name: 'shop', timezone: 'Europe/Vienna' });
  });

  it('E87: makes persons at the time of its clock, but for those that say when they were made', async () => {
    const clock = () => new Date('2026-01-01T12:00:00Z');
    const persons = [
      { distinctIds: ['old'], properties: {}, createdAt: '2024-05-06T07:08:09Z' },
      { distinctIds: ['new'], properties: {} },
      { distinctIds: ['empty'], properties: {}, createdAt: '' },
    ];
    const { facts } = new MemoryStore([{ token: 'a', definitions, facts: { persons } }], { clock });
    const createdAt = async (distinctId: string) => {
      const person = { keys: [], createdAt: true };
      const plan = { teamId: 1, distinctId, person, groups: [], staticCohorts: [], stickyKeys: null };
      return ((await facts.load(plan)).person as PersonFacts).createdAt;
    };
    expect(await createdAt('old')).toBe('2024-05-06T07:08:09Z');
    expect(await createdAt('new')).toBe('2026-01-01T12:00:00.000Z');
    expect(await createdAt('empty')).toBe('2026-01-01T12:00:00.000Z');
  });

  it('tells nothing of a person that is not asked for, and lets nobody write into what it has', async () => {
    const persons = [{ distinctIds: ['ann'], properties: { plan: 'pro' } }];
    const stickyKeys = [{ distinctId: 'nobody', flagKey: 'f', hashKey: 'h' }];
    const { facts } = new MemoryStore([{ token: 'a', definitions, facts: { persons, stickyKeys } }]);
    const plan = { teamId: 1, distinctId: 'ann', person: null, groups: [], staticCohorts: [], stickyKeys: null };
    expect(await facts.load(plan)).toEqual({ person: null, groups: new Map(), stickyKeys: null });
    const asked = { ...plan, person: { keys: ['plan'], createdAt: false } };
    const { properties } = (await facts.load(asked)).person as { properties: Record<string, JsonValue> };
    properties['plan'] = 'changed';
    expect((await facts.load(asked)).person).toMatchObject({ properties: { plan: 'pro' } });
  });

  it('forgets a project that is removed', async () => {
    const store = new MemoryStore([{ token: 'a', definitions }]);
    store.remove('a');
    store.remove('never-there');
    expect(await store.definitions.load('a')).toBeNull();
  });
});
