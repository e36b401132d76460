import { describe, expect, it } from 'vitest';
import { CheckQueue } from './check-queue.ts';

/** Tasks that note their names when they begin and end when told to. */
function setUp(most: number) {
  const queue = new CheckQueue(most);
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const add = (name: string, urgent = false): void =>
    queue.add(() => {
      begun.push(name);
      return new Promise((resolve) => {
        ends.push(resolve);
      });
    }, urgent);
  const endOne = async (): Promise<void> => {
    ends.shift()?.();
    await new Promise(setImmediate);
  };
  return { queue, begun, add, endOne };
}

describe('CheckQueue', () => {
  it('runs no more tasks at a time than its bound', async () => {
    const { begun, add, endOne, queue } = setUp(2);
    for (const name of ['a', 'b', 'c', 'd']) add(name);
    expect(begun).toEqual(['a', 'b']);
    expect(queue.waiting).toBe(2);
    await endOne();
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  it('takes urgent tasks first', async () => {
    const { begun, add, endOne } = setUp(1);
    add('running');
    add('ordinary');
    add('urgent', true);
    await endOne();
    expect(begun).toEqual(['running', 'urgent']);
  });

  it('begins nothing once closed', async () => {
    const { begun, add, endOne, queue } = setUp(1);
    add('running');
    add('waiting');
    queue.close();
    add('late');
    await endOne();
    expect(begun).toEqual(['running']);
  });
});
