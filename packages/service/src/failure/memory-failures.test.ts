import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { createTestDatabase, holdTransaction, type TestDatabase } from '@halyard/data/testing';
import { fromLocalEvaluation, ProjectWriter } from 'halyard/host';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serviceProcesses } from './service-process.cases.ts';

/** How many projects there are, of how many flags each, and the service's heap in mebibytes. Others are for somebody who wants to be sure. */
const PROJECTS = Number(process.env['HALYARD_SOAK_PROJECTS'] ?? 60);
const FLAGS = Number(process.env['HALYARD_SOAK_FLAGS'] ?? 400);
const HEAP_MIB = Number(process.env['HALYARD_SOAK_HEAP_MIB'] ?? 96);
/** What the process has beside its heap: its code, buffers, and the definitions that are being read. */
const BESIDE_MIB = 400;
/** Time enough for whatever the machine does meanwhile: the last of a rush waits for all before it. */
const PATIENCE_MS = Math.max(120_000, PROJECTS * FLAGS);

const PATTERN = { key: 'email', type: 'person', operator: 'regex', value: '^[a-z]+@example\\.com$' };
const PLAN = { key: 'plan', type: 'person', operator: 'exact', value: ['pro', 'team'] };

describe('a service with little memory', () => {
  const start = serviceProcesses();
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase();
    const writer = await ProjectWriter.open(database.url);
    const flags = Array.from({ length: FLAGS }, (_, i) => ({
      id: i + 1,
      key: `flag-${i}`,
      name: `Flag ${i}`,
      active: true,
      filters: { groups: [{ properties: i % 10 === 0 ? [PATTERN] : [PLAN], rollout_percentage: 100 }] },
    }));
    await writer.importDefinitions(fromLocalEvaluation({ flags }), { token: 'soak-0' });
    await writer.close();
    const end = await holdTransaction(
      database.url,
      `with copies as (
         insert into posthog_team (api_token, organization_id, project_id)
         select 'soak-' || n, organization_id, project_id from posthog_team, generate_series(1, ${PROJECTS - 1}) n
         where api_token = 'soak-0' returning id)
       insert into posthog_featureflag (team_id, key, name, filters, active)
       select copies.id, key, name, filters, active from posthog_featureflag, copies`,
      'commit',
    );
    await end();
  }, 600_000 + PATIENCE_MS);

  afterEach(() => database.drop());

  async function ask(url: string, project: number): Promise<number> {
    const body = {
      token: `soak-${project % PROJECTS}`,
      distinct_id: 'x',
      person_properties: { plan: 'pro', email: 'a@example.com' },
    };
    // `fetch` would give up after five minutes.
    const sent = request(`${url}/flags?v=2`, { method: 'POST', agent: false }).end(JSON.stringify(body));
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const flags = (await text(answer)).match(/"enabled":true/g) ?? [];
    return answer.statusCode === 200 ? flags.length : (answer.statusCode ?? 0);
  }

  /** The most memory that the process has had so far, in mebibytes; 0 where the system does not tell. */
  function peakMib(pid: number | undefined): number {
    if (process.platform !== 'linux') return 0;
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  }

  it('rule 6: more projects than fit into the heap come and go, and all are served', {
    timeout: 1_800_000 + PATIENCE_MS,
  }, async () => {
    const service = await start({
      DATABASE_URL: database.url,
      NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}`,
      HALYARD_METRICS: 'true',
      HALYARD_QUEUE_MS: String(PATIENCE_MS),
      READ_STATEMENT_TIMEOUT_MS: '60000',
      READ_ACQUIRE_TIMEOUT_MS: String(PATIENCE_MS),
      HALYARD_REQUEST_TIMEOUT_MS: String(PATIENCE_MS),
    });
    // All at once, as after a restart; then one after the other, each pushing out another one.
    const rush = await Promise.all(Array.from({ length: PROJECTS }, (_, i) => ask(service.url, i)));
    expect(new Set(rush)).toEqual(new Set([FLAGS]));
    for (let i = 0; i < PROJECTS; i++) expect(await ask(service.url, i * 7)).toBe(FLAGS);
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    // Some were read again, so they had been dropped.
    expect(Number(/^halyard_definitions_reads (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThan(PROJECTS);
    const peak = peakMib(service.child.pid);
    expect(peak).toBeLessThan(HEAP_MIB + BESIDE_MIB);
    expect(await service.stop()).toEqual({ code: 0, err: '' });
  });
});
