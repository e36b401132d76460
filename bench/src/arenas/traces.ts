import { once } from 'node:events';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonValue } from '@halyard/json';
import { fromLocalEvaluation } from '@halyard/engine';
import { createTestDatabase, startThrowawayPostgres } from '@halyard/data/testing';
import { ProjectWriter } from 'halyard/host';
import { type Load, putLoad } from '../http/load.ts';
import { type ServerProcess, startHalyard } from '../http/server-process.ts';
import { median } from '../measure.ts';
import { makeWorkload } from '../workload.ts';

const FLAGS = 10;
const TOKEN = 'phc_bench';
const BUILD = fileURLToPath(new URL('../../../packages/service/dist', import.meta.url));
/** Beside the build, so that it finds the same packages. */
const WITHOUT = `${BUILD}-without-traces`;

/** All that a request meets of traces while they are off, by file of the build. */
const MET: readonly (readonly [string, string])[] = [
  ['app.js', 'options.onBegin?.(request, record);'],
  ['http/request-record.js', 'traced = undefined;'],
];

/**
 * What traces cost: `/flags` of a build without a trace of them, of the build with the setting not made, and with it made. All three in one run, in turns.
 * The first two are the same but for what `MET` names, so their ratio is that of noise, too.
 */
export async function runTracesArena(print: (line: string) => void, quick: boolean): Promise<boolean> {
  const postgres = await startThrowawayPostgres();
  const collector = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
  });
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/traces`;
  cutOut();
  const servers: ServerProcess[] = [];
  try {
    const database = await createTestDatabase({}, postgres.url);
    const { flags, users } = makeWorkload(FLAGS);
    const writer = await ProjectWriter.open(database.url);
    await writer.importDefinitions(fromLocalEvaluation({ flags: flags as unknown as JsonValue }), { token: TOKEN });
    await writer.close();
    const start = async (settings: Readonly<Record<string, string>>, main?: string): Promise<ServerProcess> => {
      const server = await startHalyard(database.url, settings, undefined, main);
      servers.push(server);
      return server;
    };
    const contenders = {
      absent: await start({}, join(WITHOUT, 'main.js')),
      off: await start({}),
      on: await start({ HALYARD_TRACES_URL: url }),
    };
    const bodies = users.map((user) =>
      JSON.stringify({ token: TOKEN, distinct_id: user.distinctId, person_properties: user.personProperties }),
    );
    const load: Load = { bodies, path: '/flags?v=2', concurrency: 32, ms: 500 };
    const costs = await inTurns(contenders, load, quick ? 6 : 24);
    const ratio = (name: 'off' | 'on', over: 'absent' | 'off'): string =>
      median(costs[name].map((cost, round) => cost / (costs[over][round] ?? Number.NaN))).toFixed(2);
    print(
      `${FLAGS} flags: ${costs.absent.length} rounds, processor time of a request without the code of traces ` +
        `${median(costs.absent).toFixed(1)} us; off ${ratio('off', 'absent')} of it; on ${ratio('on', 'off')} of off`,
    );
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(WITHOUT, { recursive: true, force: true });
    collector.closeAllConnections();
    collector.close();
    await postgres.stop();
  }
  return true;
}

/** Microseconds of processor time per request, round by round; the first rounds warm up. */
async function inTurns<Name extends string>(
  servers: Readonly<Record<Name, ServerProcess>>,
  load: Load,
  rounds: number,
): Promise<Readonly<Record<Name, number[]>>> {
  const turn = Object.entries(servers) as [Name, ServerProcess][];
  const costs = Object.fromEntries(turn.map(([name]) => [name, []])) as unknown as Record<Name, number[]>;
  for (let round = -3; round < rounds; round++) {
    for (const [name, server] of turn.reverse()) {
      const { requests, cpuSeconds } = await putLoad(server, load);
      if (round >= 0) costs[name].push((cpuSeconds / requests) * 1e6);
    }
  }
  return costs;
}

/** Copies the build and takes out what requests meet of traces. */
function cutOut(): void {
  rmSync(WITHOUT, { recursive: true, force: true });
  cpSync(BUILD, WITHOUT, { recursive: true });
  for (const [file, text] of MET) {
    const path = join(WITHOUT, file);
    const code = readFileSync(path, 'utf8');
    if (!code.includes(text)) throw new Error(`${file} of the build has no "${text}": mend the list of this arena`);
    writeFileSync(path, code.replace(text, ''));
  }
}
