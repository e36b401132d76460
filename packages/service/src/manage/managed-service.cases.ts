import { createHash, randomBytes } from 'node:crypto';
import { ask, createTestDatabase, type TestDatabase } from '@halyard/data/testing';
import { type ComposeOptions, type Service, startService } from '../compose.ts';
import { createLog } from '../operate/log/logger.ts';
import { readSettings } from '../operate/settings/read-settings.ts';

/** An answer with its body as JSON; null: it has none. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
  /** What stands at a place in the body; undefined: nothing. */
  readonly at: (...names: readonly (string | number)[]) => unknown;
}

export interface Sent {
  readonly key?: string;
  readonly json?: unknown;
  readonly headers?: Record<string, string>;
  readonly raw?: string | Uint8Array<ArrayBuffer> | FormData;
}

export interface KeyRestrictions {
  readonly scopes?: readonly string[];
  readonly teams?: readonly number[];
  readonly organizations?: readonly string[];
}

/** A service on a database of its own, with people, projects and keys as tests want them. */
export interface ManagedService {
  readonly url: string;
  readonly database: TestDatabase;
  send(method: string, path: string, sent?: Sent): Promise<Answer>;
  get(path: string, key?: string): Promise<Answer>;
  /** The id of a new organization. */
  organization(name: string): Promise<string>;
  /** The id of a new project. */
  project(organization: string, name: string): Promise<number>;
  /** The id of a new member. */
  user(email: string, memberships: Readonly<Record<string, number>>): Promise<number>;
  /** A new personal key. */
  key(user: number, restrictions?: KeyRestrictions): Promise<string>;
  /** Headers of a browser in which this user is signed in. */
  browser(user: number): Promise<Record<string, string>>;
  sql(text: string): Promise<unknown[]>;
  stop(): Promise<void>;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const array = (items: readonly unknown[] | undefined, type: string): string =>
  items === undefined ? 'null' : `array[${items.map((item) => quoted(String(item))).join(',')}]::${type}[]`;

export async function startManagedService(
  env: Record<string, string> = {},
  known?: TestDatabase,
  options: Partial<ComposeOptions> = {},
): Promise<ManagedService> {
  const database = known ?? (await createTestDatabase());
  const settings = readSettings({ DATABASE_URL: database.url, PORT: '0', HALYARD_DEMO: 'never', ...env });
  const service: Service = await startService(settings, {
    log: createLog('silent', 2),
    onProgress: () => undefined,
    ...options,
  });
  const sql = (text: string): Promise<unknown[]> => ask(database.url, text);
  const send: ManagedService['send'] = async (method, path, { key, json, headers, raw } = {}) => {
    const body = raw ?? (json === undefined ? undefined : JSON.stringify(json));
    const response = await fetch(`${service.url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const parsed: unknown = text === '' ? null : JSON.parse(text);
    return {
      status: response.status,
      headers: response.headers,
      body: parsed,
      at: (...names) =>
        names.reduce<unknown>(
          (value, name) => (value as Readonly<Record<string, unknown>> | undefined)?.[name],
          parsed,
        ),
    };
  };
  return {
    url: service.url,
    database,
    send,
    get: (path, key) => send('GET', path, key === undefined ? {} : { key }),
    organization: async (name) =>
      String((await sql(`insert into posthog_organization (name) values (${quoted(name)}) returning id`))[0]),
    project: async (organization, name) => {
      const [id] = await sql(`with p as (insert into posthog_project (organization_id, name)
          values (${quoted(organization)}, ${quoted(name)}) returning id)
        insert into posthog_team (id, project_id, organization_id, name, api_token)
        select p.id, p.id, ${quoted(organization)}, ${quoted(name)}, 'phc_' || p.id from p returning id`);
      return Number(id);
    },
    user: async (email, memberships) => {
      const [id] = await sql(
        `insert into posthog_user (email, first_name) values (${quoted(email)}, 'Ada') returning id`,
      );
      for (const [organization, level] of Object.entries(memberships)) {
        await sql(`insert into posthog_organizationmembership (user_id, organization_id, level)
          values (${Number(id)}, ${quoted(organization)}, ${level})`);
      }
      return Number(id);
    },
    key: async (user, { scopes = ['*'], teams, organizations } = {}) => {
      const key = `phx_${randomBytes(24).toString('base64url')}`;
      const digest = createHash('sha256').update(key).digest('hex');
      await sql(`insert into posthog_personalapikey
          (id, user_id, label, mask_value, secure_value, scopes, scoped_teams, scoped_organizations)
        values (${quoted(digest.slice(0, 24))}, ${user}, 'test', ${quoted(`phx_...${key.slice(-4)}`)}, 'sha256$${digest}',
          ${array(scopes, 'varchar')}, ${array(teams, 'int')}, ${array(organizations, 'varchar')})`);
      return key;
    },
    browser: async (user) => {
      const cookie = randomBytes(24).toString('base64url');
      await sql(`insert into halyard_session (digest, user_id, expires_at)
        values ('${createHash('sha256').update(cookie).digest('hex')}', ${user}, now() + interval '1 day')`);
      const token = createHash('sha256').update(`csrf:${cookie}`).digest('base64url');
      return { cookie: `halyard_session=${cookie}`, 'x-csrftoken': token };
    },
    sql,
    stop: async () => {
      await service.close();
      if (known === undefined) await database.drop();
    },
  };
}
