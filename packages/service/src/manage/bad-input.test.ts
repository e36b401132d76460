import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type ManagedService, startManagedService } from './managed-service.cases.ts';

/* What every route of the OpenAPI document does with what nobody should send: by what the document says, so that none is forgotten. */

interface Schema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly $ref?: string;
}

interface Operation {
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } };
}

interface Route {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

/** Of every type, and texts that others have mistaken for code. */
const values: readonly unknown[] = [
  null,
  true,
  -1,
  1.5,
  1e300,
  '',
  "'; drop table posthog_featureflag; --",
  '<script>alert(1)</script>',
  'a\0b',
  '\ud800',
  'x'.repeat(5_000),
  [],
  [[{}]],
  {},
  { a: { b: null } },
];

describe('bad input', () => {
  let service: ManagedService;
  let key: string;
  let browser: Record<string, string>;
  let project: number;
  let foreign: number;
  let organization: string;
  let owner: number;
  let routes: readonly Route[];
  let schemas: Readonly<Record<string, Schema>>;
  const served: string[] = [];

  beforeAll(async () => {
    service = await startManagedService();
    organization = await service.organization('Shop');
    project = await service.project(organization, 'First');
    foreign = await service.project(await service.organization('Other'), 'Foreign');
    const ada = await service.user('ada@example.com', { [organization]: 15 });
    owner = ada;
    key = await service.key(ada);
    browser = await service.browser(ada);
    await service.send('POST', `/api/projects/${foreign}/feature_flags/`, { key });
    const { body } = await service.get('/api/halyard/openapi.json');
    const document = body as {
      paths: Record<string, Record<string, Operation>>;
      components: { schemas: Record<string, Schema> };
    };
    schemas = document.components.schemas;
    routes = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
    );
  });
  afterAll(() => service.stop());

  /** Signing out, or deleting the project, would end it for all others; a stream of changes does not end. */
  const isAsked = ({ method, path }: Route): boolean =>
    !/logout|\/changes\/?$/.test(path) && !(method === 'DELETE' && path.endsWith('/{project_id}/'));
  /** The project is still there: nothing was answered for want of it. */
  const expectProject = async (): Promise<void> =>
    expect((await service.get(`/api/projects/${project}/`, key)).status).toBe(200);
  const isUnsafe = ({ method }: Route): boolean => method !== 'GET';
  const address = ({ path }: Route, id: string, team = project): string =>
    path
      .replace('{project_id}', String(team))
      .replace('{organization_id}', organization)
      .replaceAll(/\{\w+\}/g, encodeURIComponent(id));
  const fieldsOf = ({ operation }: Route): readonly string[] => {
    const schema = operation.requestBody?.content['application/json'].schema ?? {};
    const named = schema.$ref === undefined ? schema : (schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {});
    return Object.keys(named.properties ?? {});
  };
  const counts = () =>
    service.sql(`select json_build_array((select count(*) from posthog_featureflag), (select count(*) from posthog_cohort),
      (select count(*) from posthog_activitylog where team_id = ${foreign}))::text`);

  /** Every request at a route, a few at a time; what is no clear refusal is noted. */
  async function ask(route: Route, sents: readonly { path: string; raw?: string; headers?: Record<string, string> }[]) {
    const odd: string[] = [];
    const waiting = [...sents];
    const worker = async (): Promise<void> => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const { path, raw, headers = browser } = next;
        const json = raw === undefined ? {} : { 'content-type': 'application/json' };
        const sent = { headers: { ...headers, ...json }, ...(raw === undefined ? {} : { raw }) };
        const { status, body } = await service.send(route.method, path, sent);
        served.push(`${route.method} ${route.path}`);
        const isError = status >= 400;
        const isEnvelope =
          body === null ? status === 405 : typeof body === 'object' && ['detail', 'error'].some((name) => name in body);
        if (status >= 500 || (isError && !isEnvelope)) {
          odd.push(
            `${route.method} ${path.slice(0, 100)} ${raw?.slice(0, 100) ?? ''} → ${status} ${JSON.stringify(body)}`,
          );
        }
      }
    };
    await Promise.all(Array.from({ length: 4 }, worker));
    return odd;
  }

  it('M5, M6, M20: every field of every route, of the wrong type, too long, or unknown, is no fault of the server', async () => {
    const odd: string[] = [];
    for (const route of routes.filter((each) => isAsked(each) && each.operation.requestBody !== undefined)) {
      const path = address(route, '1');
      const bodies = ['7', '"text"', '[]', 'null', '{', JSON.stringify({ unknown: { a: 1 } })];
      const names = fieldsOf(route);
      // All fields at once, each with every value in turn.
      for (const turn of names.length === 0 ? [] : values.keys()) {
        const sent = names.map((name, at) => [name, values[(at + turn) % values.length]]);
        bodies.push(JSON.stringify(Object.fromEntries(sent)));
      }
      odd.push(
        ...(await ask(
          route,
          bodies.map((raw) => ({ path, raw })),
        )),
      );
    }
    expect(odd).toEqual([]);
    expect(new Set(served).size).toBeGreaterThan(20);
    await expectProject();
  });

  it('M3, M4, M23: ids and parameters of the query that are none are no fault of the server, either', async () => {
    const odd: string[] = [];
    const ids = ['99999999999999999999', "1' or '1'='1", 'a\0b', 'x'.repeat(500)];
    for (const route of routes.filter((each) => isAsked(each) && each.path.includes('{'))) {
      odd.push(
        ...(await ask(
          route,
          ids.map((id) => ({ path: address(route, id) })),
        )),
      );
    }
    for (const route of routes.filter((each) => isAsked(each) && !isUnsafe(each))) {
      const names = route.operation.parameters?.filter((each) => each.in === 'query').map(({ name }) => name) ?? [];
      const texts = ['', '[', '{"a":1}', '-1', "' or 1=1 --", 'a\0b', 'x'.repeat(300)];
      const queries = (names.length === 0 ? [] : texts).map((_, turn) => {
        const query = names.map((name, at) => [name, texts[(at + turn) % texts.length] ?? '']);
        return `${address(route, '1')}?${String(new URLSearchParams(query))}`;
      });
      odd.push(
        ...(await ask(
          route,
          queries.map((path) => ({ path })),
        )),
      );
    }
    expect(odd).toEqual([]);
    await expectProject();
  });

  it('M2, M11, M13: nobody changes anything without a credential, with a key of nothing, without the token, or in a project of others', async () => {
    const before = await counts();
    const { 'x-csrftoken': _, ...tokenless } = browser;
    const none = await service.key(await service.user('ben@example.com', {}), { scopes: [] });
    const isGuarded = ({ operation }: Route) => (operation.security ?? []).length > 0;
    const guarded = routes.filter((each) => isAsked(each) && isUnsafe(each) && isGuarded(each));
    const told = await Promise.all(
      guarded.map(async (route) => {
        const status = async (headers: Record<string, string>, team = project) =>
          (await service.send(route.method, address(route, '1', team), { json: {}, headers })).status;
        return [
          `${route.method} ${route.path}`,
          await status({}),
          await status(tokenless),
          await status({ authorization: `Bearer ${none}` }),
          await status({ authorization: 'Bearer phx_revoked' }),
          route.path.includes('{project_id}') ? await status(browser, foreign) : 403,
        ];
      }),
    );
    expect(told).toEqual(guarded.map(({ method, path }) => [`${method} ${path}`, 401, 403, 403, 401, 403]));
    expect(await counts()).toEqual(before);
  });

  it('M1: every route answers with and without a slash at the end, and never leads elsewhere', async () => {
    const odd: string[] = [];
    for (const route of routes.filter(isAsked)) {
      const path = address(route, '1').replace(/\/$/, '');
      const paths = [path, `${path}/`, path.replace('/api/projects/', '/api/environments/')];
      const answers: Answer[] = [];
      for (const one of paths) answers.push(await service.send(route.method, one, isUnsafe(route) ? { json: {} } : {}));
      const told = answers.map(({ status, at }) => `${status} ${String(at('code') ?? at('detail'))}`);
      if (new Set(told).size > 1 || answers.some(({ status }) => status === 404 || (status >= 300 && status < 400))) {
        odd.push(`${route.method} ${path}: ${told.join(', ')}`);
      }
    }
    expect(odd).toEqual([]);
  });

  it('M14: every route of a project needs the scopes of the table, and a key that has them needs no other', async () => {
    const scopesOf = (method: string, path: string): readonly string[] | null => {
      const place = path.replace('/api/projects/{project_id}', '');
      const of = (object: string) => [`${object}:${method === 'GET' ? 'read' : 'write'}`];
      if (/create_static_cohort_for_flag/.test(place)) return null;
      if (/^\/(feature_flags|cohorts)\/.*activity\/$/.test(place)) return ['activity_log:read'];
      if (/\/(test_evaluation|user_blast_radius|bulk_keys)\/$/.test(place)) return ['feature_flag:read'];
      if (/^\/(feature_flags|flag_value|scheduled_changes)\//.test(place)) return of('feature_flag');
      if (/^\/cohorts\/\{\w+\}\/persons\//.test(place)) return ['cohort:read', 'person:read'];
      if (place.startsWith('/cohorts/')) return of('cohort');
      if (place.startsWith('/early_access_feature/')) {
        return method === 'GET' ? ['early_access_feature:read'] : ['early_access_feature:write', 'feature_flag:write'];
      }
      if (place.startsWith('/persons/')) return of('person');
      if (/^\/groups(_types)?\//.test(place)) return of('group');
      return of('project');
    };
    const inProject = routes.filter((each) => isAsked(each) && each.path.startsWith('/api/projects/{project_id}/'));
    const documented = inProject.map(({ method, path, operation }) => [
      `${method} ${path}`,
      operation.security?.find((one) => 'key' in one)?.['key'] ?? null,
    ]);
    expect(documented).toEqual(inProject.map(({ method, path }) => [`${method} ${path}`, scopesOf(method, path)]));
    expect(inProject.length).toBeGreaterThan(40);
    const keys = new Map<string, string>();
    const keyOf = async (scopes: readonly string[]): Promise<string> => {
      const name = scopes.join(' ');
      const known = keys.get(name) ?? (await service.key(owner, { scopes }));
      keys.set(name, known);
      return known;
    };
    const letIn = async (route: Route, scopes: readonly string[]): Promise<string> => {
      const sent = { key: await keyOf(scopes), ...(isUnsafe(route) ? { json: {} } : {}) };
      const { status, at } = await service.send(route.method, address(route, '999999'), sent);
      return status === 403 ? String(at('detail')) : 'let in';
    };
    const all = [
      'feature_flag',
      'activity_log',
      'cohort',
      'early_access_feature',
      'person',
      'group',
      'project',
      'user',
    ];
    for (const route of inProject) {
      const scopes = scopesOf(route.method, route.path) ?? [];
      const others = all
        .filter((object) => !scopes.some((scope) => scope.startsWith(`${object}:`)))
        .flatMap((object) => [`${object}:read`, `${object}:write`]);
      const told = `${route.method} ${route.path}`;
      if (scopes.length === 0)
        expect([told, await letIn(route, others)]).toEqual([told, expect.stringContaining('does not support')]);
      else {
        expect([told, await letIn(route, scopes)]).toEqual([told, 'let in']);
        expect([told, await letIn(route, others)]).toEqual([
          told,
          expect.stringContaining('API key missing required scope'),
        ]);
      }
    }
  });

  it('M4: what belongs to another project is not there, on every route and method, and is not touched', async () => {
    const theirs = await service.key(owner, { teams: [foreign] });
    await service.sql(`update posthog_team set organization_id = '${organization}' where id = ${foreign}`);
    const root = `/api/projects/${foreign}`;
    const make = async (path: string, json: object) =>
      String((await service.send('POST', `${root}${path}`, { key: theirs, json })).at('id'));
    const flag = await make('/feature_flags/', { key: 'theirs', filters: { groups: [{}] } });
    const [person] = await service.sql(
      `insert into posthog_person (team_id, uuid, properties) values (${foreign}, gen_random_uuid(), '{}') returning uuid`,
    );
    const ids: Readonly<Record<string, string>> = {
      feature_flags: flag,
      cohorts: await make('/cohorts/', { name: 'theirs', is_static: true }),
      scheduled_changes: await make('/scheduled_changes/', {
        record_id: flag,
        model_name: 'FeatureFlag',
        payload: { operation: 'update_status', value: false },
        scheduled_at: '2999-01-01T00:00:00Z',
      }),
      early_access_feature: await make('/early_access_feature/', { name: 'Beta', stage: 'draft' }),
      project_secret_api_keys: await make('/project_secret_api_keys/', { label: 'x', scopes: ['feature_flag:read'] }),
      persons: String(person),
    };
    expect(Object.values(ids)).not.toContain('undefined');
    const stored = () =>
      service.sql(`select json_build_array((select json_agg(f order by id) from posthog_featureflag f where team_id = ${foreign}),
        (select json_agg(c) from posthog_cohort c where team_id = ${foreign}), (select json_agg(s) from posthog_scheduledchange s),
        (select json_agg(e) from posthog_earlyaccessfeature e), (select json_agg(k) from posthog_projectsecretapikey k))::text`);
    const before = await stored();
    const asked = { distinct_id: 'a' };
    const changed = { key: 'x', name: 'x', person_ids: [person], person_id: person, label: 'y' };
    const odd: string[] = [];
    for (const route of routes.filter(({ path }) => /^\/api\/projects\/\{project_id\}\/\w+\/\{/.test(path))) {
      const [, kind = ''] = /\{project_id\}\/(\w+)\//.exec(route.path) ?? [];
      const path = address(route, ids[kind] ?? '').replace(`/versions/${ids[kind]}/`, '/versions/1/');
      const json = path.includes('test_evaluation') ? asked : changed;
      const sent = { headers: browser, ...(isUnsafe(route) ? { json } : {}) };
      const { status } = await service.send(route.method, path, sent);
      const isClosed = route.method === 'DELETE' && (kind === 'feature_flags' || kind === 'cohorts');
      if (status !== (isClosed ? 405 : 404)) odd.push(`${route.method} ${route.path} ${status}`);
    }
    expect(odd).toEqual([]);
    expect(await stored()).toEqual(before);
  });

  it('M52: a body of more than 2 MiB is refused before it is read', async () => {
    const raw = JSON.stringify({ key: 'large', name: 'x'.repeat(2 * 1024 * 1024) });
    const headers = { ...browser, 'content-type': 'application/json' };
    const { status, body } = await service.send('POST', `/api/projects/${project}/feature_flags/`, { raw, headers });
    expect([status, body]).toEqual([413, expect.objectContaining({ attr: null })]);
  });
});
