import { expect, it } from 'vitest';
import { readSettings } from '../operate/settings/read-settings.ts';
import { shareOf } from './share.ts';

const limits = (env: Record<string, string>, workers: number): readonly unknown[] => {
  const share = shareOf(readSettings(env), workers);
  const { readPoolSize, writePoolSize, personsReadPoolSize, personsWritePoolSize } = share;
  const { concurrency, queue, unknownPerSecond } = share;
  return [readPoolSize, writePoolSize, personsReadPoolSize, personsWritePoolSize, concurrency, queue, unknownPerSecond];
};

it('the limits of all workers together are those of the settings', () => {
  const env = {
    READ_POOL_SIZE: '8',
    WRITE_POOL_SIZE: '4',
    PERSONS_READ_POOL_SIZE: '12',
    PERSONS_WRITE_POOL_SIZE: '40',
    HALYARD_CONCURRENCY: '400',
    HALYARD_QUEUE: '40',
  };
  expect(limits(env, 4)).toEqual([2, 1, 3, 10, 100, 10, 25]);
});

it('but each has a connection and a place, however many they are', () => {
  expect(limits({ HALYARD_CONCURRENCY: '3', HALYARD_QUEUE: '0', HALYARD_UNKNOWN_PER_SECOND: '0' }, 64)).toEqual([
    1, 1, 1, 1, 1, 0, 0,
  ]);
});
