import { createClient } from '@redis/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DefinitionSource, ProjectDefinitions } from '../ports.ts';
import { MemoryStore } from '../memory/memory-store.ts';
import { pause } from '../embedded/postmaster.ts';
import { skipWithoutRedis, startRedis, type TestRedis } from '../testing/redis-server.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { DefinitionsCopy } from './definitions-copy.ts';
import { SharedDefinitions, type SharedDefinitionsOptions } from './shared-definitions.ts';

const definitions = (key: string) => ({ teamId: 1, flags: [{ id: 1, key }], cohorts: [], groupTypeMapping: {} });
const keyOf = (loaded: ProjectDefinitions | null) =>
  (loaded?.definitions.flags[0] as { key?: string } | undefined)?.key;

/** One process: its view of the database, its sharing, and what it was told. */
class Process {
  readonly calls: string[] = [];
  readonly states: (string | null)[] = [];
  readonly changes: [number, string][] = [];
  readonly broken: unknown[] = [];
  failing = false;
  /** Where the database stands; put on everything read. */
  position: number | null = null;
  replica = false;
  readonly shared: SharedDefinitions;

  constructor(url: string, store: MemoryStore, options: Partial<SharedDefinitionsOptions> = {}) {
    const arrive = (call: string): void => {
      this.calls.push(call);
      if (this.failing) throw new Error('the database is down');
    };
    const source: DefinitionSource = {
      load: async (token, { side = 'reader' } = {}) => {
        arrive(`load ${side}`);
        const loaded = await store.definitions.load(token);
        if (loaded === null || this.position === null) return loaded;
        return { ...loaded, position: { main: this.position, persons: null, replica: this.replica } };
      },
      revision: (project, side = 'reader') => {
        arrive(`revision ${side}`);
        return store.definitions.revision(project);
      },
    };
    this.shared = new SharedDefinitions({
      url,
      source: { ...source, revision: async (project, side) => source.revision(project, side) },
      commandTimeoutMs: 5_000, // the machine may be busy
      onState: (up, error) => this.states.push(up ? 'up' : (error?.kind ?? null)),
      onChange: (teamId, revision) => this.changes.push([teamId, revision]),
      onBroken: (error) => this.broken.push(error),
      ...options,
    });
  }

  up(): Promise<void> {
    return waitUntil(() => this.shared.isUp);
  }

  async key(token = 't'): Promise<string | undefined> {
    return keyOf(await this.shared.load(token));
  }
}

describe('definitions shared through Redis', () => {
  let redis: TestRedis;
  let store: MemoryStore;
  let processes: Process[];

  beforeEach(async (context) => {
    skipWithoutRedis(context);
    redis = await startRedis();
    store = new MemoryStore([{ token: 't', definitions: definitions('first') }]);
    processes = [];
  });

  afterEach(async () => {
    redis.thaw();
    await Promise.all(processes.map(({ shared }) => shared.close()));
    await redis.remove();
  });

  function start(options: Partial<SharedDefinitionsOptions> & { store?: MemoryStore; url?: string } = {}): Process {
    const made = new Process(options.url ?? redis.url, options.store ?? store, options);
    processes.push(made);
    return made;
  }

  async function started(options: Parameters<typeof start>[0] = {}): Promise<Process> {
    const made = start(options);
    await made.up();
    return made;
  }

  /** A process that has shared what it read. */
  async function sharer(): Promise<Process> {
    const made = await started();
    await made.key();
    await stored();
    return made;
  }

  const newClient = () => createClient({ url: redis.url });

  const cli = async <T>(work: (client: ReturnType<typeof newClient>) => Promise<T>): Promise<T> => {
    const client = newClient();
    await client.connect();
    try {
      return await work(client);
    } finally {
      client.destroy();
    }
  };

  const keys = () => cli((client) => client.keys('*'));
  const stored = (count = 1) => waitUntil(async () => (await keys()).length === count);
  const field = async (name: string) => {
    const [key = ''] = await keys();
    return cli((client) => client.hGet(key, name));
  };

  it('a cold process reads the copy once the database confirms its revision', async () => {
    await sharer();
    const cold = await started();
    const loaded = await cold.shared.load('t');
    expect(loaded).toMatchObject({ origin: 'redis', revision: '1' });
    expect(loaded).not.toHaveProperty('unconfirmed');
    expect(keyOf(loaded)).toBe('first');
    expect(cold.calls).toEqual(['revision reader']);
  });

  it('a cold process reads the copy while the database is down, and says that nobody confirmed it', async () => {
    await sharer();
    const cold = await started();
    cold.failing = true;
    const loaded = await cold.shared.load('t');
    expect(keyOf(loaded)).toBe('first');
    expect(loaded?.unconfirmed).toEqual(new Error('the database is down'));
    expect(loaded?.confirmedAt).toBeGreaterThan(Date.now() - 60_000);
  });

  it('a copy that is not the newest is not used', async () => {
    await sharer();
    store.put({ token: 't', definitions: definitions('second') });
    const cold = await started();
    expect(await cold.key()).toBe('second');
    await waitUntil(async () => (await field('revision')) === '2');
    expect(await field('revision')).toBe('2');
  });

  it('a copy that has the revision asked for needs no question to the database', async () => {
    await sharer();
    const other = await started();
    expect(await other.shared.load('t', { revision: '1' })).toMatchObject({ origin: 'redis' });
    expect(other.calls).toEqual([]);
  });

  it('one process reads a change, the others are told, and it is not told itself', async () => {
    const one = await sharer();
    const two = await started();
    store.put({ token: 't', definitions: definitions('second') });
    await one.key();
    await waitUntil(() => two.changes.length > 0);
    expect(two.changes).toEqual([[1, '2']]);
    expect(one.changes).toEqual([]);
  });

  it('reading the same revision again tells nobody', async () => {
    await sharer();
    const two = await started();
    const three = await started();
    await three.key();
    await cli((client) =>
      client.publish('halyard:1:definitions', JSON.stringify({ v: 1, team_id: 9, revision: 'last', from: 'test' })),
    );
    await waitUntil(() => two.changes.length > 0);
    expect(two.changes).toEqual([[9, 'last']]);
  });

  it('an older reading never replaces a newer copy', async () => {
    const one = await started();
    one.position = 20;
    await one.key();
    await stored();
    // Behind, and alone: nobody can tell it that the copy is right.
    store.put({ token: 't', definitions: definitions('older') });
    const lagging = await started();
    lagging.position = 10;
    lagging.replica = true;
    const loaded = await lagging.shared.load('t', { revision: '2' });
    expect(keyOf(loaded)).toBe('first');
    expect(loaded?.unconfirmed).toBeInstanceOf(Error);
    await lagging.shared.close();
    expect(await field('main')).toBe('20');
    expect(await field('body')).toContain('first');
  });

  it('a database that was restored from a backup is right, and its definitions are shared', async () => {
    const one = await started();
    one.position = 20;
    await one.key();
    await stored();
    store.put({ token: 't', definitions: definitions('restored') });
    one.position = 10;
    expect(await one.key()).toBe('restored');
    await one.shared.close();
    expect(await field('main')).toBe('10');
  });

  it('a reader that lags behind the copy is checked against the writer', async () => {
    const one = await started();
    one.position = 20;
    await one.key();
    await stored();
    const lagging = await started();
    lagging.position = 10;
    await lagging.shared.load('t', { revision: 'other' });
    expect(lagging.calls).toEqual(['load reader', 'load writer']);
  });

  it('a project that has gone goes from Redis too', async () => {
    const one = await sharer();
    store.remove('t');
    expect(await one.shared.load('t')).toBeNull();
    await stored(0);
    expect(await keys()).toEqual([]);
  });

  it('keys have a namespace with a version, an end, and no token in them', async () => {
    const one = await started({ prefix: 'staging', keepMs: 60_000 });
    store.put({ token: 'phc_secret', definitions: definitions('first') });
    await one.key('phc_secret');
    await stored();
    const [key = ''] = await keys();
    expect(key).toMatch(/^staging:1:definitions:[\w-]{43}$/);
    const ttl = await cli((client) => client.pTTL(key));
    expect(ttl).toBeGreaterThan(50_000);
    expect(ttl).toBeLessThanOrEqual(60_000);
  });

  it('definitions that are not whole are not shared', async () => {
    const one = await started();
    const failed = { failed: true, code: 'timeout', description: '' } as const;
    store.put({ token: 't', definitions: { ...definitions('first'), cohorts: failed } });
    expect(await one.key()).toBe('first');
    await one.shared.close();
    expect(await keys()).toEqual([]);
  });

  it.each([
    ['a damaged entry', (key: string) => cli((client) => client.hSet(key, 'body', '{"cut":'))],
    ['an entry without its sum', (key: string) => cli((client) => client.hDel(key, 'sum'))],
    ['another type of value', (key: string) => cli((client) => client.set(key, 'garbage'))],
  ])('%s is ignored, reported and replaced', async (_what, spoil) => {
    await sharer();
    const [key = ''] = await keys();
    await spoil(key);
    const cold = await started();
    expect(await cold.key()).toBe('first');
    expect(cold.broken).toHaveLength(1);
    expect(cold.calls).toEqual(['load reader']);
    await cold.shared.close();
    const again = await started();
    expect(await again.shared.load('t')).toMatchObject({ origin: 'redis' });
    expect(again.broken).toEqual([]);
  });

  it('broken messages are ignored and reported', async () => {
    const one = await started();
    const another = '{"v":2,"team_id":1,"revision":"of another version"}';
    for (const text of [another, 'nonsense', '{"v":1}', '{"v":1,"team_id":"x","revision":"r"}', 'null']) {
      await cli((client) => client.publish('halyard:1:definitions', text));
    }
    await waitUntil(() => one.broken.length === 4);
    expect(one.broken).toHaveLength(4);
    expect(one.changes).toEqual([]);
  });

  it('Redis gone at the start: the database answers, and sharing begins when Redis comes', async () => {
    await redis.kill();
    const one = start();
    expect(await one.key()).toBe('first');
    await waitUntil(() => one.states.length > 0);
    await pause(400); // it is tried again meanwhile, and told once
    expect(one.states).toEqual(['unavailable']);
    await redis.start();
    await one.up();
    await one.key();
    await stored();
    expect(one.states).toEqual(['unavailable', 'up']);
  });

  it('Redis killed and back: the database answers meanwhile, and messages arrive again', async () => {
    const one = await sharer();
    const two = await started();
    await redis.kill();
    await waitUntil(() => !one.shared.isUp);
    expect(await one.key()).toBe('first');
    await redis.start();
    await Promise.all([one.up(), two.up()]);
    store.put({ token: 't', definitions: definitions('second') });
    await one.key();
    await waitUntil(() => two.changes.at(-1)?.[1] === '2');
    expect(two.changes.at(-1)).toEqual([1, '2']);
    expect(one.states).toEqual(['up', 'unavailable', 'up']);
  });

  it('a Redis that comes back empty gets what this process has read, for those who only read there', async () => {
    const one = start();
    await one.up();
    await one.key();
    expect(await one.shared.load('nobody')).toBeNull();
    await redis.kill();
    await redis.start();
    const copy = new DefinitionsCopy({ url: redis.url, token: 't' });
    await waitUntil(() => copy.read(null).then(Boolean, () => false));
    expect(keyOf(await copy.read(null))).toBe('first');
    copy.close();
    expect(one.calls).toEqual(['load reader', 'load reader', 'load reader']);
  });

  it('Redis that hangs costs one short time-out, then nothing', async () => {
    const one = await started({ commandTimeoutMs: 100 });
    redis.freeze();
    const begun = performance.now();
    expect(await one.key()).toBe('first');
    const first = performance.now() - begun;
    expect(await one.key()).toBe('first');
    const second = performance.now() - begun - first;
    expect(first).toBeGreaterThanOrEqual(99);
    expect(first).toBeLessThan(1_000);
    expect(second).toBeLessThan(90);
  });

  it('Redis that hangs for long is given up, and found again', async () => {
    const one = await started({ connectTimeoutMs: 150, heartbeatMs: 50 });
    redis.freeze();
    await waitUntil(() => one.states.length > 1);
    expect(one.states).toEqual(['up', 'timeout']);
    redis.thaw();
    await waitUntil(() => one.states.length > 2);
    expect(one.states).toEqual(['up', 'timeout', 'up']);
  });

  it('a wrong password is told without showing it, and the database answers', async () => {
    await redis.remove();
    redis = await startRedis(['--requirepass', 'right-secret']);
    const errors: unknown[] = [];
    const one = start({
      url: redis.url.replace('//', '//:wrong%2Dsecret@'),
      onState: (_up, error) => errors.push(error),
    });
    await waitUntil(() => errors.length > 0);
    expect(await one.key()).toBe('first');
    expect(errors).toMatchObject([{ kind: 'refused' }]);
    expect(`${String(errors[0])} ${JSON.stringify(errors[0])}`).not.toMatch(/secret/);
  });

  it('the right password lets in', async () => {
    await redis.remove();
    redis = await startRedis(['--requirepass', 'right-secret']);
    const one = start({ url: redis.url.replace('//', '//:right-secret@') });
    await one.up();
    expect(one.states).toEqual(['up']);
  });

  it('closing stops the attempts to connect', async () => {
    await redis.kill();
    const one = start();
    await waitUntil(() => one.states.length > 0);
    await one.shared.close();
    await redis.start();
    await pause(300);
    expect(one.shared.isUp).toBe(false);
  });

  it.each(['nonsense', 'http://host', 'redis://'])('the URL %s is refused', (url) => {
    expect(() => start({ url })).toThrow('not a Redis URL');
  });
});
