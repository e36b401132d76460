import { MemoryStore } from '@halyard/data/memory';
import { type Position, type ProjectDefinitions, SharedDefinitions } from '@halyard/data';
import { skipWithoutRedis, startRedis, type TestRedis, waitUntil } from '@halyard/data/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DefinitionsProvider, type DefinitionsRedis, halyardDefinitions } from './posthog-node.ts';

const definitions = (key: string) => ({
  teamId: 1,
  flags: [{ id: 1, key, filters: { groups: [] } }],
  cohorts: [],
  groupTypeMapping: { '0': 'organization' },
});

describe('definitions for posthog-node from Redis', () => {
  let redis: TestRedis;
  let opened: DefinitionsProvider[];

  beforeEach(async (context) => {
    skipWithoutRedis(context);
    opened = [];
    redis = await startRedis();
  });
  afterEach(async () => {
    for (const provider of opened) provider.shutdown();
    await redis?.remove();
  });

  function open(): DefinitionsProvider {
    const provider = halyardDefinitions({ redis: redis.url, token: 't' });
    opened.push(provider);
    return provider;
  }

  /** A service writes, as it does when it reads the store at a position. */
  async function write(key: string, main: number | null = null): Promise<void> {
    const store = new MemoryStore([{ token: 't', definitions: definitions(key) }]).definitions;
    const position: Position = { main, persons: null, replica: false };
    const load = async (token: string): Promise<ProjectDefinitions | null> => {
      const loaded = await store.load(token);
      return loaded === null ? null : { ...loaded, revision: `revision of ${key}`, position };
    };
    const source = { load, revision: (...args: Parameters<typeof store.revision>) => store.revision(...args) };
    const service = new SharedDefinitions({ url: redis.url, source, commandTimeoutMs: 5_000 });
    await waitUntil(() => service.isUp);
    await service.load('t');
    await service.close();
  }

  const key = async (provider: DefinitionsProvider) =>
    ((await provider.getFlagDefinitions()).flags as { key: string }[])[0]?.key;

  it('H172: are the document that services serve, made anew only when they have changed', async () => {
    await write('first');
    const provider = open();
    const first = await provider.getFlagDefinitions();
    expect(first).toMatchObject({
      flags: [{ key: 'first', active: false, deleted: false }],
      group_type_mapping: { '0': 'organization' },
      cohorts: {},
      property_matching_version: 1,
    });
    expect(await provider.getFlagDefinitions()).toBe(first);
    await write('second');
    expect(await key(provider)).toBe('second');
    expect(provider.shouldFetchFlagDefinitions()).toBe(false);
  });

  it('are an error that says what to do before there are any, and found once there are', async () => {
    const provider = open();
    await expect(provider.getFlagDefinitions()).rejects.toThrow(
      /^Redis gave no definitions: there is nothing at halyard:1:definitions:\S+: a service writes it when it is first asked/,
    );
    await write('first');
    expect(await key(provider)).toBe('first');
  });

  it('stay the last good ones while Redis is empty, broken or away, and follow it when it is back', async () => {
    await write('first');
    const provider = open();
    expect(await key(provider)).toBe('first');
    await redis.kill();
    expect(await key(provider)).toBe('first');
    await expect(open().getFlagDefinitions()).rejects.toThrow(/^Redis gave no definitions: redis: .*ECONNREFUSED/);
    await redis.start();
    expect(await key(provider)).toBe('first');
    await write('second');
    await waitUntil(async () => (await key(provider)) === 'second');
    expect(await key(provider)).toBe('second');
  });

  it('are never older than those held, until Redis has gone back for good', async () => {
    await write('newer', 100);
    const provider = open();
    expect(await key(provider)).toBe('newer');
    // As a copy of a Redis that was not up to date takes its place.
    await redis.kill();
    await redis.start();
    await write('older', 99);
    let seen: string | undefined;
    const looks: (string | undefined)[] = [];
    await waitUntil(async () => {
      const now = await key(provider);
      if (now !== seen) looks.push((seen = now));
      return now === 'older';
    });
    expect(looks).toEqual(['newer', 'older']);
    await write('newest', 101);
    expect(await key(provider)).toBe('newest');
  });
});

describe('the options of definitions in Redis', () => {
  it.each([
    [{ redis: '' }, 'redis must be an address such as redis://user:password@host:6379/0, not an empty string'],
    [{ redis: 'host:6379' }, 'redis must be an address such as redis://user:password@host:6379/0'],
    [{ redis: 'http://user:hush@host' }, 'redis must be an address such as redis://user:password@host:6379/0'],
    [{ redis: 'redis://' }, 'redis must be an address such as redis://user:password@host:6379/0'],
    [{ token: undefined }, "token is missing: pass the project's public token, such as phc_…"],
    [{ prefix: '' }, 'prefix must be the setting HALYARD_REDIS_PREFIX of the services, not an empty string'],
    [{ secretKey: 'k' }, 'options has no secretKey: it takes redis, token, prefix'],
  ])('%j is refused by name', (wrong, message) => {
    const options = { redis: 'redis://h', token: 't', ...wrong } as DefinitionsRedis;
    expect(() => halyardDefinitions(options)).toThrow(new TypeError(message));
  });
});
