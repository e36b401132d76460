import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ManagedService, startManagedService } from '../managed-service.cases.ts';

describe('the history of a project, and flags that are put away together', () => {
  let service: ManagedService;
  let project: number;
  let ada: number;
  let bob: number;
  let key: string;
  let other: string;

  beforeAll(async () => {
    service = await startManagedService();
    const shop = await service.organization('Shop');
    project = await service.project(shop, 'First');
    ada = await service.user('ada@example.com', { [shop]: 8 });
    bob = await service.user('bob@example.com', { [shop]: 1 });
    [key, other] = [await service.key(ada), await service.key(bob)];
  });
  afterAll(() => service.stop());

  const history = (query = '', as = key) => service.get(`/api/halyard/projects/${project}/history/?${query}`, as);
  const send = (method: string, path: string, json: object, as = key) =>
    service.send(method, `/api/projects/${project}/${path}`, { key: as, json });
  const told = async (query: string) => {
    const { body } = await history(query);
    const { results } = body as { results: { activity: string; scope: string; detail: { name: string } }[] };
    return results.map(({ activity, scope, detail }) => `${scope} ${detail.name} ${activity}`);
  };

  it('M187: tells what was changed of flags, cohorts and early access features, by name, person, kind and time', async () => {
    const made = await send('POST', 'feature_flags/', { key: 'new-cart', filters: { groups: [{}] } });
    await send('PATCH', `feature_flags/${String(made.at('id'))}/`, { name: 'Cart' }, other);
    await send('POST', 'cohorts/', { name: 'Carters', is_static: true });
    await send('POST', 'early_access_feature/', { name: 'Soon', stage: 'concept' });
    const all = await told('');
    expect(all).toEqual([
      'EarlyAccessFeature Soon created',
      'FeatureFlag soon created',
      'Cohort Carters created',
      'FeatureFlag new-cart updated',
      'FeatureFlag new-cart created',
    ]);
    expect(await told('q=CART')).toEqual(all.slice(2));
    expect(await told('kind=cohort')).toEqual([all[2]]);
    expect(await told(`user=${bob}`)).toEqual([all[3]]);
    expect(await told('activity=updated')).toEqual([all[3]]);
    expect(await told(`since=${new Date(Date.now() + 60_000).toISOString()}`)).toEqual([]);
    expect(await told(`until=${new Date(Date.now() + 60_000).toISOString()}`)).toEqual(all);
    const second = await history('limit=2&page=2');
    expect(second.body).toMatchObject({ total_count: 5, results: [{}, {}] });
    expect(String(second.at('next'))).toContain('page=3');
  });

  it('M187, M14: what cannot be asked is refused, and history has a scope of its own', async () => {
    for (const [query, attr] of [
      ['kind=toString', 'kind'],
      ['user=x', 'user'],
      ['activity=seen', 'activity'],
      ['since=soon', 'since'],
      ['page=0', 'page'],
      [`q=${'x'.repeat(201)}`, 'q'],
      ['q=%00', 'q'],
    ]) {
      expect({ query, body: (await history(query)).body }).toMatchObject({ query, body: { attr } });
    }
    const reader = await service.key(ada, { scopes: ['feature_flag:read'] });
    expect((await history('', reader)).status).toBe(403);
  });

  it('M186, M53: many flags are put away at once, and are off when it is answered', async () => {
    const ids = [];
    for (const name of ['one', 'two'])
      ids.push((await send('POST', 'feature_flags/', { key: name, filters: { groups: [{}] } })).at('id'));
    const archive = (json: object, as = key) =>
      service.send('POST', `/api/halyard/projects/${project}/archive_flags/`, { key: as, json });
    const { body } = await archive({ ids: [...ids, 'x'] });
    expect(body).toEqual({
      archived: [
        { id: ids[0], key: 'one' },
        { id: ids[1], key: 'two' },
      ],
      errors: [{ id: 'x', reason: 'Not a flag id.' }],
    });
    const json = { token: `phc_${project}`, distinct_id: 'ann' };
    expect((await service.send('POST', '/flags?v=2', { json })).at('flags', 'one')).toBeUndefined();
    expect((await archive({ ids: 'all' })).status).toBe(400);
    const reader = await service.key(ada, { scopes: ['feature_flag:read'] });
    expect((await archive({ ids }, reader)).status).toBe(403);
  });
});
