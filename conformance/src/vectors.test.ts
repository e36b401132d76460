import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownVectors, readVectorFiles, vectorPlaces } from './vectors.ts';

const schema = JSON.parse(await readFile(join(ownVectors, '..', 'vectors.schema.json'), 'utf8')) as object;
const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema);
const names = (await readdir(ownVectors)).filter((name) => name.endsWith('.json'));

/** What a document breaks of the schema, each with its place. */
function faults(document: unknown): readonly string[] {
  validate(document);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

describe('the vectors of the repository', () => {
  it.each(names)('%s has the form that the schema says', async (name) => {
    const document = JSON.parse(await readFile(join(ownVectors, name), 'utf8')) as Record<string, unknown>;
    expect(document['$schema']).toBe('../vectors.schema.json');
    expect(faults(document)).toEqual([]);
  });

  it('have an id each, unique over all files', async () => {
    const ids = (await readVectorFiles(ownVectors)).flatMap(({ vectors }) => vectors.map(({ id }) => id));
    expect(ids.length).toBeGreaterThan(1_000);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
  });

  it('are named and counted in their README, file by file', async () => {
    const readme = await readFile(join(ownVectors, 'README.md'), 'utf8');
    const named = [...readme.matchAll(/^\| `([a-z0-9-]+\.json)` \|/gm)].map((match) => match[1]);
    expect(new Set(named)).toEqual(new Set(names));
  });
});

describe('the schema of vectors', () => {
  const filter = { key: 'plan', type: 'person', value: 'pro' };
  const vector = { id: 'a.1', filter, properties: { plan: 'pro' }, partial: false, expect: true };

  it('takes a vector in each form', () => {
    expect(
      faults({ format: 1, vectors: [vector, { id: 'a.2', value: '7d', now: '2026-01-01T00:00:00Z', expect: null }] }),
    ).toEqual([]);
  });

  it('refuses another format, an unknown list, and a file without one', () => {
    expect(faults({ format: 2, vectors: [] })).toEqual(['/format must be equal to constant']);
    expect(faults({ format: 1, riddles: [] })).toEqual([' must NOT have additional properties']);
    expect(faults({ format: 1 })).toEqual([' must NOT have fewer than 2 properties']);
  });

  it('names the place of a member that is missing, misspelt or of a wrong type', () => {
    const { expect: _, ...open } = vector;
    expect(faults({ format: 1, vectors: [open] })).toContain("/vectors/0 must have required property 'expect'");
    expect(faults({ format: 1, vectors: [{ ...vector, partail: true }] })).toContain(
      '/vectors/0 must NOT have additional properties',
    );
    expect(faults({ format: 1, vectors: [{ ...vector, partial: 'no' }] })).toContain(
      '/vectors/0/partial must be boolean',
    );
  });
});

describe('where vectors are read from', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'halyard-vectors-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('are the repository alone, unless HALYARD_CONFORMANCE_DIR names more, as PATH does', () => {
    expect(vectorPlaces(undefined)).toEqual([ownVectors]);
    expect(vectorPlaces('')).toEqual([ownVectors]);
    expect(vectorPlaces([folder, 'more/vectors', ''].join(delimiter))).toEqual([
      ownVectors,
      folder,
      resolve(ownVectors, '..', '..', 'more', 'vectors'),
    ]);
  });

  it('must exist, hold vectors, and hold them in the known format', async () => {
    await expect(readVectorFiles(join(folder, 'gone'))).rejects.toThrow('name the one that holds the vector files');
    await expect(readVectorFiles(folder)).rejects.toThrow('holds no .json file');
    await writeFile(join(folder, 'odd.json'), '{"format": 7, "vectors": []}');
    await expect(readVectorFiles(folder)).rejects.toThrow('odd.json is not a vector file of format 1');
  });
});
