import { createClient } from '@redis/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { skipWithoutRedis, startRedis, type TestRedis } from '../testing/redis-server.ts';
import { DefinitionsCopy } from './definitions-copy.ts';
import { encodeEntry, entryKey } from './definitions-entry.ts';

const entry = (key: string, revision: string) =>
  encodeEntry(
    {
      project: { teamId: 1, projectId: 1, token: 't', name: 'n', timezone: 'UTC', settings: {} },
      definitions: { teamId: 1, flags: [{ id: 1, key }], cohorts: [], groupTypeMapping: {} },
      revision,
    },
    0,
  )!;

describe('the definitions of a project in Redis, for whoever only reads', () => {
  let redis: TestRedis;
  let client: ReturnType<typeof createClient>;
  let copy: DefinitionsCopy;

  beforeAll(async () => {
    redis = await startRedis();
    client = createClient({ url: redis.url });
    client.on('error', () => undefined);
    await client.connect();
  });
  afterAll(async () => {
    client?.destroy();
    await redis?.remove();
  });
  beforeEach(async (context) => {
    skipWithoutRedis(context);
    await client.flushAll();
    copy = new DefinitionsCopy({ url: redis.url, token: 't', commandTimeoutMs: 2_000 });
  });
  afterEach(() => copy?.close());

  const write = (fields: object, prefix?: string) => client.hSet(entryKey('t', prefix), { ...fields });

  it('are read when their revision is another than the known one', async () => {
    await write(entry('first', 'r1'));
    expect(await copy.read(null)).toMatchObject({ revision: 'r1', definitions: { flags: [{ key: 'first' }] } });
    expect(await copy.read('r1')).toBeNull();
    await write(entry('second', 'r2'));
    expect(await copy.read('r1')).toMatchObject({ revision: 'r2', definitions: { flags: [{ key: 'second' }] } });
  });

  it('are found under the prefix of the services alone', async () => {
    await write(entry('ours', 'r1'), 'mine');
    await expect(copy.read(null)).rejects.toThrow('there is nothing at halyard:1:definitions:');
    const other = new DefinitionsCopy({ url: redis.url, token: 't', prefix: 'mine' });
    expect(await other.read(null)).toMatchObject({ revision: 'r1' });
    other.close();
  });

  it('are refused when no service wrote them, and left as they are', async () => {
    await write({ ...entry('first', 'r1'), body: '{}' });
    await expect(copy.read(null)).rejects.toThrow('a shared entry is damaged');
    await client.set(entryKey('t'), 'something else');
    await expect(copy.read(null)).rejects.toThrow('WRONGTYPE');
    expect(await client.get(entryKey('t'))).toBe('something else');
  });

  it('D120: wait for a Redis that hangs no longer than a command may take', async () => {
    await write(entry('first', 'r1'));
    const quick = new DefinitionsCopy({ url: redis.url, token: 't', commandTimeoutMs: 100 });
    await quick.read(null).catch(() => undefined); // the connection stands
    redis.freeze();
    await expect(quick.read(null)).rejects.toMatchObject({ kind: 'timeout' });
    redis.thaw();
    quick.close();
  });

  it('say why Redis cannot be asked, also at the first time, and without a password', async () => {
    const refused = new DefinitionsCopy({ url: redis.url.replace('//', '//me:hush@'), token: 't' });
    const failed: unknown = await refused.read(null).catch((error: unknown) => error);
    expect(failed).toMatchObject({ kind: 'refused' });
    expect(String(failed)).not.toContain('hush');
    refused.close();
    const closed = new DefinitionsCopy({ url: redis.url, token: 't' });
    closed.close();
    await expect(closed.read(null)).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
