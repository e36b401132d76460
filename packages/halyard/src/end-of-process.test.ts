import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ProjectWriter } from '@halyard/data';
import { connectClient, createTestDatabase, type TestDatabase } from '@halyard/data/testing';
import { fromLocalEvaluation } from '@halyard/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/*
 * Scripts of users, run as they are, in processes of their own. They import the package as its users do, so they meet the compiled
 * one, which `npm test` brings up to date.
 */

const root = fileURLToPath(new URL('../../../', import.meta.url));
const document = {
  flags: [
    {
      id: 1,
      key: 'f',
      active: true,
      filters: { groups: [{ properties: [{ key: 'plan', type: 'person', operator: 'exact', value: 'pro' }] }] },
    },
  ],
};

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  const writer = await ProjectWriter.open(database.url);
  await writer.importDefinitions(fromLocalEvaluation(document), {
    token: 'phc_script',
    facts: { persons: [{ distinctIds: ['ada'], properties: { plan: 'pro' } }] },
  });
  await writer.close();
});
afterAll(() => database.drop());

interface Run {
  readonly code: number | null;
  readonly output: string;
}

/** Starts a script; whoever waits for `done` waits for the end of its process. */
function start(script: string, definitions: unknown): { done: Promise<Run>; kill: () => void } {
  const code = `import { createHalyard } from 'halyard'; const definitions = ${JSON.stringify(definitions)}; ${script}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { cwd: root });
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const done = once(child, 'exit').then(async ([status]) => ({
    code: status as number | null,
    output: (await output).join(''),
  }));
  return { done, kill: () => void child.kill('SIGKILL') };
}

const ASK = `
  const halyard = await createHalyard({ definitions });
  const flags = await halyard.evaluate({ distinctId: 'ada' });
  console.log(flags.value('f'));`;

describe('a script that does not close() ends when it has its answers', () => {
  it('with { postgres, token }, whose pools and notices stay open', async () => {
    const definitions = { postgres: database.url, token: 'phc_script' };
    expect(await start(ASK, definitions).done).toEqual({ code: 0, output: 'true\n' });
  });

  it('with { postgres, token } and pools of their own', async () => {
    const other = `${database.url}${database.url.includes('?') ? '&' : '?'}application_name=other`;
    const definitions = { postgres: { write: database.url, read: other, personsRead: other }, token: 'phc_script' };
    expect(await start(ASK, definitions).done).toEqual({ code: 0, output: 'true\n' });
  });

  it('with { url }, which it polls', async () => {
    const server = createServer((_request, response) => response.end(JSON.stringify(document))).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const run = await start(ASK, { url: `http://127.0.0.1:${port}/`, pollMs: 5_000 }).done;
    server.closeAllConnections();
    server.close();
    expect(run).toEqual({ code: 0, output: 'false\n' });
  });
});

describe('a process is held by what it waits for', () => {
  it('an evaluation whose facts are late, although nobody awaits it', async () => {
    const lock = await connectClient(database.url, 'test');
    const watch = await connectClient(database.url, 'test');
    await lock.query('begin; lock table posthog_person in access exclusive mode');
    const script = `
      const halyard = await createHalyard({ definitions });
      void halyard.evaluate({ distinctId: 'ada' }).then((flags) => console.log(flags.value('f')));`;
    const pools = { write: database.url, statementTimeoutMs: { 'persons reader': 60_000 } };
    const { done } = start(script, { postgres: pools, token: 'phc_script' });
    for (let waiting = 0; waiting === 0; ) {
      const { rows } = await watch.query<{ waiting: number }>(
        "select count(*)::int as waiting from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
      );
      waiting = rows[0]?.waiting ?? 0;
    }
    await lock.query('commit');
    await Promise.all([lock.end(), watch.end()]);
    expect(await done).toEqual({ code: 0, output: 'true\n' });
  });

  it('close(), until every connection has gone', async () => {
    const script = `${ASK} await halyard.close(); console.log('closed');`;
    const run = await start(script, { postgres: database.url, token: 'phc_script' }).done;
    expect(run).toEqual({ code: 0, output: 'true\nclosed\n' });
  });

  it('a refused connection: the error is thrown, not lost', async () => {
    const run = await start(ASK, { postgres: 'postgres://u@127.0.0.1:1/x', token: 'phc_script' }).done;
    expect(run.code).toBe(1);
    expect(run.output).toContain('definitions.postgres: cannot read the project from 127.0.0.1:1/x');
  });
});
