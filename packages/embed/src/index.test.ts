import { afterEach, describe, expect, it } from 'vitest';
import { halyard } from './index.ts';

const everybody = { id: 1, key: 'everybody', active: true, filters: { groups: [{ properties: [] }] } };
const pro = {
  id: 2,
  key: 'pro',
  active: true,
  filters: {
    groups: [{ properties: [{ key: 'plan', value: 'pro', type: 'person' }], rollout_percentage: 100 }],
    payloads: { true: '1.0' },
  },
};
const sticky = { ...everybody, id: 3, key: 'sticky', ensure_experience_continuity: true };

const loaded: string[] = [];

function load(...flags: object[]): number {
  const number = halyard.load(JSON.stringify({ document: { flags }, team_id: 7 }));
  expect(number).toMatch(/^\d+$/);
  loaded.push(number);
  return Number(number);
}

afterEach(() => loaded.splice(0).forEach((number) => halyard.unload(number)));

function step(program: number, more: object = {}): string {
  return halyard.step(JSON.stringify({ program, distinctId: 'ada', now: 0, ...more }));
}

interface Described {
  readonly key: string;
  readonly enabled: boolean;
  readonly payload?: string;
  readonly reason: string;
}

function describeAnswer(program: number, answer: string): Described[] {
  return JSON.parse(halyard.describe(JSON.stringify({ program, codes: answer.slice(1) }))) as Described[];
}

type Rows = readonly object[] | { readonly code: string };

/** What is asked, by something that only its statement has. */
const statements: Readonly<Record<string, RegExp>> = {
  tables: /pg_attribute/,
  'sticky keys': /insert into posthog_featureflaghashkeyoverride/,
  notice: /pg_notify/,
  project: /api_token = \$1\) p/,
  revision: /api_token = \$2/,
  'group types revision': /as revision, \$2::text as asked\nfrom posthog_grouptypemapping/,
  flags: /as flags,/,
  cohorts: /as cohorts,/,
  'group types': /as mapping,/,
  facts: /person_id|x\.person/,
};

interface Wish {
  readonly conversation: number;
  readonly ask?: readonly { readonly pool: string; readonly text: string; readonly values: readonly unknown[] }[];
  readonly pauseMs?: number;
}

const nameOf = (text: string) => Object.entries(statements).find(([, sign]) => sign.test(text))?.[0] ?? '?';

/** The rows with the ticket of their question, which is its last value. */
function answerTo({ text, values }: { text: string; values: readonly unknown[] }, rows: Rows): object {
  if ('code' in rows) return { error: { code: rows.code, message: 'failed', lost: false } };
  const asked = nameOf(text) === 'tables' ? 'features' : values.at(-1);
  return { rows: rows.map((row) => ({ asked, ...row })) };
}

/** What is answered at the first time, the second, and so on. */
function isSeries(found: Rows | readonly Rows[]): found is readonly Rows[] {
  return Array.isArray(found) && found.some((one) => Array.isArray(one) || 'code' in (one as object));
}

/** Goes on until there is an answer; `rows` answers what is asked by name, a list of several one after the other. */
function converse(
  first: string,
  rows: Readonly<Record<string, Rows | readonly Rows[]>>,
): { answer: string; steps: string[] } {
  const steps: string[] = [];
  const times = new Map<string, number>();
  let answer = first;
  while (answer.startsWith('?')) {
    const { conversation, ask = [], pauseMs } = JSON.parse(answer.slice(1)) as Wish;
    if (pauseMs !== undefined) steps.push('pause');
    const answers = ask.map((one) => {
      const name = nameOf(one.text);
      steps.push(`${name} @ ${one.pool}`);
      const time = times.get(name) ?? 0;
      times.set(name, time + 1);
      const found = rows[name] ?? [{}];
      return answerTo(one, isSeries(found) ? (found[time] ?? []) : found);
    });
    answer = halyard.resume(JSON.stringify({ conversation, answers }));
  }
  return { answer, steps };
}

/** A store that no other test has. */
let stores = 1000;
const store = (more: object = {}) => ({ number: (stores += 1), ...more });

describe('the text interface', () => {
  it('answers one character per flag, which describe explains', () => {
    const program = load(everybody, pro);
    const answer = step(program, { personProperties: { plan: 'pro' } });
    expect(answer).toHaveLength(3);
    expect(answer[0]).toBe('0');
    const described = describeAnswer(program, answer);
    expect(described.map(({ key, enabled }) => [key, enabled])).toEqual([
      ['everybody', true],
      ['pro', true],
    ]);
    expect(described[1]?.payload).toBe('1.0');
  });

  it('E124, E184: where nothing is stored, what the request lacks is not set', () => {
    const rule = {
      rule_type: 'targeted_release',
      targeting: { properties: [{ key: 'plan', type: 'person', value: 'pro' }] },
    };
    const rules = [{ id: '00000000-0000-4000-8000-000000000001', ...rule, value: true }];
    const filters = { version: 2, return_type: 'boolean', default_value: false, rules };
    const program = load({ ...everybody, key: 'ruled', filters });
    expect(step(program)[0]).toBe('0');
    expect(describeAnswer(program, step(program))).toMatchObject([{ enabled: false, reason: 'no_condition_match' }]);
    const told = step(program, { personProperties: { plan: 'pro' } });
    expect(describeAnswer(program, told)).toMatchObject([{ enabled: true, reason: 'condition_match' }]);
  });

  it('E124: where nothing is stored, cohorts are decided by what the request says', () => {
    const properties = [{ key: 'id', type: 'cohort', value: 5, operator: 'in' }];
    const flags = [{ ...everybody, filters: { groups: [{ properties }] } }];
    const cohorts = { 5: { type: 'AND', values: [{ type: 'AND', values: pro.filters.groups[0]?.properties }] } };
    const number = halyard.load(JSON.stringify({ document: { flags, cohorts }, team_id: 7 }));
    loaded.push(number);
    const told = step(Number(number), { personProperties: { plan: 'pro' } });
    expect(describeAnswer(Number(number), told)).toMatchObject([{ enabled: true }]);
    expect(describeAnswer(Number(number), step(Number(number)))).toMatchObject([{ enabled: false }]);
  });

  it('E175: definitions are judged as they are written', () => {
    const filters = '{"version":2,"return_type":"boolean","default_value":false,"rules":[],"rules":[]}';
    const text = `{"document":{"flags":[{"id":1,"key":"twice","active":true,"filters":${filters}}]},"team_id":7}`;
    const number = halyard.load(text);
    loaded.push(number);
    const answer = step(Number(number));
    expect(answer[0]).toBe('1');
    expect(describeAnswer(Number(number), answer)).toMatchObject([
      { enabled: false, reason: 'flag_data_parsing_error' },
    ]);
  });

  it('gives the same outcome the same character', () => {
    const program = load(everybody);
    expect(step(program)).toBe(step(program, { distinctId: 'bob' }));
  });

  const found = { person: '{"plan":"pro"}', created_at: null, static_cohorts: '', sticky_keys: null, groups: null };

  it('asks what it needs, and reads the rows', () => {
    const program = load(pro);
    const { answer, steps } = converse(step(program, { store: store() }), { facts: [found] });
    expect(steps).toEqual(['tables @ persons reader', 'facts @ persons reader']);
    expect(describeAnswer(program, answer)[0]).toMatchObject({ key: 'pro', enabled: true });
  });

  it('E160: a failed statement fails only the flags that needed it', () => {
    const program = load(everybody, pro);
    const { answer } = converse(step(program, { store: store() }), { facts: { code: '57014' } });
    expect(answer[0]).toBe('1');
    expect(describeAnswer(program, answer).map(({ key, reason }) => [key, reason])).toEqual([
      ['everybody', 'condition_match'],
      ['pro', 'timeout'],
    ]);
  });

  it('refuses the rows of another question', () => {
    const program = load(pro);
    const first = step(program, { store: store() });
    const { answer } = converse(first, { facts: [{ ...found, asked: 'somebody else' }] });
    expect(describeAnswer(program, answer)[0]).toMatchObject({ enabled: false, reason: 'database_error' });
  });

  it('D41: tries a sticky-key write again when its person was deleted under it', () => {
    const half = { ...sticky, filters: { groups: [{ properties: [], rollout_percentage: 50 }] } };
    const program = load(half);
    const { answer, steps } = converse(step(program, { store: store(), anonDistinctId: 'anon' }), {
      facts: [{ ...found, sticky_keys: '[]' }],
      'sticky keys': [{ code: '23503' }, [{ sticky_keys: '[[true,"sticky","anon"]]' }]],
    });
    expect(steps).toEqual([
      'tables @ persons reader',
      'facts @ persons reader',
      'tables @ persons writer',
      'sticky keys @ persons writer',
      'pause',
      'sticky keys @ persons writer',
    ]);
    expect(answer[0]).toBe('0');
  });

  it('D36: a sticky key that was stored is given again, though the reader lags', () => {
    const half = { ...sticky, filters: { groups: [{ properties: [], rollout_percentage: 50 }] } };
    const program = load(half);
    const same = store({ readerMayLag: true });
    const rows = {
      facts: [{ ...found, sticky_keys: '[]' }],
      'sticky keys': [{ sticky_keys: '[[true,"sticky","anon"]]' }],
    };
    for (let n = 0; n < 30; n++) {
      const distinctId = `user-${n}`;
      const first = converse(step(program, { store: same, distinctId, anonDistinctId: 'anon' }), rows);
      const second = converse(step(program, { store: same, distinctId }), rows);
      expect(second.answer).toBe(first.answer);
    }
  });

  it('needs no statement for a request that brings what its flags look at', () => {
    expect(step(load(pro), { store: store(), personProperties: { plan: 'free' } })).toMatch(/^0/);
  });

  it('goes on with the conversation that is named, and with no other', () => {
    const program = load(pro);
    const same = store();
    converse(step(program, { store: same }), { facts: [found] });
    const [one, other] = ['pro', 'free'].map((plan) => {
      const { conversation, ask = [] } = JSON.parse(step(program, { store: same }).slice(1)) as Wish;
      return {
        conversation,
        answers: ask.map((asked) => answerTo(asked, [{ ...found, person: `{"plan":"${plan}"}` }])),
      };
    });
    const enabled = (call: unknown) => describeAnswer(program, halyard.resume(JSON.stringify(call)))[0]?.enabled;
    expect([enabled(other), enabled(one)]).toEqual([false, true]);
    expect(halyard.resume(JSON.stringify(one))).toMatch(/^!.*there is no conversation/);
  });

  it('a conversation that is dropped leaves nothing behind', () => {
    const { conversation } = JSON.parse(step(load(pro), { store: store() }).slice(1)) as Wish;
    expect(halyard.drop(String(conversation))).toBe('');
    expect(halyard.drop(String(conversation))).toBe('');
    expect(halyard.resume(JSON.stringify({ conversation, answers: [] }))).toMatch(/^!.*there is no conversation/);
  });

  it('has a bound on conversations at the same time', () => {
    const program = load(pro);
    const same = store();
    const begun: number[] = [];
    let answer: string;
    do {
      answer = step(program, { store: same });
      if (answer.startsWith('?')) begun.push((JSON.parse(answer.slice(1)) as Wish).conversation);
    } while (answer.startsWith('?'));
    expect(answer).toMatch(/^!.*10000 requests wait for their databases already/);
    expect(begun.length).toBeGreaterThan(9_900);
    for (const number of begun) halyard.drop(String(number));
    expect(step(program, { store: same })).toMatch(/^\?/);
  });

  it('turns every failure into an answer', () => {
    expect(halyard.load('{')).toMatch(/^!.*SyntaxError/);
    expect(halyard.load('{"document":{"flags":3}}')).toMatch(/^!.*"path":"flags"/);
    expect(halyard.step('{"program":0}')).toMatch(/^!.*no definitions are loaded under 0/);
    expect(halyard.part('{"part":"constructor"}')).toMatch(/^!.*there is no part/);
  });

  it('says where in the document a broken flag is', () => {
    const program = load(everybody, { id: 9, key: 'broken', active: true, filters: { groups: [{ properties: [3] }] } });
    expect(JSON.parse(halyard.problems(String(program)))).toMatchObject([
      {
        flagKey: 'broken',
        path: expect.stringMatching(/^flags\[1\]\.filters\.groups\[0\]\.properties\[0\]/) as string,
      },
    ]);
  });

  const read = {
    project: [{ team_id: '7', team: '{"timezone":"UTC"}', settings: '{}', revision: '1', position: 'w10' }],
    flags: [{ flags: JSON.stringify(pro), revision: '2' }],
    cohorts: [{ cohorts: null, revision: '3' }],
    'group types': { code: '57014' },
  };
  const told = (answer: string) => JSON.parse(answer.slice(1)) as Record<string, unknown>;

  it('reads a project from rows and knows an unknown token', () => {
    const ask = () => halyard.project(JSON.stringify({ store: store(), token: 'phc_x' }));
    expect(converse(ask(), { project: [{ team_id: null }] }).answer).toBe('={"event":"absent"}');
    const { answer, steps } = converse(ask(), read);
    expect(steps.slice(-3)).toEqual([
      'flags @ non-persons reader',
      'cohorts @ non-persons reader',
      'group types @ persons reader',
    ]);
    expect(told(answer)).toMatchObject({
      event: 'read',
      held: { teamId: 7, revision: '1.2.3.-', position: { main: 10, persons: null, replica: false } },
    });
    expect(halyard.load(`{"definitions":${String(told(answer)['definitions'])}}`)).toMatch(/^\d+$/);
  });

  it('a project that cannot be read is an event too, and says which pool', () => {
    const first = halyard.project(JSON.stringify({ store: store(), token: 'phc_x' }));
    expect(told(converse(first, { project: { code: '08001' } }).answer)).toEqual({
      event: 'failed',
      detail: { error: 'unavailable' },
      message: 'failed',
      pool: 'non-persons reader',
      code: '08001',
    });
  });

  it('compares what is held with the side that it is told', () => {
    const held = { teamId: 7, revision: '1.2.3.4', position: null };
    const same = { revision: [{ team: '1', flags: '2', cohorts: '3' }], 'group types revision': [{ revision: '4' }] };
    const look = (side: string, rows: Parameters<typeof converse>[1]) =>
      converse(halyard.look(JSON.stringify({ store: store(), token: 'phc_x', held, side })), rows);
    const reader = look('reader', same);
    expect(told(reader.answer)).toMatchObject({ event: 'confirmed' });
    expect(reader.steps).toContain('revision @ non-persons reader');
    expect(look('writer', same).steps).toContain('revision @ non-persons writer');
    // The writer fails, and the reader knows of nothing newer.
    const unsure = look('writer', { ...same, revision: [{ code: '08006' }, same.revision] });
    expect(told(unsure.answer)).toMatchObject({ event: 'unsure' });
    expect(told(look('reader', { ...read, revision: [{ team: '9' }] }).answer)).toMatchObject({ event: 'read' });
  });

  it('compares the revisions that are known with what a transaction sees', () => {
    const known = { store: store({ isolated: true }), token: 'phc_x', teamId: 7, known: ['1.2.3.4'] };
    const seen = { revision: [{ team: '1', flags: '2', cohorts: '3' }], 'group types revision': [{ revision: '4' }] };
    const { answer } = converse(halyard.lookInside(JSON.stringify(known)), seen);
    expect(told(answer)).toEqual({ event: 'confirmed', revision: '1.2.3.4' });
    const other = converse(halyard.lookInside(JSON.stringify({ ...known, known: ['x'] })), { ...seen, ...read });
    expect(told(other.answer)).toMatchObject({ event: 'read', held: { revision: '1.2.3.-' } });
  });

  it('drives the machine of freshness over text, also numbers that are written with a fraction', () => {
    const tell = (call: object) =>
      told(halyard.freshness(JSON.stringify(call).replace('"checkAfterMs":2000', '"checkAfterMs":2000.0')));
    const limits = { checkAfterMs: 2000 };
    const wanted = tell({ event: 'wanted', now: 0, limits });
    expect(wanted).toMatchObject({ state: 'loading', actions: ['load'], side: 'reader', dueAt: null });
    const first = tell({ record: wanted['record'], event: 'read', now: 100, limits });
    expect(first).toMatchObject({ state: 'fresh', side: null });
    expect(first['dueAt']).toBeGreaterThan(1_800);
    expect(first['dueAt']).toBeLessThan(2_400);
    const announced = tell({ record: first['record'], event: 'announced', now: 200, limits });
    expect(announced).toMatchObject({ state: 'checking', actions: ['note', 'look'], side: 'writer', dueAt: null });
    const failed = tell({
      record: announced['record'],
      event: 'failed',
      now: 300,
      limits,
      detail: { error: 'timeout' },
    });
    expect(failed).toMatchObject({ state: 'stale', record: { failures: 1, lastError: 'timeout', confirmedAt: 100 } });
  });

  it('drives the machine that judges notices over text', () => {
    const tell = (call: object) => told(halyard.notices(JSON.stringify(call)));
    const began = tell({ event: 'began', now: 0.5 });
    expect(began).toMatchObject({ actions: ['send'], believed: false, wakeAt: 5_000.5 });
    const sent = tell({ record: began['record'], event: 'sent', now: 1, detail: { announces: true } });
    const heard = tell({ record: sent['record'], event: 'heard', now: 2, detail: { text: began['awaited'] } });
    expect(heard).toMatchObject({ actions: ['believe'], believed: true, team: null });
    const changed = tell({ record: heard['record'], event: 'heard', now: 3, detail: { text: '7' } });
    expect(changed).toMatchObject({ actions: [], team: 7, channel: 'halyard_definitions', pauseMs: 0 });
    const ended = tell({ record: changed['record'], event: 'ended', now: 4 });
    expect(ended).toMatchObject({ actions: ['doubt'], pauseMs: 100, team: null });
    const { answer } = converse(halyard.sendNotice(JSON.stringify({ store: store(), text: 'x' })), {
      tables: [{ announces_changes: 'true' }],
    });
    expect(told(answer)).toEqual({ event: 'sent', detail: { announces: true } });
  });

  it('tells what conversations survived, once', () => {
    halyard.reports('');
    converse(step(load(pro), { store: store() }), { facts: { code: '57014' } });
    expect(halyard.reports('')).toBe('=["persons reader: failed"]');
    expect(halyard.reports('')).toBe('=[]');
  });
});
