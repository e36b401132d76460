import { describe, expect, it } from 'vitest';
import type { DefinitionSource, ProjectDefinitions } from '../ports.ts';
import { firstReading, look, lookInside } from './look.ts';
import { readSource } from './reading.ts';

const project = { teamId: 7, projectId: 7, token: 'phc', name: 'shop', timezone: 'UTC', settings: {} };
const loaded: ProjectDefinitions = {
  project,
  definitions: { teamId: 7, flags: [], cohorts: [], groupTypeMapping: {} },
  revision: '2',
};

/** A source that answers once per question, and what it was asked. */
function source(answers: readonly (string | ProjectDefinitions | Error | null)[]) {
  const asked: unknown[] = [];
  const rest = [...answers];
  const answer = (...question: readonly unknown[]): Promise<never> => {
    asked.push(question);
    const next = rest.shift();
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next as never);
  };
  const port: DefinitionSource = {
    load: (token, options) => answer('load', token, options),
    revision: (of, side) => answer('revision', of, side),
  };
  return { port, asked };
}

describe('a reading over a port', () => {
  it('asks one thing after the other, and says which revision it has seen', async () => {
    const { port, asked } = source(['2', loaded]);
    const held = { revision: '1', position: undefined };
    expect(await readSource(port, project, look(held, 'reader'))).toEqual({ found: 'read', loaded });
    expect(asked).toEqual([
      ['revision', project, 'reader'],
      ['load', 'phc', { side: 'reader', revision: '2' }],
    ]);
  });

  it('needs no more than a token where nothing is known', async () => {
    const { port, asked } = source([null]);
    expect(await readSource(port, { token: 'phc' }, lookInside(null, false))).toEqual({ found: 'absent' });
    expect(asked).toEqual([['load', 'phc', { side: 'reader' }]]);
  });

  it('throws where it was wished what the port throws', async () => {
    const { port, asked } = source([new Error('away'), loaded]);
    expect(await readSource(port, project, firstReading(true))).toEqual(loaded);
    expect(asked).toEqual([
      ['load', 'phc', { side: 'writer' }],
      ['load', 'phc', { side: 'reader' }],
    ]);
    await expect(readSource(source([new Error('away')]).port, project, firstReading(false))).rejects.toThrow('away');
  });
});
