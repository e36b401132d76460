import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, type TestDatabase } from '@halyard/data/testing';
import { CodeStore, planChanges, readCode } from '@halyard/manage/code';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { demoDefinitions } from '../../demo/demo-definitions.ts';
import { importFile } from '../import.ts';
import { CodeCommands, flag, settingsOf } from './code-commands.cases.ts';

const commands = new CodeCommands();
const { run, importing, exporting, applying, linting, files, put, versions } = commands;
let folder: string;
let first: TestDatabase;
let second: TestDatabase;

beforeAll(() => {
  ({ first, second } = commands);
});
beforeEach(() => {
  ({ folder } = commands);
});

describe('halyard export and apply', () => {
  it('everything in files, and from files, is what it was: the demo, exact numbers, ordered rules', async () => {
    const rules =
      '{"version":2,"return_type":"number","default_value":1.50,"rules":[{"id":"00000000-0000-4000-8000-000000000001","rule_type":"percentage_rollout","targeting":{"properties":[]},"value":12.0,"rollout_percentage":50.50,"on_rollout_miss":"continue","assignment_algorithm":"sha1_60_v1","seed":"s"}]}';
    const exact =
      '{"groups":[{"properties":[{"key":"n","type":"person","operator":"exact","value":[1.0,12345678901234567890]}],"rollout_percentage":12.5}],"payloads":{"true":"{\\"a\\": 1.0}"}}';
    const demo = JSON.stringify({ ...demoDefinitions, timezone: 'Europe/Vienna', flags: [] }).slice(0, -1);
    const flags = JSON.stringify(demoDefinitions['flags']).slice(1, -1);
    await importing(
      `${demo.replace('"flags":[]', `"flags":[${flags},{"id":91,"key":"rules","active":true,"filters":${rules}},{"id":92,"key":"exact","active":true,"filters":${exact}}]`)}}`,
      'phc_whole',
    );
    expect(await exporting({ token: 'phc_whole', out: folder })).toEqual({
      code: 0,
      text: `${folder}: 19 flags and 2 cohorts\n`,
    });
    const written = files();
    expect(Object.keys(written)).toHaveLength(21);
    expect(written['flags/rules.yaml']).toContain('rollout_percentage: 50.50');
    expect(written['flags/exact.yaml']).toContain('- 12345678901234567890');
    expect(written['flags/smart-cart.yaml']).toContain('key: new-checkout');

    // Into the same project: nothing. Into another database: the same, file for file.
    expect(await applying({ token: 'phc_whole', plan: true })).toMatchObject({ code: 0 });
    const made = await applying({ token: 'phc_other', name: 'Shop' }, second);
    expect(made.text).toContain('+ smart-cart\n    On for people for whom the flag new-checkout is on and whose');
    expect(made.text).toMatch(/22 created, 1 changed, 0 deleted, 0 flags as they are\.\n.*A new project was made/s);
    const again = await applying({ token: 'phc_other', plan: true }, second);
    expect(again).toEqual({ code: 0, text: '0 to create, 0 to change, 0 to delete, 19 flags as they are.\n' });
    rmSync(folder, { recursive: true });
    await exporting({ token: 'phc_other', out: folder }, second);
    expect(files()).toEqual(written);
    const [filters] = await ask(second.url, `select filters from posthog_featureflag where key = 'rules'`);
    expect(JSON.stringify(filters)).toContain('50.5');
  });

  it('writes one document to standard output or into a file, in YAML and JSON', async () => {
    const { text } = await exporting({ token: 'phc_whole' });
    mkdirSync(folder);
    for (const name of ['all.yaml', 'all.json']) {
      const file = join(folder, name);
      await exporting({ token: 'phc_whole', out: file });
      expect((await applying({ token: 'phc_whole', plan: true }, first, file)).code).toBe(0);
    }
    expect(files()['all.yaml']).toBe(`# yaml-language-server: $schema=./flags.schema.json\n\n${text}`);
    await expect(exporting({ token: 'phc_whole', out: join(folder, 'a.yml'), format: 'json' })).rejects.toThrow(
      '--format json does not go with the name',
    );
    await expect(exporting({ token: 'phc_nobody' })).rejects.toThrow('There is no project with the token phc_nobody.');
  });

  it('says what would change before, and changes it in one go', async () => {
    put('a.yaml', flag('a'));
    put('b.json', '{"key":"b","active":false,"filters":{"groups":[{"rollout_percentage":10}]}}');
    const token = 'phc_plan';
    const plan = await applying({ token, plan: true });
    expect(plan).toEqual({
      code: 2,
      text: [
        '+ a',
        '    On for everybody.',
        '    warning: filters.groups[0].rollout_percentage: the flag is on for everybody from its first moment',
        '+ b',
        '    Switched off for everybody. When switched on: On for 10 % of people. Everybody else: off.',
        '2 to create, 0 to change, 0 to delete, 0 flags as they are.',
        '',
      ].join('\n'),
    });
    expect(await versions(token)).toEqual([]);
    expect((await applying({ token })).code).toBe(0);
    expect(await versions(token)).toEqual(['a 1', 'b 1']);

    put('b.json', '{"key":"b","active":true,"filters":{"groups":[{"rollout_percentage":50}]}}');
    expect((await applying({ token, plan: true })).text).toContain(
      '~ b\n    Switched on.\n    Condition 1: 10 % → 50 % of people.\n',
    );
    await applying({ token });
    expect(await versions(token)).toEqual(['a 1', 'b 2']);
    expect(JSON.parse((await applying({ token, json: true })).text)).toEqual({
      applied: true,
      token,
      changes: [],
      unchanged: 2,
      kept: [],
    });

    rmSync(join(folder, 'a.yaml'));
    expect((await applying({ token })).text).toContain('In no file, and left alone: a. --prune deletes them.');
    expect((await applying({ token, prune: true })).text).toContain('- a\n    On for everybody.\n');
    expect(await versions(token)).toEqual(['a 2 deleted', 'b 2']);
    expect((await applying({ token, prune: true, plan: true })).code).toBe(0);
    // M42: a deleted flag's key is free again.
    put('a.yaml', flag('a'));
    await applying({ token });
    expect(await versions(token)).toEqual(['a 1', expect.stringMatching(/^a:deleted:\d+ 3 deleted$/) as string, 'b 2']);
  });

  it('M162: leaves an entry in history for every flag that it writes', async () => {
    const entries = await ask(
      first.url,
      `select activity || ' ' || (detail ->> 'name') || ' ' || (detail #>> '{context,via}') from posthog_activitylog l
         join posthog_team t on t.id = l.team_id where api_token = 'phc_plan' order by l.created_at, 1`,
    );
    expect(entries.slice(0, 4)).toEqual(['created a cli', 'created b cli', 'updated b cli', 'deleted a cli']);
  });

  it('writes nothing when one file is wrong, and says where', async () => {
    put('good.yaml', flag('good'));
    put(
      'bad.yaml',
      `key: bad
active: yes
evaluation_runtime: browser
filter: {}
filters:
  groups:
    - rollout_percentage: all
`,
    );
    const message = [
      `${folder}/bad.yaml:4:9: unknown member "filter": known are key, name,`,
      `${folder}/bad.yaml:3:21: "bad": evaluation_runtime: must be all, client or server`,
      `${folder}/bad.yaml:2:9: "bad": active: must be true or false`,
    ];
    const refusal = await applying({ token: 'phc_bad' }).catch((error: Error) => error.message);
    for (const line of message) expect(refusal).toContain(line);
    put('bad.yaml', flag('bad').replace('100', 'all'));
    await expect(applying({ token: 'phc_bad' })).rejects.toThrow(
      `${folder}/bad.yaml:6:27: bad: filters.groups[0].rollout_percentage: must be a number, not a string`,
    );
    const asks = (filter: string): void => put('bad.yaml', flag('bad').replace('[]', `\n        - ${filter}`));
    asks('{key: gone, type: flag, operator: flag_evaluates_to, value: true}');
    await expect(applying({ token: 'phc_bad' })).rejects.toThrow(
      '6:17: bad: names the flag "gone", which there is not',
    );
    asks('{key: id, type: cohort, operator: in, value: 7}');
    await expect(applying({ token: 'phc_bad' })).rejects.toThrow('bad: names the cohort 7, which there is not');
    asks('{key: p, type: person, operator: exact, value: "a\\0"}');
    await expect(applying({ token: 'phc_bad' })).rejects.toThrow('1:1: holds characters that cannot be stored');
    asks('{key: other, type: flag, operator: flag_evaluates_to, value: true}');
    put(
      'other.yaml',
      flag('other').replace('[]', '[{key: bad, type: flag, operator: flag_evaluates_to, value: true}]'),
    );
    await expect(applying({ token: 'phc_bad' })).rejects.toThrow('bad: depends on itself, through the flags');
    rmSync(join(folder, 'other.yaml'));
    put('bad.yaml', flag('good'));
    await expect(applying({ token: 'phc_bad' })).rejects.toThrow('good.yaml:1:1: another flag has the key "good"');
    put('bad.yaml', 'version: 2\nflags: []\n');
    await expect(applying({ token: 'phc_bad' })).rejects.toThrow('bad.yaml:1:10: unknown member "version"');
    put('bad.yaml', 'flags: 7\ngroup_types: {9: x}\ntimezone: Mars\n');
    await expect(applying({ token: 'phc_bad' })).rejects.toThrow(
      /1:8: must be a list[^]*2:18: "9" must be a number from 0 to 4[^]*3:11: timezone: must be a name/,
    );
    put('bad.yaml', flag('rules').replace(/filters:[^]*/, 'filters: {version: 2, return_type: text}\n'));
    await expect(applying({ token: 'phc_bad' })).rejects.toThrow(/bad\.yaml:3:\d+: rules: filters/);
    rmSync(join(folder, 'bad.yaml'));
    writeFileSync(join(folder, 'bytes.json'), Buffer.from([0x7b, 0xff]));
    await expect(applying({ token: 'phc_bad' })).rejects.toThrow('bytes.json is not UTF-8 (line 1).');
    expect(await versions('phc_bad')).toEqual([]);
    await expect(applying({ token: 'phc_bad' }, first, join(folder, 'none'))).rejects.toThrow('cannot be read: ENOENT');
  });

  it('deletes nothing that others need, and not all because of an empty folder', async () => {
    const token = 'phc_needs';
    put('a.yaml', flag('a'));
    put('b.yaml', flag('b').replace('[]', '[{key: a, type: flag, operator: flag_evaluates_to, value: true}]'));
    await applying({ token });
    rmSync(join(folder, 'a.yaml'));
    await expect(applying({ token, prune: true })).rejects.toThrow('b: names the flag "a", which there is not');
    put('b.yaml', 'flags: []\n');
    await expect(applying({ token, prune: true })).rejects.toThrow('holds no flag, so --prune would delete all');
    put('b.yaml', 'group_types: {0: organization}\n');
    expect((await applying({ token })).text).toContain('+ group type 0\n    organization.\n');
    put('b.yaml', 'group_types: {0: company}\n');
    await expect(applying({ token })).rejects.toThrow('group type 0 is stored as "organization"');
    expect(await versions(token)).toEqual(['a 1', 'b 1']);
  });

  it('writes nothing over what somebody changed since the plan was made', async () => {
    const token = 'phc_race';
    put('a.yaml', flag('a'));
    await applying({ token });
    const store = new CodeStore(first.url);
    const stored = await store.read(token);
    const text = `flags: [${JSON.stringify({ key: 'a', active: false, filters: {} })}, {key: b, active: true, filters: {}}]`;
    const plan = planChanges(readCode([{ file: 'x.yaml', text }]), stored, { prune: false, now: Date.now() });
    await ask(
      first.url,
      `update posthog_featureflag set name = 'mine' where key = 'a' and team_id = ${stored?.teamId}`,
    );
    await expect(store.write(plan, { token })).rejects.toThrow('somebody changed a in the meantime');
    expect(await versions(token)).toEqual(['a 1']);
    await store.write(
      planChanges(readCode([{ file: 'x.yaml', text }]), await store.read(token), { prune: false, now: Date.now() }),
      {
        token,
      },
    );
    expect(await versions(token)).toEqual(['a 2', 'b 1']);
    await store.close();
  });

  it('keeps files where they are, with their comments, and names those of flags that are gone', async () => {
    const token = 'phc_keep';
    put('cart.yml', `# Ask the cart team first\n${flag('a')}`);
    put('b.json', '{"key":"b","active":true,"filters":{}}');
    await applying({ token });
    await ask(
      first.url,
      `update posthog_featureflag set name = 'New', active = false where key = 'a' and team_id in (select id from posthog_team where api_token = '${token}')`,
    );
    put('gone.yaml', flag('gone'));
    const { text } = await exporting({ token, out: folder });
    expect(text).toContain(`stored no more: ${folder}/gone.yaml (gone); --prune deletes it`);
    expect(files()['cart.yml']).toBe(`# Ask the cart team first\n${flag('a').replace('true', 'false')}name: New\n`);
    expect(files()['b.json']).toContain('"$schema": "./flags.schema.json"');
    await exporting({ token, out: folder, prune: true });
    expect(Object.keys(files())).toEqual(['b.json', 'cart.yml', 'flags.schema.json']);
    put('many.yaml', 'flags: [{key: c, active: true, filters: {}}]\n');
    await expect(exporting({ token, out: folder })).rejects.toThrow('many.yaml holds several flags');
  });

  it('gives every key a file inside the folder, whatever the key is', async () => {
    const keys = [
      '../../etc/passwd',
      '/abs',
      'a\\b',
      'CON',
      'Flag',
      'flag',
      '.hidden',
      'x'.repeat(300),
      'Ü ß',
      '__proto__',
      'a:b*?',
    ];
    const definitions = { flags: keys.map((key, at) => ({ id: 500 + at, key, active: true, filters: {} })) };
    await importing(definitions, 'phc_names');
    expect((await exporting({ token: 'phc_names', out: folder })).code).toBe(0);
    const names = Object.keys(files());
    expect(names.filter((name) => /^flags\/[\w%.-]+\.yaml$/.test(name))).toHaveLength(keys.length);
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
    expect((await applying({ token: 'phc_names', plan: true })).text).toContain(`${keys.length} flags as they are.`);
    expect(await exporting({ token: 'phc_names', out: folder })).toMatchObject({ code: 0 });
    expect(Object.keys(files())).toEqual(names);
  });

  it('neither follows links nor takes encrypted payloads along', async () => {
    mkdirSync(folder);
    symlinkSync('/etc/passwd', join(folder, 'x.yaml'));
    await expect(applying({ token: 'phc_link' })).rejects.toThrow('holds no file whose name ends in');
    const flags = [
      {
        id: 601,
        key: 'secret',
        version: 1,
        active: true,
        has_encrypted_payloads: true,
        filters: { payloads: { true: 'gAAAA' } },
      },
    ];
    await importing({ flags }, 'phc_secret');
    expect(await exporting({ token: 'phc_secret', out: join(folder, 'all.json') })).toMatchObject({
      code: 3,
      text: expect.stringContaining('left out: secret: its payloads are encrypted') as string,
    });
    put('secret.yaml', flag('secret'));
    await expect(applying({ token: 'phc_secret' })).rejects.toThrow('secret: is stored with encrypted payloads');
    put(
      'secret.yaml',
      flag('other').replace('[]', '[{key: secret, type: flag, operator: flag_evaluates_to, value: true}]'),
    );
    await applying({ token: 'phc_secret', prune: true });
    expect(await versions('phc_secret')).toEqual(['other 1', 'secret 1']);
  });
});

describe('halyard lint', () => {
  it('finds what is wrong and what is hardly meant, with its place', async () => {
    put('a.yaml', `${flag('a')}    - properties: []\n      rollout_percentage: 5\n`);
    put('b.yaml', flag('b').replace('100', 'x'));
    const { code, text } = await linting({}, folder);
    expect(code).toBe(3);
    expect(text).toBe(
      [
        `${folder}/a.yaml:7:7: warning condition_never_decides: a: never decides: condition 1, which comes before it, lets everybody in`,
        `${folder}/b.yaml:6:27: error unusable: b: filters.groups[0].rollout_percentage: must be a number, not a string`,
        '1 errors, 1 warnings',
        '',
      ].join('\n'),
    );
    rmSync(join(folder, 'b.yaml'));
    expect((await linting({ allowWarnings: true }, folder)).code).toBe(0);
    expect(JSON.parse((await linting({ json: true }, folder)).text)).toMatchObject([
      { severity: 'warning', code: 'condition_never_decides', place: { line: 7, column: 7 } },
    ]);
    put('c.yaml', 'key: [');
    expect((await linting({ allowWarnings: true }, folder)).text).toMatch(/c\.yaml:\d:\d: error unusable: /);
    await expect(linting({})).rejects.toThrow('Say what to look at');
  });

  it('looks at what is stored, and at which properties persons have', async () => {
    const [teamId] = await ask(first.url, `select id from posthog_team where api_token = 'phc_plan'`);
    await ask(
      first.url,
      `insert into posthog_person (team_id, uuid, properties) values (${String(teamId)}, gen_random_uuid(), '{"plan":"pro"}')`,
      `update posthog_featureflag set filters = '{"groups":[{"properties":[{"key":"plam","type":"person","value":1}]}]}'
        where key = 'b' and team_id = ${String(teamId)}`,
    );
    const { code, text } = await linting({ database: true, token: 'phc_plan' });
    expect(code).toBe(3);
    expect(text).toContain(
      'b: warning property_unknown: filters.groups[0].properties[0].key: none of the 1 newest persons has the property plam; did you mean plan?',
    );
  });
});

describe('halyard import of an export of Unleash', () => {
  const feature = (name: string, strategy: string) => ({
    name,
    enabled: true,
    strategies: [{ name: strategy, parameters: {}, segments: name === 'new-ui' ? [1] : [] }],
  });
  const segments = [
    { id: 1, name: 'Testers', constraints: [{ contextName: 'plan', operator: 'IN', values: ['pro'] }] },
  ];

  it('says what can be taken over, and writes it only when told', async () => {
    put(
      'unleash.json',
      JSON.stringify({ features: [feature('new-ui', 'default'), feature('odd', 'remoteAddress')], segments }),
    );
    const file = join(folder, 'unleash.json');
    const token = 'phc_unleash';
    const taking = (write: boolean) => run((io) => importFile(settingsOf(first), file, { token, write }, io));
    const dry = await taking(false);
    expect(dry.code).toBe(3);
    expect(dry.text).toContain(`${file}: 2 features of Unleash: 1 can be taken over, 1 cannot
  left out: odd: the strategy remoteAddress
Users change sides`);
    expect(dry.text).toContain(
      `Nothing was written. Write what can be taken over with: halyard import ${file} --write`,
    );
    expect(await versions(token)).toEqual([]);
    expect(await taking(true)).toMatchObject({ code: 3 });
    expect((await exporting({ token })).text).toMatch(/name: Testers[^]*key: new-ui/);
    // The same again is the same flag and the same cohort.
    expect((await taking(true)).text).toContain('1 flags (1 unchanged) and 1 cohorts');
  });
});
