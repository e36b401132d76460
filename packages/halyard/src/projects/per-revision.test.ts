import { beforeEach, describe, expect, it } from 'vitest';
import type { CompiledProject } from '../compiled-project.ts';
import { type Made, PerRevision } from './per-revision.ts';

/** As much of a project as is looked at. */
function project(revision: string, token = 't'): CompiledProject {
  return { project: { token }, revision } as CompiledProject;
}

describe('what is made once per revision', () => {
  let made: string[];
  let answer: (project: CompiledProject) => Promise<Made<string> | null>;
  let errors: unknown[];

  beforeEach(() => {
    made = [];
    errors = [];
    answer = ({ revision }) => Promise.resolve({ value: `made of ${revision}`, bytes: 10 });
  });

  const open = (maxBytes = 100) =>
    new PerRevision<string>({
      make: (given) => {
        made.push(given.revision);
        return answer(given);
      },
      maxBytes,
      onError: (error) => errors.push(error),
    });

  it('H171 (R): is made on demand, once for all who ask at the same time, and then without waiting', async () => {
    const all = open();
    expect(await Promise.all([all.of(project('1')), all.of(project('1'))])).toEqual(['made of 1', 'made of 1']);
    expect(all.of(project('1'))).toBe('made of 1');
    expect(await Promise.all([all.of(project('2')), all.of(project('2'))])).toEqual(['made of 2', 'made of 2']);
    expect(made).toEqual(['1', '2']);
  });

  it('goes on with the last one while the newest cannot be made, which is tried again after a second', async () => {
    const all = open();
    await all.of(project('1'));
    const error = new Error('away');
    answer = () => Promise.reject(error);
    expect(await all.of(project('2'))).toBe('made of 1');
    expect(all.of(project('2'))).toBe('made of 1');
    expect([made, errors]).toEqual([['1', '2'], [error]]);
  });

  it('is an error when there is none to go on with, and tried again at once', async () => {
    const all = open();
    answer = () => Promise.reject(new Error('away'));
    await expect(all.of(project('1'))).rejects.toThrow('away');
    answer = () => Promise.resolve({ value: 'here', bytes: 1 });
    expect(await all.of(project('1'))).toBe('here');
  });

  it('is gone with the project', async () => {
    const all = open();
    await all.of(project('1'));
    answer = () => Promise.resolve(null);
    expect(await all.of(project('2'))).toBeNull();
  });

  it('takes bounded memory: the least recently used goes, and even what is larger than the bound is held', async () => {
    const all = open(20);
    for (const token of ['a', 'b', 'c']) await all.of(project('1', token));
    await all.of(project('1', 'a'));
    expect(made).toHaveLength(4);
    answer = () => Promise.resolve({ value: 'large', bytes: 1_000 });
    await all.of(project('1', 'large'));
    expect(all.of(project('1', 'large'))).toBe('large');
  });
});
