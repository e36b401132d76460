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

/** Goes on until there is an answer; `rows` answers the steps by name. */
function answerWith(
  program: number,
  rows: Readonly<Record<string, readonly object[] | { code: string }>>,
  more: object = {},
): { answer: string; steps: string[] } {
  const results: Record<string, object> = {};
  const steps: string[] = [];
  for (;;) {
    const answer = step(program, { store: 1000 + program, results, ...more });
    if (!answer.startsWith('?')) return { answer, steps };
    const { step: name } = JSON.parse(answer.slice(1)) as { step: string };
    steps.push(name);
    const found = rows[name] ?? [];
    results[name] = 'code' in found ? { error: { code: found.code, message: 'failed', lost: false } } : { rows: found };
  }
}

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

  it('gives the same outcome the same character', () => {
    const program = load(everybody);
    expect(step(program)).toBe(step(program, { distinctId: 'bob' }));
  });

  it('names the statement that has to be run, and reads its rows', () => {
    const program = load(pro);
    const { answer, steps } = answerWith(program, {
      'shape of persons reader': [{}],
      facts: [{ person: '{"plan":"pro"}', created_at: null, static_cohorts: '', sticky_keys: null, groups: null }],
    });
    expect(steps).toEqual(['shape of persons reader', 'facts']);
    expect(describeAnswer(program, answer)[0]).toMatchObject({ key: 'pro', enabled: true });
  });

  it('E160: a failed statement fails only the flags that needed it', () => {
    const program = load(everybody, pro);
    const { answer } = answerWith(program, { 'shape of persons reader': [{}], facts: { code: '57014' } });
    expect(answer[0]).toBe('1');
    expect(describeAnswer(program, answer).map(({ key, reason }) => [key, reason])).toEqual([
      ['everybody', 'condition_match'],
      ['pro', 'timeout'],
    ]);
  });

  it('D41: tries a sticky-key write again when its person was deleted under it', () => {
    const half = { ...sticky, filters: { groups: [{ properties: [], rollout_percentage: 50 }] } };
    const program = load(half);
    const { answer, steps } = answerWith(
      program,
      {
        'shape of persons reader': [{}],
        'shape of persons writer': [{}],
        facts: [{ person: '{}', created_at: null, static_cohorts: '', sticky_keys: '[]', groups: null }],
        'sticky keys 1': { code: '23503' },
        'sticky keys 2': [{ sticky_keys: '[[true,"sticky","anon"]]' }],
      },
      { anonDistinctId: 'anon' },
    );
    expect(steps.slice(-3)).toEqual(['shape of persons writer', 'sticky keys 1', 'sticky keys 2']);
    expect(answer[0]).toBe('0');
  });

  it('needs no step for a request that brings what its flags look at', () => {
    expect(step(load(pro), { store: 1, personProperties: { plan: 'free' } })).toMatch(/^0/);
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

  it('reads a project from rows and knows an unknown token', () => {
    const ask = (results: object) => halyard.project(JSON.stringify({ store: 2000, token: 'phc_x', results }));
    const shape = { 'shape of non-persons reader': { rows: [{}] } };
    expect(ask({})).toMatch(/^\?.*shape of non-persons reader/);
    expect(ask({ ...shape, project: { rows: [] } })).toBe('=null');
    const answer = ask({
      ...shape,
      project: { rows: [{ team_id: '7', team: '{"timezone":"UTC"}', settings: '{}', revision: '1' }] },
      flags: { rows: [{ flags: JSON.stringify([JSON.stringify(pro)]), revision: '2' }] },
      cohorts: { rows: [{ cohorts: '[]', revision: '3' }] },
      'group types': { error: { code: null, message: 'gone', lost: true } },
    });
    const found = JSON.parse(answer.slice(1)) as { teamId: number; revision: string; definitions: string };
    expect(found).toMatchObject({ teamId: 7, revision: '1.2.3.-' });
    expect(halyard.load(`{"definitions":${found.definitions}}`)).toMatch(/^\d+$/);
  });

  it('names the pool when a project cannot be read', () => {
    const results = { 'shape of non-persons reader': { error: { code: '08001', message: 'refused', lost: true } } };
    expect(halyard.project(JSON.stringify({ store: 2001, token: 'phc_x', results }))).toMatch(
      /^!.*"pool":"non-persons reader"/,
    );
  });
});
