import { createClient } from '@redis/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { skipWithoutRedis, startRedis, type TestRedis } from '../testing/redis-server.ts';
import { writeEntryScript } from './write-entry-script.ts';

describe('writing a shared entry', () => {
  let redis: TestRedis;
  let client: Awaited<ReturnType<typeof connect>>;

  const connect = (url: string) => createClient({ url, RESP: 2 }).connect();

  beforeEach(async (context) => {
    skipWithoutRedis(context);
    redis = await startRedis();
    client = await connect(redis.url);
  });

  afterEach(async () => {
    client.destroy();
    await redis.remove();
  });

  interface Entry {
    readonly revision: string;
    readonly main?: number;
    readonly persons?: number;
    readonly replica?: boolean;
    readonly always?: boolean;
  }

  const write = ({ revision, main, persons, replica = false, always = false }: Entry) =>
    client.eval(writeEntryScript, {
      keys: ['k'],
      arguments: [
        `body ${revision}`,
        'sum',
        revision,
        String(main ?? ''),
        String(persons ?? ''),
        replica ? '1' : '0',
        '5',
        '60000',
        'channel',
        'message',
        always ? '1' : '0',
      ],
    });

  it.each<[string, Entry, Entry, number]>([
    ['a later one is written', { revision: 'a', main: 10 }, { revision: 'b', main: 11 }, 2],
    ['an earlier one is not', { revision: 'a', main: 10 }, { revision: 'b', main: 9 }, 0],
    ['an equal one of the primary is written', { revision: 'a', main: 10 }, { revision: 'b', main: 10 }, 2],
    ['an equal one of a replica is not', { revision: 'a', main: 10 }, { revision: 'b', main: 10, replica: true }, 0],
    ['numbers are compared as numbers', { revision: 'a', main: 9 }, { revision: 'b', main: 10 }, 2],
    [
      'earlier group types are not written',
      { revision: 'a', main: 1, persons: 5 },
      { revision: 'b', main: 2, persons: 4 },
      0,
    ],
    ['one without a position is written', { revision: 'a', main: 10 }, { revision: 'b' }, 2],
    ['the same revision is no news', { revision: 'a', main: 10 }, { revision: 'a', main: 11 }, 1],
    ['the same revision does not take the position back', { revision: 'a', main: 10 }, { revision: 'a', main: 9 }, 0],
    [
      'an earlier one is written when told to',
      { revision: 'a', main: 10 },
      { revision: 'b', main: 9, always: true },
      2,
    ],
  ])('%s', async (_what, first, second, answer) => {
    expect(await write(first)).toBe(2);
    expect(await write(second)).toBe(answer);
    const kept = answer === 0 ? first : second;
    expect(await client.hmGet('k', ['revision', 'main'])).toEqual([kept.revision, String(kept.main ?? '')]);
  });

  it('what is no entry is overwritten', async () => {
    await client.set('k', 'garbage');
    expect(await write({ revision: 'a', main: 1 })).toBe(2);
  });
});
