import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClientProgram } from '../client-program.ts';
import { clients } from '../clients.ts';
import { findTool, prepare } from '../prepare.ts';
import { reasonToSkip } from '../selection.ts';
import { type ManagedProject, openManagedProject } from './managed-project.ts';

/** Small clients of the management API: an adapter, lines for a shell, and two whose requests are known. */
describe('scripts that manage flags', () => {
  let project: ManagedProject;
  let flags: string;

  beforeAll(async () => {
    project = await openManagedProject();
    flags = `/api/projects/${project.projectId}/feature_flags/`;
  });
  afterAll(() => project.stop());

  const adapter = clients.find(({ name }) => name === '@flags-sdk/posthog');
  const noAdapter = adapter === undefined ? 'there is no such client' : reasonToSkip(adapter);

  it('M23, M35, M65: the Flags SDK tells its toolbar about every flag', async ({ skip }) => {
    skip(noAdapter !== undefined, noAdapter);
    if (adapter === undefined) return;
    const payloads = { true: { columns: 2 } };
    const filters = { groups: [{ properties: [], rollout_percentage: 100 }], payloads };
    const { id } = (await project.api('POST', flags, { key: 'cart', name: 'The cart', filters })) as { id: number };
    await project.api('POST', flags, { key: 'plain' });
    const program = new ClientProgram(prepare(adapter, false));
    try {
      const of = { host: project.url, projectId: project.projectId };
      const told = (key: string) => program.providerData({ ...of, key });
      expect(await told(project.key)).toEqual({
        data: {
          definitions: {
            cart: {
              origin: `${project.url}/project/${project.projectId}/feature_flags/${id}`,
              description: 'The cart',
              createdAt: expect.any(Number) as unknown,
              options: [{ label: 'true', value: { columns: 2 } }],
            },
            plain: expect.objectContaining({ options: [{ value: false }, { value: true }] }) as unknown,
          },
          hints: [],
        },
      });
      expect(await told('phx_nobodys')).toMatchObject({
        data: { definitions: {}, hints: [{ text: 'Failed to fetch PostHog (Received 401 response)' }] },
      });
    } finally {
      program.end();
    }
  });

  const curl = findTool('curl');

  /** Runs curl as the documentation does: what it printed, and the status. */
  const line = (path: string, ...args: readonly string[]): Promise<{ status: number; body: unknown }> => {
    const all = ['--silent', '--write-out', '\n%{http_code}', '-H', `Authorization: Bearer ${project.key}`, ...args];
    return new Promise((resolve, reject) => {
      execFile(curl ?? 'curl', [...all, `${project.url}${path}`], { encoding: 'utf8' }, (error, stdout) => {
        if (error !== null) return reject(new Error(`curl: ${error.message}`));
        const end = stdout.lastIndexOf('\n');
        const text = stdout.slice(0, end);
        resolve({ status: Number(stdout.slice(end)), body: text === '' ? null : (JSON.parse(text) as unknown) });
      });
    });
  };

  it('M1, M5, M10, M22: lines with curl list, create, read, change and delete', async ({ skip }) => {
    skip(curl === undefined, 'NOT RUN: curl cannot be found');
    const json = ['-H', 'Content-Type: application/json'] as const;
    // A form, and no slash at the end of the path.
    const made = await line(flags.slice(0, -1), '-d', 'key=by-curl', '-d', 'name=By curl', '-d', 'active=false');
    expect(made).toMatchObject({ status: 201, body: { key: 'by-curl', name: 'By curl', active: false, version: 1 } });
    const { id } = made.body as { id: number };
    // As the documentation has it, although it is no JSON.
    expect(await line(flags, ...json, '-d', 'key=string')).toMatchObject({
      status: 400,
      body: { type: 'invalid_request', code: 'parse_error', attr: null },
    });
    const filters = { groups: [{ properties: [], rollout_percentage: 100 }] };
    const change = JSON.stringify({ active: true, filters });
    expect(await line(`${flags}${id}/`, '-X', 'PATCH', ...json, '-d', change)).toMatchObject({
      status: 200,
      body: { active: true, filters, version: 2 },
    });
    expect(await project.value('by-curl')).toBe(true);
    expect(await line(`${flags}?search=by-curl&limit=1`)).toMatchObject({
      status: 200,
      body: { count: 1, next: null, previous: null, results: [{ id }] },
    });
    expect(await line(`${flags}${id}/`)).toMatchObject({ status: 200, body: { id, key: 'by-curl' } });
    expect(await line(`${flags}${id}/activity/`)).toMatchObject({
      body: { results: [{ activity: 'updated' }, { activity: 'created' }] },
    });
    expect(await line(`${flags}${id}/status/`)).toMatchObject({ body: { status: 'active' } });
    const condition = JSON.stringify({ condition: { properties: [], rollout_percentage: 50 } });
    expect(await line(`${flags}user_blast_radius/`, ...json, '-d', condition)).toMatchObject({
      status: 200,
      body: { affected: 0, total: 0 },
    });
    expect(await line(`/api/projects/${project.projectId}/flag_value/values/?key=${id}`)).toMatchObject({
      body: { results: [{ name: true }, { name: false }] },
    });
    expect(await line(`${flags}${id}/`, '-X', 'DELETE')).toEqual({ status: 405, body: null });
    expect(await line(`${flags}${id}`, '-X', 'PATCH', '-d', 'deleted=true')).toMatchObject({
      status: 200,
      body: { deleted: true },
    });
    expect(await line('/api/projects/')).toMatchObject({ status: 200, body: { results: [{ id: project.projectId }] } });
  });

  it('M145, M146, M149, M175: the MCP server of 2025 starts, and finds by following next', async () => {
    const [key, me] = [
      await project.api('GET', '/api/personal_api_keys/@current'),
      await project.api('GET', '/api/users/@me/'),
    ];
    expect(key).toMatchObject({ scopes: ['*'], scoped_teams: [], scoped_organizations: [] });
    expect(me).toMatchObject({ distinct_id: expect.any(String) as unknown, team: { id: project.projectId } });
    const { organization } = me as { organization: { id: string } };
    expect(await project.api('GET', `/api/organizations/${organization.id}/projects/`)).toMatchObject({
      results: [{ id: project.projectId, name: 'Shop' }],
    });
    for (const name of ['one', 'two', 'three']) {
      // Two members at the top that mean nothing are no error.
      const made = await project.api('POST', flags, {
        key: `mcp-${name}`,
        description: 'x',
        payloads: {},
        active: true,
      });
      expect(made).toMatchObject({ id: expect.any(Number) as unknown, key: `mcp-${name}`, name: '', active: true });
    }
    const found: string[] = [];
    for (let next: string | null = `${project.url}${flags}?limit=2`; next !== null; ) {
      const path: string = next.slice(project.url.length);
      expect(next.startsWith(project.url)).toBe(true);
      const page = (await project.api('GET', path)) as { next: string | null; results: { key: string }[] };
      found.push(...page.results.map((flag) => flag.key));
      next = page.next;
    }
    expect(found.filter((one) => one.startsWith('mcp-'))).toEqual(['mcp-three', 'mcp-two', 'mcp-one']);
    expect(new Set(found).size).toBe(found.length);
  });

  it('M46, M176: a command line finds a flag by search and sets its rollout, variants stay', async () => {
    const variants = [
      { key: 'a', rollout_percentage: 50 },
      { key: 'b', rollout_percentage: 50 },
    ];
    const filters = {
      groups: [{ properties: [{ key: 'plan', type: 'person', value: 'pro', operator: 'exact' }] }],
      multivariate: { variants },
    };
    await project.api('POST', flags, { key: 'by-command-line', filters });
    const page = (await project.api('GET', `${flags}?search=by-command-line`)) as { results: { id: number }[] };
    expect(page.results).toHaveLength(1);
    const path = `${flags}${page.results[0]?.id}/`;
    const changed = await project.api('PATCH', path, { filters: { groups: [{ rollout_percentage: 30 }] } });
    expect(changed).toMatchObject({
      filters: { groups: [{ properties: [], rollout_percentage: 30 }], multivariate: { variants } },
    });
    expect(await project.api('PATCH', path, { deleted: true })).toMatchObject({ deleted: true });
  });
});
