import { parseDefinitions, sourceText } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import type { ProjectDefinitions } from '../ports.ts';
import { decodeEntry, encodeEntry, entryFields } from './definitions-entry.ts';

const loaded: ProjectDefinitions = {
  project: { teamId: 1, projectId: 2, token: 't', name: 'n', timezone: 'UTC', settings: { a: null } },
  definitions: { teamId: 1, flags: [{ id: 1, key: 'flag' }], cohorts: [], groupTypeMapping: { '0': 'org' } },
  revision: 'r1',
  position: { main: 10, persons: null, replica: true },
};

const encoded = encodeEntry(loaded, 5_000)!;
const values = entryFields.map((name) => encoded[name]);
const decode = (fields: readonly (string | null)[], token = 't') => decodeEntry(fields, token);
const withField = (name: (typeof entryFields)[number], value: string | null) =>
  values.map((old, i) => (entryFields[i] === name ? value : old));

describe('a shared entry', () => {
  it('comes back as it was', () => {
    expect(decode(values)).toEqual({ ...loaded, confirmedAt: 5_000 });
  });

  it('E175: keeps what definitions are judged by beside their values', () => {
    const text =
      '{"id":1,"filters":{"version":2,"return_type":"string","rules":[],"rules":[{"p":33.3300000000000000001}]}}';
    const flags = [parseDefinitions(text)];
    const entry = encodeEntry({ ...loaded, definitions: { ...loaded.definitions, flags } }, 0)!;
    const { definitions } = decode(entryFields.map((name) => entry[name]));
    expect(sourceText(definitions.flags[0]!)).toBe(text);
  });

  it('is not made of definitions that are not whole', () => {
    const failed = { failed: true, code: 'timeout', description: '' } as const;
    const withPart = (part: object) => ({ ...loaded, definitions: { ...loaded.definitions, ...part } });
    expect(encodeEntry(withPart({ cohorts: failed }), 0)).toBeNull();
    expect(encodeEntry(withPart({ groupTypeMapping: failed }), 0)).toBeNull();
  });

  it.each([
    ['a changed body', withField('body', encoded.body.replace('flag', 'flog'))],
    ['a cut body', withField('body', encoded.body.slice(0, -1))],
    ['no body', withField('body', null)],
    ['another revision', withField('revision', 'r2')],
    ['no sum', withField('sum', null)],
    ['no time', withField('at', 'yesterday')],
    ['nothing', []],
  ])('is refused with %s', (_what, fields) => {
    expect(() => decode(fields)).toThrow('shared entry');
  });

  it('is refused for another token', () => {
    expect(() => decode(values, 'other')).toThrow('about something else');
  });
});
