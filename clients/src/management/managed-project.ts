import { ask, createTestDatabase } from '@halyard/data/testing';
import { createLog, readSettings, startService } from '@halyard/service';
import { KeyWriter } from 'halyard/host';

/** A service with a project, and a personal key of its owner: what clients need that create and change flags. */
export interface ManagedProject {
  readonly url: string;
  readonly projectId: number;
  /** Public. */
  readonly token: string;
  /** Personal, and opens everything. */
  readonly key: string;
  /** A personal key of the same person that only does what its scopes say. */
  keyWith(...scopes: readonly ('*' | 'feature_flag:read' | 'feature_flag:write')[]): Promise<string>;
  /** What the API answers, beside the client: the body, undefined where there is none. */
  api(method: string, path: string, body?: object): Promise<unknown>;
  /** A flag's value for somebody; undefined: there is no such flag. */
  value(flag: string, distinctId?: string): Promise<unknown>;
  stop(): Promise<void>;
}

export async function openManagedProject(): Promise<ManagedProject> {
  const database = await createTestDatabase();
  const service = await startService(readSettings({ DATABASE_URL: database.url, PORT: '0', HALYARD_DEMO: 'never' }), {
    log: createLog('silent', 2),
    onProgress: () => undefined,
  });
  const writer = await KeyWriter.open(database.url);
  const { teamId, token } = await writer.createProject('Shop');
  const keyWith: ManagedProject['keyWith'] = async (...scopes) => {
    const grant = { label: scopes.join(' '), scopes };
    return (await writer.createPersonalKey(teamId, 'ada@example.com', grant, true)).secret;
  };
  const key = await keyWith('*');
  await ask(database.url, 'update posthog_organizationmembership set level = 15');
  return {
    url: service.url,
    projectId: teamId,
    token,
    key,
    keyWith,
    api: async (method, path, body) => {
      const response = await fetch(`${service.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return text === '' ? undefined : (JSON.parse(text) as unknown);
    },
    value: async (flag, distinctId = 'ada') => {
      const body = JSON.stringify({ token, distinct_id: distinctId });
      const response = await fetch(`${service.url}/flags?v=2`, { method: 'POST', body });
      const { flags } = (await response.json()) as {
        flags: Record<string, { enabled: boolean; variant?: string } | undefined>;
      };
      return flags[flag]?.variant ?? flags[flag]?.enabled;
    },
    stop: async () => {
      await writer.close();
      await service.close();
      await database.drop();
    },
  };
}
