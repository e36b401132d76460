import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ManagedService, startManagedService } from '../../manage/managed-service.cases.ts';
import { readSettings } from '../../operate/settings/read-settings.ts';
import { ran } from './code-commands.cases.ts';
import { types, type TypesOptions } from './types.ts';

describe('halyard types', () => {
  let service: ManagedService;
  let secretKey: string;
  let token: string;

  beforeAll(async () => {
    service = await startManagedService();
    const organization = await service.organization('Shop');
    const project = await service.project(organization, 'First');
    const key = await service.key(await service.user('ada@example.com', { [organization]: 15 }));
    token = `phc_${project}`;
    const root = `/api/projects/${project}`;
    const split = {
      groups: [{}],
      multivariate: {
        variants: [
          { key: 'red', rollout_percentage: 50 },
          { key: 'blue', rollout_percentage: 50 },
        ],
      },
      payloads: { red: '{"width":2}' },
    };
    await service.send('POST', `${root}/feature_flags/`, { key, json: { key: 'button-color', filters: split } });
    await service.send('POST', `${root}/feature_flags/`, { key, json: { key: 'plain' } });
    const made = await service.send('POST', `${root}/project_secret_api_keys/`, {
      key,
      json: { label: 'types', scopes: ['feature_flag:read'] },
    });
    secretKey = String(made.at('value'));
  });
  afterAll(() => service.stop());

  async function written(options: Partial<TypesOptions>): Promise<string> {
    const settings = readSettings({ DATABASE_URL: service.database.url });
    return (await ran((io) => types(settings, undefined, { lang: 'ts', ...options }, io))).text;
  }

  it.each(['ts', 'python'] as const)('are the same of a host as of its database: %s', async (lang) => {
    const ofHost = await written({ lang, host: service.url, secretKey });
    expect(ofHost).toMatch(/button-color.*red.*blue/s);
    expect(ofHost).toContain('width');
    expect(ofHost).toBe(await written({ lang, database: true, token }));
  });

  it('say why a host gives none', async () => {
    await expect(written({ host: service.url })).rejects.toThrow('say --secret-key, or HALYARD_SECRET_KEY');
    await expect(written({ host: service.url, secretKey: 'phs_wrong' })).rejects.toThrow(/refuses with 401/);
    await expect(written({ host: 'flags', secretKey })).rejects.toThrow('--host must be an address');
    await expect(written({ host: 'http://127.0.0.1:1', secretKey })).rejects.toThrow('cannot be reached');
    await expect(written({ host: `${service.url}/console`, secretKey })).rejects.toThrow(/127\.0\.0\.1/);
    await expect(written({})).rejects.toThrow('Say where the flags are');
  });
});
