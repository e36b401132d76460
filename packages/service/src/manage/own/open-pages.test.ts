import { createTestDatabase, type TestDatabase } from '@halyard/data/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ManagedService, startManagedService } from '../managed-service.cases.ts';

/** A stream of server-sent events, as a page reads it. */
class Events {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = '';

  constructor(response: Response) {
    const { body } = response;
    if (body === null) throw new Error('no body');
    this.#reader = body.getReader();
  }

  /** The next event that says something; null: the stream has ended. */
  async next(): Promise<{ readonly event: string; readonly id: string; readonly data: unknown } | null> {
    for (;;) {
      const end = this.#text.indexOf('\n\n');
      if (end >= 0) {
        const lines = this.#text.slice(0, end).split('\n');
        this.#text = this.#text.slice(end + 2);
        const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
        const data = field('data');
        if (data !== undefined) return { event: field('event') ?? '', id: field('id') ?? '', data: JSON.parse(data) };
        continue;
      }
      const { done, value } = await this.#reader.read();
      if (done) return null;
      this.#text += this.#decoder.decode(value, { stream: true });
    }
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}

describe('what open pages are told', () => {
  let service: ManagedService;
  let project: number;
  let other: number;
  let ada: number;
  let key: string;
  let bob: string;
  let lagging: TestDatabase;

  beforeAll(async () => {
    service = await startManagedService();
    lagging = await createTestDatabase();
    const shop = await service.organization('Shop');
    project = await service.project(shop, 'First');
    other = await service.project(shop, 'Second');
    ada = await service.user('ada@example.com', { [shop]: 8 });
    key = await service.key(ada);
    bob = await service.key(await service.user('bob@example.com', { [shop]: 1 }));
    await service.sql(`insert into posthog_person (team_id, uuid, properties)
      select ${project}, gen_random_uuid(), v::jsonb from unnest(array['{"plan": "pro", "seats": 3}', '{"plan": "pro"}', '{"plan": "free"}', '[]']) v`);
    await service.sql(`insert into posthog_group (team_id, group_type_index, group_key, group_properties)
      values (${project}, 0, 'acme', '{"name": "Acme Inc"}'), (${project}, 0, 'bolt', '{}')`);
  });
  afterAll(async () => {
    await service.stop();
    await lagging.drop();
  });

  const own = (what: string, as = key, team = project) => service.get(`/api/halyard/projects/${team}/${what}`, as);
  const flag = (method: string, path: string, json: object, team = project) =>
    service.send(method, `/api/projects/${team}/feature_flags/${path}`, { key, json });
  const ask = (team: number, as: string) =>
    fetch(`${service.url}/api/halyard/projects/${team}/changes`, { headers: { authorization: `Bearer ${as}` } });
  const listen = async (team = project, as = key) => {
    const response = await ask(team, as);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    const events = new Events(response);
    expect(await events.next()).toMatchObject({ event: 'open' });
    return events;
  };

  it('M184, M196: changes of flags, cohorts and early access features are told, with id and version; calls and other projects are not', async () => {
    const events = await listen();
    await flag('POST', '', { key: 'elsewhere' }, other);
    const made = await flag('POST', '', { key: 'told', filters: { groups: [{}] } });
    const id = String(made.at('id'));
    const change = { kind: 'flag', id, key: 'told', removed: false };
    expect(await events.next()).toEqual({ event: 'change', id: '1', data: { ...change, version: 1 } });
    await service.sql(`update posthog_featureflag set last_called_at = now() where id = ${id}`);
    await flag('PATCH', `${id}/`, { name: 'n' });
    expect(await events.next()).toMatchObject({ id: '2', data: { ...change, version: 2 } });
    const [feature] =
      await service.sql(`insert into posthog_earlyaccessfeature (id, team_id, feature_flag_id, name, description, stage, documentation_url)
      values (gen_random_uuid(), ${project}, ${id}, 'f', '', 'beta', '') returning id`);
    expect(await events.next()).toMatchObject({ data: { kind: 'early_access_feature', id: feature, removed: false } });
    await service.sql(`update posthog_earlyaccessfeature set stage = 'alpha'`);
    expect(await events.next()).toMatchObject({ data: { kind: 'early_access_feature', id: feature } });
    await service.sql('delete from posthog_earlyaccessfeature');
    expect(await events.next()).toMatchObject({ data: { kind: 'early_access_feature', removed: true } });
    await service.send('POST', `/api/projects/${project}/cohorts/`, { key, json: { name: 'c', is_static: true } });
    expect(await events.next()).toMatchObject({ data: { kind: 'cohort' } });
    await events.cancel();
  });

  it('M184: one user has so many streams and no more; who is not let in has none', async () => {
    const open = [];
    for (let i = 0; i < 20; i += 1) open.push(await listen(other, bob));
    const refused = await own('changes', bob, other);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '30']);
    for (const events of open) await events.cancel();
    // That they have gone is noticed, without anything being written to them.
    const status = async () => {
      const { status: seen, body } = await ask(other, bob);
      await body?.cancel();
      return seen;
    };
    await expect.poll(status).toBe(200);
    expect((await own('changes', 'phx_none')).status).toBe(401);
    expect((await own('changes', await service.key(ada, { scopes: ['cohort:read'] }))).status).toBe(403);
    expect((await own('changes', key, 999_999)).status).toBe(404);
  });

  it('M184: properties, values, group keys, cohorts and flags are offered, from what there is', async () => {
    await flag('POST', '', {
      key: 'asks',
      filters: { groups: [{ properties: [{ key: 'plane', type: 'person', value: 'x', operator: 'exact' }] }] },
    });
    const json = { token: `phc_${project}`, distinct_id: 'ann', person_properties: { planet: 'mars' } };
    await service.send('POST', '/flags?v=2', { json });
    const results = async (query: string) => (await own(`suggest?${query}`)).at('results');
    expect(await results('kind=property&q=PLAN')).toEqual([
      { value: 'plane', sources: ['definitions'], type: null },
      { value: 'planet', sources: ['requests'], type: null },
      { value: 'plan', sources: ['persons'], type: 'string' },
    ]);
    expect(await results('kind=value&property=plan')).toEqual([{ value: 'pro' }, { value: 'free' }]);
    expect(await results('kind=value&property=seats&q=3')).toEqual([{ value: 3 }]);
    expect(await results('kind=group_key&group_type_index=0&q=inc')).toEqual([{ value: 'acme', name: 'Acme Inc' }]);
    expect(await results('kind=flag&q=ASK')).toMatchObject([{ value: 'asks', active: true }]);
    expect(await results('kind=cohort&q=C')).toMatchObject([{ name: 'c' }]);
    expect(await results("kind=flag&q=%25';drop")).toEqual([]);
    await flag('POST', '', { key: 'tagged', tags: ['web', 'cart'] });
    expect(await results('kind=tag&q=WE')).toEqual([{ value: 'web', flags: 1 }]);
    expect(await results('kind=creator&q=ADA')).toMatchObject([{ value: 'ada@example.com', id: ada }]);
  });

  it('M184, M13, M14: what cannot be offered is refused, and what needs a further scope says so', async () => {
    for (const [query, status, body] of [
      ['', 400, { attr: 'kind' }],
      ['kind=toString', 400, { attr: 'kind' }],
      ['kind=value', 400, { attr: 'property' }],
      ['kind=group_key&group_type_index=9', 400, { attr: 'group_type_index' }],
      [`kind=flag&q=${'x'.repeat(201)}`, 400, { code: 'max_length' }],
      ['kind=flag&q=%00', 400, { attr: 'q' }],
    ] as const) {
      const answer = await own(`suggest?${query}`);
      expect({ query, status: answer.status, body: answer.body }).toMatchObject({ query, status, body });
    }
    const reader = await service.key(ada, { scopes: ['feature_flag:read'] });
    expect((await own('suggest?kind=flag', reader)).status).toBe(200);
    for (const kind of ['value&property=plan', 'group_key&group_type_index=0', 'cohort']) {
      expect((await own(`suggest?kind=${kind}`, reader)).status).toBe(403);
    }
  });

  it('M184: streams end at once when the service ends', async () => {
    const events = await listen();
    const begun = performance.now();
    const stopped = service.stop();
    expect(await events.next()).toBeNull();
    await stopped;
    expect(performance.now() - begun).toBeLessThan(8_000);
    service = await startManagedService({ READ_DATABASE_URL: lagging.url });
  });

  it('M196: what was just written is seen in a database whose replica lags', async () => {
    // This reader will never have any of it.
    const shop = await service.organization('Shop');
    project = await service.project(shop, 'First');
    key = await service.key(await service.user('ada@example.com', { [shop]: 8 }));
    const events = await listen();
    const made = await flag('POST', '', { key: 'written', filters: { groups: [{ rollout_percentage: 100 }] } });
    expect(await events.next()).toMatchObject({ data: { kind: 'flag', key: 'written' } });
    await events.cancel();
    expect((await service.get(`/api/projects/${project}/feature_flags/`, key)).body).toMatchObject({ count: 1 });
    const json = { flag: made.at('id'), draft: { name: 'n' }, distinct_id: 'ann' };
    const explained = await service.send('POST', `/api/halyard/projects/${project}/explain`, { key, json });
    expect(explained.body).toMatchObject({ flags: [{ result: { value: true } }] });
  });
});
