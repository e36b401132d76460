import type { JsonValue } from '@halyard/json';
import { fromLocalEvaluation } from '@halyard/engine';
import { createTestDatabase, startThrowawayPostgres } from '@halyard/data/testing';
import { ProjectWriter } from 'halyard/host';
import { ask, putLoad } from '../http/load.ts';
import { type ServerProcess, startBare, startHalyard } from '../http/server-process.ts';
import { median } from '../measure.ts';
import { posthogNode } from '../peers/posthog-node.ts';
import { makeWorkload, type UserRow, type Workload } from '../workload.ts';

const SIZES = [1, 10, 100, 350];
const PATH = '/flags?v=2';
const TOKEN = 'phc_bench';
const CONCURRENCY = 32;
const CHECKED_USERS = 50;

/** `/flags?v=2` without stored facts, next to a bare node:http answer of the same size. The load comes from this process. */
export async function runHttpArena(print: (line: string) => void, quick: boolean): Promise<boolean> {
  const postgres = await startThrowawayPostgres();
  let agreed = true;
  try {
    for (const size of SIZES) agreed = (await runSize(size, postgres.url, print, quick)) && agreed;
  } finally {
    await postgres.stop();
  }
  return agreed;
}

async function runSize(
  size: number,
  postgres: string,
  print: (line: string) => void,
  quick: boolean,
): Promise<boolean> {
  const workload = makeWorkload(size);
  const database = await createTestDatabase({}, postgres);
  const writer = await ProjectWriter.open(database.url);
  await writer.importDefinitions(fromLocalEvaluation({ flags: workload.flags as unknown as JsonValue }), {
    token: TOKEN,
  });
  await writer.close();
  const halyard = await startHalyard(database.url);
  const bodies = workload.users.map(bodyOf);
  const answer = await ask({ ...addressOf(halyard), path: PATH }, bodies[0] ?? '');
  const bare = await startBare(Buffer.byteLength(answer));
  try {
    const different = await countDifferences(halyard, workload);
    const perCpuSecond = { halyard: [] as number[], bare: [] as number[] };
    const rounds = quick ? 2 : 5;
    const ms = quick ? 1_000 : 2_500;
    for (let round = -1; round < rounds; round++) {
      const turn = [['halyard', halyard] as const, ['bare', bare] as const];
      for (const [name, server] of round % 2 === 0 ? turn : turn.reverse()) {
        const { requests, cpuSeconds } = await putLoad(server, { bodies, path: PATH, concurrency: CONCURRENCY, ms });
        if (round >= 0) perCpuSecond[name].push(requests / cpuSeconds); // the first round warms up
      }
    }
    const ours = median(perCpuSecond.halyard);
    const least = median(perCpuSecond.bare);
    print(
      `${String(size).padStart(4)} flags, ${answer.length} bytes: halyard ${Math.round(ours)} requests per CPU-second, ` +
        `bare node:http ${Math.round(least)}: ${(ours / least).toFixed(2)}; ${different} answers differ from posthog-node's`,
    );
    return different === 0;
  } finally {
    await Promise.all([halyard.stop(), bare.stop()]);
    await database.drop();
  }
}

function bodyOf(user: UserRow): string {
  return JSON.stringify({
    token: TOKEN,
    distinct_id: user.distinctId,
    person_properties: user.personProperties,
    geoip_disable: true,
  });
}

function addressOf({ url }: ServerProcess): { hostname: string; port: string } {
  const { hostname, port } = new URL(url);
  return { hostname, port };
}

async function countDifferences(server: ServerProcess, workload: Workload): Promise<number> {
  const posthog = await posthogNode(workload);
  let different = 0;
  for (const user of workload.users.slice(0, CHECKED_USERS)) {
    const theirs = await posthog.values(user);
    const { flags } = JSON.parse(await ask({ ...addressOf(server), path: PATH }, bodyOf(user))) as {
      flags: Record<string, { enabled: boolean; variant: string | null }>;
    };
    for (const { key } of workload.flags) {
      const ours = flags[key];
      if (ours === undefined || (ours.variant ?? ours.enabled) !== theirs[key]) different++;
    }
  }
  await posthog.close();
  return different;
}
