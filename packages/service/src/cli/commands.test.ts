import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, createTestDatabase, type TestDatabase } from '@halyard/data/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoDefinitions } from '../demo/demo-definitions.ts';
import { readSettings } from '../operate/settings/read-settings.ts';
import type { Settings } from '../operate/settings/table.ts';
import { explain } from './explain.ts';
import { importFile } from './import.ts';
import type { Io } from './io.ts';
import { UserError } from './problem-line.ts';
import type { ExplainOptions } from './program.ts';

let folder: string;
let database: TestDatabase;
let settings: Settings;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'halyard-cli-'));
  database = await createTestDatabase();
  settings = readSettings({ DATABASE_URL: database.url });
});

afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

function fileWith(text: string | Buffer): string {
  const file = join(folder, 'definitions.json');
  writeFileSync(file, text);
  return file;
}

async function output(command: (io: Io) => Promise<unknown>): Promise<string> {
  let text = '';
  const stopRequest = (): Promise<string> => Promise.resolve('SIGTERM');
  const onHangup = (): void => undefined;
  await command({
    print: (part) => (text += part),
    interactive: false,
    command: 'halyard',
    script: '',
    stopRequest,
    onHangup,
  });
  return text;
}

const importing = (text: string, token?: string): Promise<string> =>
  output((io) => importFile(settings, fileWith(text), token === undefined ? {} : { token }, io));

const explaining = (options: Partial<ExplainOptions>): Promise<string> =>
  output((io) => explain(settings, { flag: 'pro-reports', distinctId: 'ada', runtime: 'all', ...options }, io));

describe('halyard import and explain', () => {
  it('explain says when there is no project yet', async () => {
    await expect(explaining({})).rejects.toThrow('There is no project yet.');
  });

  it('imports a document, and the same again without a change', async () => {
    const text = JSON.stringify(demoDefinitions);
    expect(await importing(text)).toMatch(
      /17 flags \(17 created\) and 2 cohorts\nA new project was made for them with the token phc_[A-Za-z0-9]{43}\n$/,
    );
    expect(await importing(text)).toMatch(
      /17 flags \(17 unchanged\) and 2 cohorts\nThey are in the project with the token/,
    );
  });

  it('explains a flag of the only project', async () => {
    expect(await explaining({ personProperties: { plan: 'pro' } })).toContain('pro-reports is true for "ada".');
    expect(await explaining({})).toContain('no    person plan exact ["pro","enterprise"]  (missing)');
  });

  it('K32: says in a sentence what the flag does, also of one that is off', async () => {
    expect(await explaining({})).toMatch(
      /\n\nIts definition: On for people whose plan is .*pro.*enterprise.*\. Everybody else: off\.\n$/,
    );
    expect(await explaining({ flag: 'smart-cart' })).toContain('On for people for whom the flag new-checkout is on');
    expect(await explaining({ flag: 'old-export' })).toContain('Its definition: Switched off for everybody.');
    expect(JSON.parse(await explaining({ json: true }))).toMatchObject({
      sentence: expect.stringMatching(/^On for/) as string,
    });
  });

  it('explains as JSON', async () => {
    const explanation: unknown = JSON.parse(await explaining({ json: true, personProperties: { plan: 'pro' } }));
    expect(explanation).toMatchObject({
      key: 'pro-reports',
      result: { value: true },
      conditions: [{ outcome: 'matched' }],
    });
  });

  it('explain refuses a flag that is not there, and says which may have been meant', async () => {
    await expect(explaining({ flag: 'pro-report' })).rejects.toThrow(
      /^There is no flag pro-report in the project with the token phc_\S+\. Did you mean pro-reports\?$/,
    );
    await expect(explaining({ flag: 'old-exprot' })).rejects.toThrow('Did you mean old-export?');
    await expect(explaining({ flag: 'xyz', json: true })).rejects.toThrow(/token phc_\S+\.$/);
    expect(await explaining({ flag: 'old-export' })).toContain('the flag is switched off');
  });

  it('checks the context like a request', async () => {
    await expect(explaining({ groupProperties: { organization: 'acme' } })).rejects.toThrow(
      'The field "group_properties" must be an object of objects.',
    );
  });

  it('reports what is left out, by flag and path, and imports the rest', async () => {
    const broken = { id: 90, key: 'broken', active: true, filters: { groups: [{ rollout_percentage: 'all' }] } };
    const good = { id: 91, key: 'good', active: true, filters: { groups: [{ rollout_percentage: 100 }] } };
    const text = await importing(JSON.stringify({ flags: [broken, good, 7] }), 'phc_second');
    expect(text).toContain('3 flags (2 created, 1 refused) and 0 cohorts');
    expect(text).toContain('  left out of evaluation: broken: filters.groups[0].rollout_percentage: must be a number');
    expect(await explaining({ token: 'phc_second', flag: 'good' })).toContain('good is true');
  });

  it('E171, E140: names flags that fail for everybody, and dependencies on flags that are not there, with the place', async () => {
    const rule = { id: '4b1d5d0e-94b8-4d7a-8a53-7b3c2f9f3c21', type: 'targeted_release' };
    const rules = { version: 2, return_type: 'boolean', default_value: false, rules: [rule] };
    const behind = (key: string) => ({
      groups: [
        { properties: [] },
        {
          properties: [
            { key: 'email', type: 'person', value: 'x' },
            { key, type: 'flag', operator: 'flag_evaluates_to', value: true },
          ],
        },
      ],
    });
    const flags = [
      { id: 71, key: 'ordered', active: true, filters: rules },
      { id: 72, key: 'behind', active: true, filters: behind('nowhere') },
      { id: 73, key: 'beside', active: true, filters: behind('behind') },
      { id: 74, key: 'behind-nobody', active: true, filters: behind('without-id') },
      { key: 'without-id', active: true, filters: { groups: [] } },
      { id: 75, key: 'x'.repeat(500), active: true, filters: behind('nowhere') },
    ];
    const text = await importing(JSON.stringify({ flags }), 'phc_rules');
    const lines = text
      .split('\n')
      .slice(2)
      .filter((line) => !line.startsWith('  refused'));
    expect(lines).toEqual([
      expect.stringMatching(/^ {2}fails for everybody: ordered: filters\.rules\[0\]/) as string,
      '  off for everybody: behind: filters.groups[1].properties[1].key: there is no flag "nowhere" with an id in the file',
      '  off for everybody: behind-nobody: filters.groups[1].properties[1].key: there is no flag "without-id" with an id in the file',
      '',
    ]);
  });

  it('reports each flag that it refuses once, and nothing that the database has mended', async () => {
    const everybody = { groups: [{ properties: [], rollout_percentage: 100 }] };
    const flags = [
      { id: 1, key: 'twice', active: true, filters: everybody },
      { id: 2, key: 'twice', active: true, filters: everybody },
      { id: 1, key: 'same-id', active: true, filters: everybody },
      { id: 'one', key: 'no-id', active: true, filters: everybody },
      { id: 3, key: 'no-filters', active: true, filters: null },
    ];
    const text = await importing(JSON.stringify({ flags }), 'phc_third');
    expect(text.split('\n').slice(2)).toEqual([
      '  refused: twice: another flag of the document has this key',
      '  refused: no-id: its id is not a whole number',
      '  refused: no-filters: its filters are not an object',
      '',
    ]);
    for (const flag of ['twice', 'same-id']) {
      expect(await explaining({ token: 'phc_third', flag })).toContain(`${flag} is true`);
    }
  });

  it('asks for the token when there are several projects', async () => {
    await expect(explaining({})).rejects.toThrow(/several projects.*--token phc_second/);
    await expect(importing('{"flags":[]}')).rejects.toThrow(/several projects/);
    await expect(explaining({ token: 'phc_nobody' })).rejects.toThrow('There is no project with the token phc_nobody.');
  });

  it.each([
    ['{"flags":', /definitions\.json is not JSON: .*\.$/],
    ['[]', /is not what PostHog's \/flags\/definitions serves: must be an object/],
    ['{}', /is not what PostHog's \/flags\/definitions serves: flags/],
    [`{"flags":[],"x":${'['.repeat(10_000)}`, /is not JSON/],
    ['{"flags":[],"cohorts":"all"}', / serves: cohorts: must be an object or a list\.$/],
    ['{"flags":[],"group_type_mapping":["org"]}', / serves: group_type_mapping: must be an object\.$/],
    ['{"flags":[],"group_type_mapping":{"0":7}}', / group_type_mapping\.0: must be the name of a group type\.$/],
    ['{"flags":[],"group_type_mapping":{"5":"org"}}', / group_type_mapping: "5" must be a number from 0 to 4\.$/],
    ['{"flags":[],"timezone":60}', / serves: timezone: must be a string\.$/],
    ['{"flags":[],"property_matching_version":"2"}', / property_matching_version: must be 1 or 2\.$/],
  ])('refuses the file %j in one line', async (text, message) => {
    await expect(importing(text, 'phc_second')).rejects.toThrow(message);
  });

  it.each([
    ['Latin-1', Buffer.from('{"flags":[\n{"key":"caf\u00e9","filters":{}}]}', 'latin1'), 2],
    ['UTF-16', Buffer.from('\ufeff{"flags":[]}', 'utf16le'), 1],
    ['a cut letter', Buffer.from('{"flags":[]}\n\n\u00e9').subarray(0, -1), 3],
  ])('refuses a file that is not UTF-8, naming the line: %s', async (_what, bytes, line) => {
    const refused = output((io) => importFile(settings, fileWith(bytes), { token: 'phc_latin' }, io));
    await expect(refused).rejects.toThrow(
      new UserError(`${join(folder, 'definitions.json')} is not UTF-8 (line ${line}). Save it as UTF-8.`),
    );
    expect(await ask(database.url, `select 1 from posthog_team where api_token = 'phc_latin'`)).toEqual([]);
  });

  it('takes UTF-8 with a byte order mark, and letters of any alphabet', async () => {
    const text = '\ufeff{"flags":[{"key":"caf\u00e9-\u65e5\u672c","active":true,"filters":{"groups":[{}]}}]}';
    await importing(text, 'phc_letters');
    expect(await explaining({ token: 'phc_letters', flag: 'caf\u00e9-\u65e5\u672c' })).toContain(' is true');
  });

  it.each([
    ['nothing', { flags: [{ key: 'a', filters: {} }] }, 0],
    ['the only flag', { flags: [{ key: 'k'.repeat(1000), filters: {} }] }, 3],
    [
      'one of two flags',
      {
        flags: [
          { key: 'a', filters: {} },
          { key: 'b', active: 'true', filters: {} },
        ],
      },
      3,
    ],
    ['a cohort', { flags: [], cohorts: [{ id: 900_001, is_static: 'yes' }] }, 3],
  ])('tells by its exit code whether something was refused: %s', async (_what, document, code) => {
    let exitCode: number | undefined;
    const text = await output(async (io) => {
      exitCode = await importFile(settings, fileWith(JSON.stringify(document)), { token: 'phc_codes' }, io);
    });
    expect(exitCode).toBe(code);
    expect(text.includes('refused: ')).toBe(code !== 0);
  });

  it.each([{}, { HALYARD_MIGRATE: 'false' }])('refuses tables of PostHog, and writes nothing (%j)', async (env) => {
    const posthogs = await createTestDatabase();
    try {
      await ask(posthogs.url, `create table django_migrations as select 'posthog' as app`);
      const there = readSettings({ DATABASE_URL: posthogs.url, ...env });
      const refused = output((io) => importFile(there, fileWith('{"flags":[]}'), { token: 'phc_new' }, io));
      await expect(refused).rejects.toThrow(/^This database belongs to PostHog.*Edit flags in PostHog\.$/);
      expect(await ask(posthogs.url, 'select api_token from posthog_team')).toEqual([]);
    } finally {
      await posthogs.drop();
    }
  });

  it('refuses to import where nothing may be written', async () => {
    const readOnly = readSettings({ DATABASE_URL: database.url, HALYARD_READ_ONLY: 'true' });
    const refused = output((io) => importFile(readOnly, fileWith('{"flags":[]}'), { token: 'phc_new' }, io));
    await expect(refused).rejects.toThrow(new UserError('HALYARD_READ_ONLY is set, so nothing can be imported.'));
    expect(await ask(database.url, `select 1 from posthog_team where api_token = 'phc_new'`)).toEqual([]);
  });

  it('refuses a file that is not there', async () => {
    const missing = output((io) => importFile(settings, join(folder, 'nowhere.json'), {}, io));
    await expect(missing).rejects.toThrow(/nowhere\.json cannot be read/);
  });
});
