import { ask, createTestDatabase, type TestDatabase } from '@halyard/data/testing';
import { fromLocalEvaluation, ProjectWriter } from 'halyard/host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService } from '../../compose.ts';
import { createLog } from '../../operate/log/logger.ts';
import { readSettings } from '../../operate/settings/read-settings.ts';

const SECRET = 'a-secret-of-many-characters';

const condition = {
  properties: [{ key: 'plan', type: 'person', operator: 'exact', value: ['gold'] }],
  rollout_percentage: 100,
};
const document = {
  flags: [
    { id: 1, key: 'gold', active: true, version: 4, filters: { groups: [condition] } },
    { id: 2, key: 'off', active: false, filters: { groups: [condition] } },
    { id: 3, key: 'company', active: true, filters: { groups: [condition], aggregation_group_type_index: 0 } },
    { id: 4, key: 'odd', active: true, filters: { groups: 'none' } },
  ],
  group_type_mapping: { '0': 'company' },
};
const persons = Array.from({ length: 7 }, (_, i) => ({
  distinctIds: [`user-${i}`, `other-${i}`],
  properties: { plan: i % 2 === 0 ? 'gold' : 'free' },
}));

describe('batch evaluation', () => {
  let database: TestDatabase;
  let service: Service;
  let gold: readonly unknown[];
  let teamId: number;

  beforeAll(async () => {
    database = await createTestDatabase();
    const writer = await ProjectWriter.open(database.url);
    await writer.importDefinitions(fromLocalEvaluation(document), { token: 'phc_batch', facts: { persons } });
    await writer.close();
    teamId = Number((await ask(database.url, "select id from posthog_team where api_token = 'phc_batch'"))[0]);
    // A person without ids has a place in the order and nothing else; a tombstone has not even that.
    await ask(
      database.url,
      `insert into posthog_person (team_id, properties) values (${teamId}, '{"plan": "gold"}')`,
      `insert into posthog_person (team_id, properties, is_deleted) values (${teamId}, '{"plan": "gold"}', true)`,
    );
    gold = await ask(
      database.url,
      `select uuid::text from posthog_person p where properties ->> 'plan' = 'gold' and team_id = ${teamId}
          and exists (select from posthog_persondistinctid d where d.person_id = p.id) order by id`,
    );
    const settings = readSettings({ DATABASE_URL: database.url, PORT: '0', HALYARD_INTERNAL_TOKEN: SECRET });
    service = await startService(settings, { log: createLog('silent', 2), onProgress: () => undefined });
  });

  afterAll(async () => {
    await service.close();
    await database.drop();
  });

  async function post(body: object | string, headers: Record<string, string> = { authorization: `Bearer ${SECRET}` }) {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(`${service.url}/internal/batch_flag_evaluation`, {
      method: 'POST',
      headers,
      body: text,
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  it('H195, H196: pages through the persons for whom a flag is on', async () => {
    const asked = { team_id: teamId, flag_key: 'gold' };
    expect(await post(asked)).toEqual({
      status: 200,
      body: { matched_person_uuids: gold, next_cursor: null, errors_count: 0, property_matching_version: 1 },
    });
    const pages: unknown[] = [];
    let cursor: unknown = 0;
    for (let turns = 0; cursor !== null && turns < 10; turns++) {
      const { body } = await post({
        ...asked,
        cursor,
        limit: 2,
        expected_version: 4,
        expected_property_matching_version: 1,
      });
      pages.push(...(body['matched_person_uuids'] as unknown[]));
      cursor = body['next_cursor'];
    }
    expect(cursor).toBeNull();
    expect(pages).toEqual(gold);
  });

  it('H197: says why there is no page', async () => {
    const asked = { team_id: teamId, flag_key: 'gold' };
    const cases: readonly (readonly [object | string, number, string, object?])[] = [
      ['{', 400, 'invalid_request'],
      ['[]', 400, 'invalid_request'],
      [{ flag_key: 'gold' }, 400, 'invalid_request'],
      [{ team_id: teamId }, 400, 'invalid_request'],
      [{ ...asked, limit: 10_001 }, 400, 'invalid_request'],
      [{ ...asked, limit: 0 }, 400, 'invalid_request'],
      [{ ...asked, cursor: -1 }, 400, 'invalid_request'],
      [{ ...asked, cursor: 1.5 }, 400, 'invalid_request'],
      [{ ...asked, expected_version: 'x' }, 400, 'invalid_request'],
      [{ ...asked, flag_key: 'off' }, 400, 'flag_inactive'],
      [{ ...asked, flag_key: 'company' }, 400, 'group_aggregated_flag'],
      [{ ...asked, flag_key: 'odd' }, 400, 'unsupported_config_format'],
      [{ ...asked, flag_key: 'nothing' }, 404, 'flag_not_found'],
      [{ ...asked, team_id: 999_999 }, 404, 'flag_not_found'],
      [{ ...asked, expected_version: 3 }, 409, 'version_conflict', { actual_version: 4 }],
      [{ ...asked, expected_version: null }, 409, 'version_conflict', { actual_version: 4 }],
      [
        { ...asked, expected_property_matching_version: 2 },
        409,
        'property_matching_version_conflict',
        { actual_property_matching_version: 1 },
      ],
      [{ ...asked, flag_key: 'x'.repeat(70_000) }, 413, 'payload_too_large'],
    ];
    for (const [body, status, error, more = {}] of cases) {
      const answer = await post(body);
      expect({ body, answer }).toMatchObject({ body, answer: { status, body: { error, ...more } } });
    }
  });

  it('H195, H197: is for whoever has the internal token alone', async () => {
    for (const headers of [{}, { authorization: 'Bearer wrong' }]) {
      expect(await post('not even JSON', headers as Record<string, string>)).toMatchObject({
        status: 401,
        body: { error: 'unauthorized' },
      });
    }
  });
});
