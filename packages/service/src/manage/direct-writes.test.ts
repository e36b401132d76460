import { ask, createTestDatabase, type TestDatabase } from '@halyard/data/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { createLog, type Log } from '../operate/log/logger.ts';
import { ages, publicToken } from '../drop-in/posthog-schema.cases.ts';
import { type ManagedService, startManagedService } from './managed-service.cases.ts';
import { accounts, key, managed } from './posthog-tables.cases.ts';

const direct = { HALYARD_POSTHOG_WRITES: 'direct' };
const root = '/api/projects/3';
const everybody = { properties: [], rollout_percentage: 100 };
const [early, spring, autumn] = ages.map(({ name }) => name);

describe('writing PostHog’s tables directly', () => {
  const databases: TestDatabase[] = [];
  let service: ManagedService | undefined;
  const lines: string[] = [];
  const quiet = createLog('silent', 2);
  const warn = (...parts: readonly unknown[]) => void lines.push(String(parts.at(-1)));
  const log: Log = { ...quiet, logger: Object.assign(Object.create(quiet.logger) as Log['logger'], { warn }) };

  afterEach(async () => {
    await service?.stop();
    service = undefined;
    await Promise.all(databases.splice(0).map((one) => one.drop()));
  });

  async function start(age: (typeof ages)[number] | undefined, ...changes: readonly string[]): Promise<ManagedService> {
    if (age === undefined) throw new Error('no such age');
    const database = await createTestDatabase({ empty: true });
    databases.push(database);
    await ask(database.url, ...age.main, ...age.persons, ...managed(age), ...accounts, ...changes);
    lines.length = 0;
    return (service = await startManagedService(direct, database, { log }));
  }

  it.each(ages)('M202, M203, M205: flags and all around them: $name', async (age) => {
    const one = await start(age);
    const isNewer = age.name !== early;
    const isNewest = age.name === autumn;
    const tables = `select string_agg(relname, ' ' order by relname) from pg_class where relnamespace = 'public'::regnamespace`;
    const before = await one.sql(tables);
    const send = async (method: string, path: string, json?: object) => {
      const { status, body } = await one.send(method, `${root}${path}`, {
        key,
        ...(json === undefined ? {} : { json }),
      });
      return { status, body: body as Record<string, unknown> };
    };
    const value = async (flag: string, distinctId = 'ann') => {
      const json = { token: publicToken, distinct_id: distinctId };
      return (await one.send('POST', '/flags?v=2', { json })).at('flags', flag, 'enabled');
    };

    // A flag's life, with tags and history.
    const made = await send('POST', '/feature_flags/', {
      key: 'new',
      name: 'New',
      filters: { groups: [everybody] },
      tags: ['Cart', 'b'],
      evaluation_runtime: 'all',
    });
    expect(made).toMatchObject({ status: 201, body: { key: 'new', tags: ['b', 'cart'], archived: false, version: 1 } });
    expect(made.body['evaluation_runtime']).toBe(isNewer ? 'all' : null);
    expect(made.body['created_by']).toMatchObject({ email: 'ann@example.com' });
    const flag = `/feature_flags/${String(made.body['id'])}/`;
    expect(await value('new')).toBe(true);
    const changed = await send('PATCH', flag, {
      filters: { groups: [{ properties: [], rollout_percentage: 0 }] },
      tags: ['b'],
    });
    expect(changed).toMatchObject({ status: 200, body: { tags: ['b'], version: isNewer ? 2 : 1 } });
    expect(await value('new')).toBe(false);
    expect(await send('GET', `${flag}activity/`)).toMatchObject({
      status: 200,
      body: { results: [{ activity: 'updated', user: { email: 'ann@example.com' } }, { activity: 'created' }] },
    });
    expect(await send('GET', '/feature_flags/?search=new&tags=["b"]')).toMatchObject({ body: { count: 1 } });
    expect(await send('GET', '/feature_flags/?active=STALE&order=-updated_at&type=remote_config')).toMatchObject({
      body: { count: 0 },
    });
    expect(await send('GET', `${flag}status/`)).toMatchObject({ status: 200 });

    // What this age cannot keep.
    const archived = await send('PATCH', flag, { active: false, archived: true });
    if (isNewest) expect(archived).toMatchObject({ status: 200, body: { archived: true, version: 3 } });
    else expect(archived).toMatchObject({ status: 400, body: { code: 'unsupported', attr: 'archived' } });
    expect(await send('GET', '/feature_flags/6/')).toMatchObject({
      body: { evaluation_contexts: isNewer ? ['docs'] : [] },
    });
    const contexts = await send('PATCH', '/feature_flags/6/', { evaluation_contexts: ['app'], name: 'Docs' });
    if (isNewest) expect(contexts).toMatchObject({ status: 200, body: { evaluation_contexts: ['app'], name: 'Docs' } });
    else {
      expect(contexts).toMatchObject({ status: 403, body: { code: 'not_writable' } });
      expect(contexts.body['detail']).toContain('Evaluation contexts cannot be changed here');
      expect(await send('GET', '/feature_flags/6/')).toMatchObject({ body: { name: '' } });
    }

    // People and cohorts.
    const persons = await send('GET', '/persons/');
    expect(persons).toMatchObject({ status: 200, body: { results: [{ distinct_ids: ['ann'] }] } });
    const { uuid } = (persons.body['results'] as readonly { uuid: string }[])[0] as { uuid: string };
    expect(await send('GET', '/groups_types/')).toMatchObject({ status: 200, body: [{ group_type: 'organization' }] });
    expect(await send('GET', '/groups/?group_type_index=0')).toMatchObject({
      body: { results: [{ group_key: 'acme' }] },
    });
    const leaf = { type: 'person', key: 'plan', operator: 'exact', value: ['pro'] };
    const dynamic = await send('POST', '/cohorts/', {
      name: 'Payers',
      filters: { properties: { type: 'AND', values: [leaf] } },
    });
    expect(dynamic).toMatchObject({ status: 201, body: { name: 'Payers', description: '', is_static: false } });
    const fixed = await send('POST', '/cohorts/', { name: 'List', is_static: true, _create_static_person_ids: [uuid] });
    expect(fixed).toMatchObject({ status: 201, body: { is_static: true, count: 1 } });
    const cohort = `/cohorts/${String(fixed.body['id'])}/`;
    expect(await send('PATCH', cohort, { name: 'Listed' })).toMatchObject({ status: 200, body: { name: 'Listed' } });
    const properties = [{ key: 'id', type: 'cohort', operator: 'in', value: fixed.body['id'] }];
    expect(
      await send('PATCH', '/feature_flags/1/', { filters: { groups: [{ properties, rollout_percentage: 100 }] } }),
    ).toMatchObject({ status: 200 });
    expect([await value('for-all'), await value('for-all', 'nobody')]).toEqual([true, false]);
    expect(await send('PATCH', `${cohort}remove_person_from_static_cohort/`, { person_id: uuid })).toMatchObject({
      status: 200,
    });
    expect(await value('for-all')).toBe(false);
    expect(await send('PATCH', cohort, { deleted: true })).toMatchObject({ status: 400 });

    // Early access and plans.
    const feature = await send('POST', '/early_access_feature/', { name: 'Beta', stage: 'concept' });
    expect(feature).toMatchObject({ status: 201, body: { name: 'Beta', feature_flag: { key: 'beta' } } });
    const early_access = `/early_access_feature/${String(feature.body['id'])}/`;
    expect(await send('PATCH', early_access, { stage: 'beta' })).toMatchObject({
      status: 200,
      body: { stage: 'beta' },
    });
    expect(await send('DELETE', early_access)).toMatchObject({ status: 204 });
    const plan = await send('POST', '/scheduled_changes/', {
      record_id: '2',
      model_name: 'FeatureFlag',
      payload: { operation: 'update_status', value: false },
      scheduled_at: '2126-01-01T00:00:00Z',
    });
    expect(plan).toMatchObject({ status: 201, body: { record_id: '2', is_recurring: false, executed_at: null } });
    const scheduled = `/scheduled_changes/${String(plan.body['id'])}/`;
    expect(await send('PATCH', scheduled, { scheduled_at: '2127-01-01T00:00:00Z' })).toMatchObject({
      status: 200,
      body: { scheduled_at: '2127-01-01T00:00:00.000000Z' },
    });
    expect(await send('GET', '/scheduled_changes/?record_id=2')).toMatchObject({ body: { count: 1 } });
    expect(await send('DELETE', scheduled)).toMatchObject({ status: 204 });

    // Deleted flags leave their key to others, and stay as rows.
    expect(await send('PATCH', flag, { deleted: true })).toMatchObject({ status: 200, body: { deleted: true } });
    expect(await send('POST', '/feature_flags/', { key: 'new' })).toMatchObject({ status: 201 });
    expect(await one.sql(`select count(*)::int from posthog_featureflag where key like 'new%'`)).toEqual([2]);
    // Accounts are PostHog's, and nothing is ever created there.
    expect(await send('PATCH', '/', { name: 'Mine' })).toMatchObject({
      status: 403,
      body: { code: 'managed_by_posthog' },
    });
    expect(await one.sql(tables)).toEqual(before);
  });

  it('M202: does not start where flags or their history cannot be written, and says why', async () => {
    const age = ages.find(({ name }) => name === spring);
    await expect(start(age, 'drop table posthog_activitylog')).rejects.toThrow(
      /HALYARD_POSTHOG_WRITES=direct is not possible here: There is no table posthog_activitylog\./,
    );
    await expect(
      start(
        age,
        `alter table posthog_featureflag add tenant text not null default ''`,
        'alter table posthog_featureflag alter tenant drop default, drop active',
      ),
    ).rejects.toThrow(
      /posthog_featureflag lacks active\. posthog_featureflag needs tenant, which Halyard does not know\./,
    );
  });

  it('M203: a column that must have a value and that nobody knows turns off what it belongs to, by name', async () => {
    const one = await start(
      ages.find(({ name }) => name === autumn),
      `alter table posthog_cohort add tenant text not null default ''`,
      'alter table posthog_cohort alter tenant drop default',
      'drop table posthog_scheduledchange',
    );
    const send = (path: string, json: object) => one.send('POST', `${root}${path}`, { key, json });
    expect((await send('/feature_flags/', { key: 'new' })).status).toBe(201);
    const cohort = await send('/cohorts/', { name: 'x', is_static: true });
    expect([cohort.status, cohort.at('code'), cohort.at('detail')]).toEqual([
      403,
      'not_writable',
      'Cohorts cannot be changed here: posthog_cohort needs tenant, which Halyard does not know.',
    ]);
    const plan = await send('/scheduled_changes/', {
      record_id: '1',
      model_name: 'FeatureFlag',
      payload: { operation: 'update_status', value: false },
      scheduled_at: '2126-01-01T00:00:00Z',
    });
    expect([plan.status, plan.at('detail')]).toEqual([
      403,
      'Scheduled changes cannot be changed here: There is no table posthog_scheduledchange.',
    ]);
    expect((await one.get(`${root}/scheduled_changes/`, key)).body).toMatchObject({ count: 0, results: [] });
    expect((await one.get(`${root}/cohorts/`, key)).status).toBe(200);
    expect(lines.filter((line) => line.includes('cannot be changed'))).toEqual([
      cohort.at('detail'),
      plan.at('detail'),
    ]);
  });

  it('M203: says at the start that approvals are not asked for, where policies are enabled for flags', async () => {
    const policies = `create table posthog_approvalpolicy (id uuid primary key default gen_random_uuid(),
      organization_id uuid, team_id int, action_key varchar(128) not null, enabled boolean not null)`;
    const insert = (...rows: readonly string[]) =>
      `insert into posthog_approvalpolicy (action_key, enabled) values ${rows.join(', ')}`;
    const age = ages.find(({ name }) => name === autumn);
    await start(age, policies, insert(`('feature_flag.enable', false)`, `('survey.launch', true)`));
    expect(lines.filter((line) => line.includes('pproval'))).toEqual([]);
    await service?.stop();
    const one = await start(age, policies, insert(`('feature_flag.enable', true)`, `('feature_flag.update', true)`));
    expect(lines.filter((line) => line.includes('pproval'))).toEqual([
      'Approvals are not asked for: posthog_approvalpolicy has 2 enabled for flags, and changes are written at once.',
    ]);
    expect((await one.send('POST', `${root}/feature_flags/`, { key, json: { key: 'new' } })).status).toBe(201);
  });
});
