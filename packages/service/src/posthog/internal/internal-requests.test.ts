import type { JsonObject, JsonValue } from '@halyard/json';
import { CompiledProject, compile, type Definitions, MemoryStore } from 'halyard/host';
import { describe, expect, it } from 'vitest';
import { type Answered, call, json } from '../../app-call.cases.ts';
import { flagRow } from '../evaluating-project.cases.ts';
import { internalRequests } from './internal-requests.ts';

const SECRET = 'a-secret-of-many-characters';
const TOKEN = 'phc_internal';
const internal = { authorization: `Bearer ${SECRET}` };

const plan = (value: string): JsonObject => ({
  groups: [
    { properties: [{ key: 'plan', type: 'person', operator: 'exact', value: [value] }], rollout_percentage: 100 },
  ],
});
const flags: readonly JsonValue[] = [
  flagRow(1, 'gold', { team_id: 1, filters: plan('gold') }),
  flagRow(2, 'behind', {
    team_id: 1,
    filters: {
      groups: [
        {
          properties: [{ key: '1', type: 'flag', operator: 'flag_evaluates_to', value: true }],
          rollout_percentage: 40,
        },
      ],
    },
  }),
];
const definitions: Definitions = { teamId: 1, flags, cohorts: [], groupTypeMapping: {} };

async function ask(
  body: JsonObject | string,
  query = '',
  headers: Record<string, string> = internal,
): Promise<Answered> {
  const store = new MemoryStore([
    { token: TOKEN, definitions, facts: { persons: [{ distinctIds: ['ada'], properties: { plan: 'gold' } }] } },
  ]);
  const loaded = await store.definitions.load(TOKEN);
  if (loaded === null) throw new Error('there is no project');
  const compiled = (of: Definitions) => new CompiledProject(loaded.project, compile(of), loaded.revision, store.facts);
  return call({
    url: query.includes('?') ? query : `/flags?v=2${query}`,
    headers,
    body: typeof body === 'string' ? body : { token: TOKEN, distinct_id: 'ada', ...body },
    projects: { byToken: () => compiled(loaded.definitions) },
    internal: internalRequests(SECRET, (_token, change) => Promise.resolve(compiled(change(loaded.definitions)))),
  });
}

const flagsOf = (answer: Answered) => json(answer).flags as Record<string, { enabled: boolean; conditions?: unknown }>;

describe('internal requests', () => {
  it('H66, H150: are told how each condition was judged, but not what another flag gave', async () => {
    const answer = await ask({}, '&detailed_analysis=true');
    expect(flagsOf(answer)).toMatchObject({
      gold: {
        enabled: true,
        reason: { code: 'condition_match' },
        conditions: [
          {
            index: 0,
            rollout_percentage: 100,
            variant: null,
            matched: true,
            properties_matched: true,
            rollout_excluded: false,
            properties: [
              { key: 'plan', operator: 'exact', value: ['gold'], type: 'person', actual_value: 'gold', matched: true },
            ],
          },
        ],
      },
      behind: { conditions: [{ rollout_percentage: 40, properties: [{ type: 'flag', actual_value: null }] }] },
    });
    expect(json(answer)).toMatchObject({ errorsWhileComputingFlags: false, requestId: expect.any(String) as string });
  });

  it('H150: may put definitions in place of flags that they name whole', async () => {
    const other = { id: 1, team_id: 1, key: 'gold', filters: plan('silver') };
    const answer = await ask({ override_flags_definitions: { gold: other } });
    expect(flagsOf(answer).gold?.enabled).toBe(false);
    expect(answer.record).toMatchObject({ usage: undefined, notes: { flagsOverridden: 1 } });
    for (const wrong of [
      { ...other, id: 2 },
      { ...other, team_id: 7 },
      { ...other, key: 'x' },
      { filters: plan('silver') },
      5,
    ]) {
      const ignored = await ask({ override_flags_definitions: { gold: wrong } });
      expect(flagsOf(ignored).gold?.enabled).toBe(true);
      expect(ignored.record.notes).toEqual({});
    }
    const broken = await ask({ override_flags_definitions: { gold: { ...other, filters: 'none' } } });
    expect(broken.status).toBe(200);
    expect(flagsOf(broken)).not.toHaveProperty('gold');
  });

  it('H66, H64: are told the same of typed records', async () => {
    const answered = flagsOf(await ask({}, '/flags?v=3&detailed_analysis=true'));
    expect(answered.gold).toMatchObject({
      value: true,
      metadata: { config_version: 1 },
      conditions: [{ index: 0, matched: true, properties: [{ key: 'plan', actual_value: 'gold' }] }],
    });
    expect(answered.gold).not.toHaveProperty('enabled');
    const rules = { version: 2, return_type: 'string', default_value: 'red', rules: [] };
    const override = { gold: { id: 1, team_id: 1, key: 'gold', filters: rules } };
    const typed = await ask({ override_flags_definitions: override }, '/flags?v=4&detailed_analysis=true');
    expect(flagsOf(typed).gold).toMatchObject({
      value: 'red',
      metadata: { config_version: 2 },
      reason: { code: 'no_rule_match' },
      conditions: [],
    });
  });

  it('E175, H150: a member that stands twice in ordered rules fails the flag; around them, the request', async () => {
    const body = (entry: string) =>
      `{"token":"${TOKEN}","distinct_id":"ada","override_flags_definitions":{"gold":{"id":1,"team_id":1,"key":"gold",${entry}}}}`;
    const rules = (more: string) => `{"version":2,"return_type":"string","default_value":"red","rules":[]${more}}`;
    const once = await ask(body(`"filters":${rules('')}`), '/flags?v=3');
    expect(flagsOf(once).gold).toMatchObject({ value: 'red' });
    const twice = await ask(body(`"filters":${rules(',"default_value":"blue"')}`), '/flags?v=3');
    expect(flagsOf(twice).gold).toMatchObject({ value: null, failed: true });
    const around = await ask(body(`"filters":${rules('')},"filters":${rules('')}`), '/flags?v=3');
    expect([around.status, around.body]).toEqual([
      400,
      'The field "override_flags_definitions" has an object that names a member twice.',
    ]);
    const loose = await ask(body(`"filters":${rules(',')}`), '/flags?v=3');
    expect([loose.status, loose.body]).toEqual([400, 'A body with definitions must be JSON proper.']);
    // Conditions are read as ever: the last one counts.
    const conditions = await ask(body(`"active":true,"filters":{"groups":[],"groups":[{"rollout_percentage":100}]}`));
    expect(flagsOf(conditions).gold).toMatchObject({ enabled: true });
  });

  it('H150: may leave stored properties aside', async () => {
    const query = '&only_use_override_person_properties=true';
    expect(flagsOf(await ask({}, query)).gold?.enabled).toBe(false);
    expect(flagsOf(await ask({ person_properties: { plan: 'gold' } }, query)).gold?.enabled).toBe(true);
  });

  it.each([undefined, 'Bearer wrong', `bearer ${SECRET}`, `Bearer ${SECRET} `, `Bearer  ${SECRET}`, SECRET, 'Bearer '])(
    'H150: with %j the options are ignored',
    async (authorization) => {
      const body = {
        override_flags_definitions: { gold: { id: 1, team_id: 1, key: 'gold', filters: plan('silver') } },
      };
      const query = '&detailed_analysis=true&only_use_override_person_properties=true';
      const answer = await ask(body, query, authorization === undefined ? {} : { authorization });
      expect(answer.status).toBe(200);
      expect(flagsOf(answer).gold).toMatchObject({ enabled: true });
      expect(flagsOf(answer).gold).not.toHaveProperty('conditions');
    },
  );
});
