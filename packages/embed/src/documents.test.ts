import { ask, createTestDatabase, type TestDatabase } from '@halyard/data/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type BatchHost, openBatchHost } from './batch-host.cases.ts';
import { halyard } from './index.ts';

const pro = { key: 'plan', value: 'pro', operator: 'exact', type: 'person' };
const flag = (id: number, key: string, ...properties: object[]) => ({
  id,
  key,
  active: true,
  filters: { groups: [{ properties, rollout_percentage: 100 }] },
});
const follows = (key: string) => ({ type: 'flag', key, operator: 'flag_evaluates_to', value: true });
const rules = {
  flags: [
    flag(1, 'beta', pro),
    flag(2, 'follows', follows('beta')),
    flag(3, 'of-cohort', { type: 'cohort', key: 'id', value: 7, operator: 'in' }),
  ],
  cohorts: { 7: { type: 'OR', values: [{ type: 'AND', values: [pro] }] } },
  group_type_mapping: { 0: 'company' },
};

interface Report {
  readonly created: boolean;
  readonly flags: readonly { readonly key: string; readonly outcome: string; readonly reason?: string }[];
  readonly cohorts: number;
  readonly refusedCohorts: readonly object[];
}

describe('documents over text', () => {
  let database: TestDatabase;
  let host: BatchHost;
  let token: string;
  let tokens = 0;

  beforeAll(async () => {
    database = await createTestDatabase();
    host = await openBatchHost(database.url);
  });

  beforeEach(() => {
    tokens += 1;
    token = `phc_${tokens}`;
  });

  afterAll(async () => {
    await host.close();
    await database.drop();
  });

  async function imported(document: object | string, more: object = {}): Promise<Report> {
    const text = typeof document === 'string' ? document : JSON.stringify(document);
    return JSON.parse(await host.run('importDocument', { document: text, token, ...more })) as Report;
  }

  /** The call of `load` for what is stored. */
  async function stored(of: string): Promise<string> {
    const read = JSON.parse(
      await host.converse(halyard.project(JSON.stringify({ store: { number: 500 }, token: of }))),
    ) as { definitions: string };
    return `{"definitions":${read.definitions}}`;
  }

  const exported = async () => halyard.exportDocument(await stored(token)).slice(1);
  const outcomes = ({ flags }: Report) => flags.map(({ key, outcome }) => `${key}: ${outcome}`);

  /** Which flags a person of this plan has. */
  function enabled(load: string, plan: string): string[] {
    const program = halyard.load(load);
    const request = { program: Number(program), distinctId: 'ada', now: 0, personProperties: { plan } };
    const codes = halyard.step(JSON.stringify(request)).slice(1);
    const described = JSON.parse(halyard.describe(JSON.stringify({ program: Number(program), codes }))) as {
      key: string;
      enabled: boolean;
    }[];
    halyard.unload(program);
    return described.flatMap((one) => (one.enabled ? [one.key] : [])).sort((a, b) => a.localeCompare(b, 'en'));
  }

  it('go in, come out, and go in again as they are, or into another project', async () => {
    const report = await imported(rules);
    expect(report).toMatchObject({ created: true, cohorts: 1, refusedCohorts: [] });
    expect(outcomes(report)).toEqual(['beta: created', 'follows: created', 'of-cohort: created']);
    const out = await exported();
    expect(await imported(out)).toMatchObject({ created: false });
    expect(outcomes(await imported(out))).toEqual(['beta: unchanged', 'follows: unchanged', 'of-cohort: unchanged']);

    token += '_other';
    expect(outcomes(await imported(out))).toEqual(['beta: created', 'follows: created', 'of-cohort: created']);
    expect(JSON.parse(out)).toMatchObject({ group_type_mapping: { 0: 'company' } });
    for (const load of [await stored(token), `{"document":${await exported()},"team_id":1}`]) {
      expect(enabled(load, 'pro')).toEqual(['beta', 'follows', 'of-cohort']);
      expect(enabled(load, 'free')).toEqual([]);
    }
  });

  it('E95: keep how their numbers are written', async () => {
    await imported(`{"flags":[{"key":"exact","active":true,"filters":{"groups":[],"payloads":{"true":"1.0"},
      "own":12345678901234567890}}]}`);
    const out = await exported();
    expect(out).toContain('12345678901234567890');
    expect(JSON.parse(out)).toMatchObject({ flags: [{ key: 'exact', filters: { payloads: { true: '1.0' } } }] });
  });

  it('name the targets of flag filters by key, and leave alike-looking texts of the owner alone', async () => {
    const lookAlike = { type: 'flag', key: 'beta', of: 'the owner' };
    const payloads = { true: JSON.stringify(lookAlike) };
    const beside = { ...flag(4, 'beside'), filters: { groups: [], payloads, note: lookAlike } };
    await imported({ flags: [...rules.flags.slice(0, 2), beside] });
    const [id, target] = await ask(
      database.url,
      `select f.id::text, f.filters #>> '{groups,0,properties,0,key}' from posthog_featureflag f
        join posthog_team t on t.id = f.team_id where t.api_token = '${token}' and f.key in ('beta', 'follows') order by f.key`,
    ).then(([beta, , , follower]) => [beta, follower]);
    expect(target).toBe(id);
    expect(JSON.parse(await exported())).toMatchObject({
      flags: [
        {},
        { filters: { groups: [{ properties: [follows('beta')] }] } },
        { filters: { payloads, note: lookAlike } },
      ],
    });
  });

  it('that a host holds as a document come out as they went in', () => {
    expect(halyard.exportDocument(`{"document":{"flags":[1.0],"more":[2]},"team_id":3}`)).toBe(
      '={"flags":[1.0],"more":[2]}',
    );
  });

  it('leave flags alone that they lack, unless told to remove them', async () => {
    await imported({ flags: [flag(1, 'a'), flag(2, 'b')] });
    expect(outcomes(await imported({ flags: [flag(1, 'a')] }))).toEqual(['a: unchanged']);
    const told = await imported({ flags: [flag(1, 'a')] }, { removeOthers: true });
    expect(outcomes(told)).toEqual(['a: unchanged', 'b: removed']);
    expect(enabled(await stored(token), 'pro')).toEqual(['a']);
  });

  it('are stored without the flags that cannot be, which are named', async () => {
    const report = await imported({ flags: [flag(1, 'good'), flag(2, 'x'.repeat(401)), flag(3, 'good')] });
    expect(report.flags.map(({ outcome }) => outcome)).toEqual(['created', 'refused', 'refused']);
    expect(report.flags.map(({ reason }) => reason)).toEqual([
      undefined,
      'its key is longer than 400 characters',
      'another flag of the document has this key',
    ]);
    expect(enabled(await stored(token), 'pro')).toEqual(['good']);
  });

  it.each([
    ['', 'SyntaxError'],
    ['[1]', 'DefinitionError'],
    ['{"flags":5}', '"path":"flags"'],
    ['{"flags":{}}', '"path":"flags"'],
  ])('refuse %j, and write nothing', async (text, says) => {
    await expect(imported(text)).rejects.toThrow(says);
    expect(await ask(database.url, `select 1 from posthog_team where api_token = '${token}'`)).toEqual([]);
  });

  it('refuse a call that lacks what it needs', () => {
    expect(halyard.importDocument('{}')).toMatch(/^!.*the call lacks .*document/);
    expect(halyard.importDocument('{"document":{"flags":[]}}')).toMatch(/^!.*document.* must be a string/);
    expect(halyard.importDocument(`{"document":"{\\"flags\\":[]}"}`)).toMatch(/^!.*the call lacks .*token/);
    expect(halyard.exportDocument('{}')).toMatch(/^!.*the call lacks .*definitions/);
  });

  it('keep nothing between calls: the same answers are followed by the same batch', async () => {
    const call = { document: JSON.stringify(rules), token };
    const first = halyard.importDocument(JSON.stringify(call));
    expect(first).toMatch(/^\?/);
    expect(halyard.importDocument(JSON.stringify({ ...call, answers: [] }))).toBe(first);
    await imported(rules);
    expect(halyard.importDocument(JSON.stringify(call))).toBe(first);
  });
});
