import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { terraformProvider } from '../clients.ts';
import { prepare } from '../prepare.ts';
import { reasonToSkip } from '../selection.ts';
import { type ManagedProject, openManagedProject } from './managed-project.ts';
import { Terraform } from './terraform.ts';

const left = reasonToSkip(terraformProvider);

/** Lines of a block whose filters are these. */
const withFilters = (key: string, filters: object, ...more: readonly string[]): string =>
  [`key = "${key}"`, `filters = jsonencode(${JSON.stringify(filters)})`, ...more].join('\n');

const everybody = { properties: [], rollout_percentage: 100 };

/** PostHog's Terraform provider as published, under a real Terraform. */
describe('PostHog’s Terraform provider', () => {
  let project: ManagedProject;
  let terraform: Terraform;
  let flagPath: string;

  beforeAll(async () => {
    if (left !== undefined) return;
    const { program } = prepare(terraformProvider, false);
    project = await openManagedProject();
    flagPath = `/api/projects/${project.projectId}/feature_flags/`;
    terraform = new Terraform(program, project);
  }, 600_000);
  afterAll(async () => {
    terraform?.end();
    await project?.stop();
  });

  const idOf = async (name: string): Promise<number> => Number((await terraform.state())[name]?.['id']);
  /** Applies the blocks, and nothing is left to do. */
  const applied = async (flags: Readonly<Record<string, string>>): Promise<void> => {
    terraform.write(flags);
    await terraform.apply();
    expect(await terraform.plan()).toBe('');
  };

  it('M170, M171: leaves nothing to do once flags of every kind were applied', async ({ skip }) => {
    skip(left !== undefined, left);
    const cohort = (await project.api('POST', `/api/projects/${project.projectId}/cohorts/`, {
      name: 'Payers',
      filters: {
        properties: {
          type: 'AND',
          values: [{ type: 'person', key: 'plan', operator: 'exact', value: ['pro'] }],
        },
      },
    })) as { id: number };
    const flags = {
      bare: 'key = "bare"',
      all: 'key = "all-fields"\nname = "All of them"\nactive = true\ntags = ["by:terraform", "env:test"]\nensure_experience_continuity = true',
      half: 'key = "half"\nrollout_percentage = 50',
      boolean: withFilters('boolean', { groups: [everybody] }, 'active = true'),
      properties: withFilters('two-groups', {
        groups: [
          {
            properties: [
              { key: 'email', type: 'person', value: ['ada@example.com', 'ann@example.com'], operator: 'exact' },
              { key: 'age', type: 'person', value: 18, operator: 'gte' },
              { key: 'seen', type: 'person', value: 'is_set', operator: 'is_set' },
            ],
            rollout_percentage: 100,
          },
          { properties: [], rollout_percentage: 12.5 },
        ],
      }),
      multivariate: withFilters(
        'multivariate',
        {
          groups: [{ ...everybody, variant: 'b' }],
          multivariate: {
            variants: [
              { key: 'control', name: 'Control', rollout_percentage: 34 },
              { key: 'a', name: '', rollout_percentage: 33 },
              { key: 'b', rollout_percentage: 33 },
            ],
          },
          payloads: { a: '{"columns":2}', b: '"text"' },
        },
        'active = true',
      ),
      nulls: withFilters('nulls', {
        groups: [{ properties: [], rollout_percentage: null, variant: null }],
        multivariate: null,
        payloads: {},
        aggregation_group_type_index: null,
      }),
      group: withFilters('by-group', {
        aggregation_group_type_index: 0,
        groups: [
          {
            properties: [{ key: 'tier', type: 'group', group_type_index: 0, operator: 'exact', value: ['gold'] }],
            rollout_percentage: 100,
          },
        ],
      }),
      payload: withFilters('payload', { groups: [everybody], payloads: { true: '{"columns":2}' } }),
      cohort: withFilters('by-cohort', {
        groups: [{ properties: [{ key: 'id', type: 'cohort', value: cohort.id }], rollout_percentage: 100 }],
      }),
      later: withFilters('later', { groups: [everybody] }, 'active = false'),
    };
    await applied(flags);
    // What is not said is sent as false: whoever wants a flag to be on says so.
    expect(await project.api('GET', `${flagPath}bare/`)).toMatchObject({ active: false, filters: { groups: [{}] } });
    expect([await project.value('boolean'), await project.value('multivariate')]).toEqual([true, 'b']);
    const state = await terraform.state();
    expect([state['half']?.['rollout_percentage'], state['properties']?.['rollout_percentage']]).toEqual([50, 100]);
    expect(state['all']).toMatchObject({
      name: 'All of them',
      tags: ['by:terraform', 'env:test'],
      ensure_experience_continuity: true,
      deleted: false,
    });
    // A planned change is no business of the provider's, before it is due.
    await project.api('POST', `/api/projects/${project.projectId}/scheduled_changes/`, {
      record_id: String(await idOf('later')),
      model_name: 'FeatureFlag',
      payload: { operation: 'update_status', value: true },
      scheduled_at: '2126-01-01T00:00:00Z',
    });
    expect(await terraform.plan()).toBe('');
    await applied({});
    expect(await project.value('boolean')).toBeUndefined();
  }, 240_000);

  it('M172: passes the steps of its acceptance tests: rollout, name, toggle, tags that grow and shrink', async ({
    skip,
  }) => {
    skip(left !== undefined, left);
    const step = (rollout: number, name: string, active: boolean, ...tags: readonly string[]) =>
      applied({
        steps: `key = "steps"\nname = "${name}"\nactive = ${active}\nrollout_percentage = ${rollout}\ntags = ${JSON.stringify(tags)}`,
      });
    await step(50, 'First', true, 'one', 'two');
    const path = `${flagPath}${await idOf('steps')}/`;
    const shown = (): Promise<unknown> => project.api('GET', path);
    expect(await shown()).toMatchObject({ version: 1, filters: { groups: [{ rollout_percentage: 50 }] } });
    await step(100, 'Second', true, 'one', 'two', 'three');
    expect(await shown()).toMatchObject({ name: 'Second', tags: ['one', 'three', 'two'], active: true });
    expect(await project.value('steps')).toBe(true);
    await step(0, 'Second', false, 'one');
    expect(await shown()).toMatchObject({
      tags: ['one'],
      active: false,
      filters: { groups: [{ rollout_percentage: 0 }] },
    });
    await step(0, 'Second', true, 'one');
    expect(await shown()).toMatchObject({ active: true, version: 4 });
  }, 120_000);

  it('M171: sees what others changed, and puts it right', async ({ skip }) => {
    skip(left !== undefined, left);
    const flags = { kept: withFilters('kept', { groups: [everybody] }, 'name = "Kept"') };
    await applied(flags);
    const path = `${flagPath}${await idOf('kept')}/`;
    // Not the rollout of the first group: the provider would send the one that it found there again.
    await project.api('PATCH', path, { name: 'Lost', filters: { groups: [everybody, everybody] } });
    expect(await terraform.plan()).toContain('will be updated in-place');
    await applied(flags);
    expect(await project.api('GET', path)).toMatchObject({ name: 'Kept', filters: { groups: [{}] } });
  }, 120_000);

  it('M34, M51, M172: restores a flag that was deleted behind its back', async ({ skip }) => {
    skip(left !== undefined, left);
    const flags = { gone: 'key = "gone"\nname = "Gone"\nactive = true' };
    await applied(flags);
    const path = `${flagPath}${await idOf('gone')}/`;
    await project.api('PATCH', path, { deleted: true });
    expect(await terraform.plan()).toContain('will be updated in-place');
    await applied(flags);
    expect(await project.api('GET', path)).toMatchObject({ key: 'gone', deleted: false });
    // And makes a new one where the key was taken by a flag that is gone for good.
    await applied({});
    await applied(flags);
    expect(await project.value('gone')).toBe(true);
  }, 120_000);

  it('M172: takes over a flag that is there, by its id and by project and id', async ({ skip }) => {
    skip(left !== undefined, left);
    const { id } = (await project.api('POST', flagPath, { key: 'here', name: 'Here', tags: ['x'] })) as { id: number };
    await applied({});
    const flags = { here: 'key = "here"\nname = "Here"\ntags = ["x"]' };
    terraform.write(flags);
    for (const named of [String(id), `${project.projectId}/${id}`]) {
      await terraform.import('here', named);
      expect((await terraform.state())['here']).toMatchObject({ id, key: 'here', active: true, deleted: false });
      expect(await terraform.plan()).toBe('');
      await terraform.forget('here');
    }
  }, 120_000);
});
