import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClientProgram } from '../client-program.ts';
import { agentToolkit } from '../clients.ts';
import { prepare } from '../prepare.ts';
import { reasonToSkip } from '../selection.ts';
import { type ManagedProject, openManagedProject } from './managed-project.ts';

const left = reasonToSkip(agentToolkit);

/** The tools of PostHog's MCP server, as published: they read every answer by a schema of their own. */
describe('PostHog’s MCP tools', () => {
  let project: ManagedProject;
  let program: ClientProgram;

  beforeAll(async () => {
    if (left !== undefined) return;
    program = new ClientProgram(prepare(agentToolkit, false));
    project = await openManagedProject();
  }, 600_000);
  afterAll(async () => {
    program?.end();
    await project?.stop();
  });

  const call = async (name: string, input: object, key = project.key): Promise<unknown> => {
    const reply = await program.tool({ host: project.url, key, name, input });
    return reply.error === undefined ? reply.answer : reply.error;
  };
  const flagTools = ['create-feature-flag', 'delete-feature-flag', 'update-feature-flag', 'feature-flag-get-all'];

  it('M149, M175: offer what the scopes of the key allow', async ({ skip }) => {
    skip(left !== undefined, left);
    const offered = async (key: string) =>
      (await program.tool({ host: project.url, key })) as { readonly answer: readonly string[] };
    expect((await offered(project.key)).answer).toEqual(expect.arrayContaining(flagTools));
    const reader = (await offered(await project.keyWith('feature_flag:read'))).answer;
    expect(reader).toEqual(expect.arrayContaining(['feature-flag-get-all', 'feature-flag-get-definition']));
    expect(reader).not.toContain('create-feature-flag');
  });

  it('M145, M146, M175: find their organization and project', async ({ skip }) => {
    skip(left !== undefined, left);
    expect(await call('organizations-get', {})).toMatchObject([{ id: expect.any(String) as unknown }]);
    expect(await call('projects-get', {})).toMatchObject([{ id: project.projectId, name: 'Shop' }]);
  });

  it('M66, M175: create, find, change and delete flags', async ({ skip }) => {
    skip(left !== undefined, left);
    const properties = [
      { key: 'plan', value: 'pro', operator: 'exact' },
      { key: 'age', value: 18, operator: 'gte' },
      { key: 'seen', value: 'x', operator: 'is_set' },
    ];
    const flag = {
      name: 'New cart',
      key: 'new-cart',
      description: 'is not kept',
      active: true,
      filters: { groups: [{ properties: [], rollout_percentage: 100 }] },
      tags: ['cart'],
    };
    const made = (await call('create-feature-flag', flag)) as { readonly id: number };
    expect(made).toMatchObject({ key: 'new-cart', name: 'New cart', active: true });
    expect(await project.value('new-cart')).toBe(true);
    expect(await call('create-feature-flag', flag)).toMatch(/Validation error: unique/);
    for (const property of properties) {
      const data = { filters: { groups: [{ properties: [property], rollout_percentage: 100 }] } };
      expect(await call('update-feature-flag', { flagKey: 'new-cart', data })).toMatchObject({
        filters: { groups: [{ properties: [{ key: property.key, type: 'person' }] }] },
      });
    }
    // A list of values, which the tool would let pass, can only be meant of cohorts.
    const list = { key: 'country', value: ['at', 'de'], operator: 'in' };
    const data = { filters: { groups: [{ properties: [list], rollout_percentage: 100 }] } };
    expect(await call('update-feature-flag', { flagKey: 'new-cart', data })).toContain('in_not_in_requires_cohort');
    const definition = await call('feature-flag-get-definition', { flagKey: 'new-cart' });
    expect(definition).toMatchObject({ id: made.id, name: 'New cart', key: 'new-cart' });
    expect(await call('feature-flag-get-definition', { flagId: made.id })).toEqual(definition);
    expect(await call('feature-flag-get-definition', { flagKey: 'none' })).toContain('not found');
    expect(await call('update-feature-flag', { flagKey: 'new-cart', data: { active: false } })).toMatchObject({
      active: false,
    });
    expect(await call('delete-feature-flag', { flagKey: 'new-cart' })).toMatchObject({ success: true });
    expect(await call('delete-feature-flag', { flagKey: 'new-cart' })).toContain('already deleted');
    expect(await call('feature-flag-get-all', {})).toEqual([]);
  });

  it('M23, M175: follow a list over all its pages', async ({ skip }) => {
    skip(left !== undefined, left);
    const keys = Array.from({ length: 101 }, (_, i) => `page-${i}`);
    for (const key of keys) await project.api('POST', `/api/projects/${project.projectId}/feature_flags/`, { key });
    const listed = (await call('feature-flag-get-all', {})) as { readonly key: string }[];
    expect(listed.map(({ key }) => key).sort()).toEqual(keys.sort());
  });

  it('M13, M20, M175: are told what is wrong with a key', async ({ skip }) => {
    skip(left !== undefined, left);
    expect(await call('feature-flag-get-all', {}, 'phx_nobodys')).toContain('no tool');
  });
});
