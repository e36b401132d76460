import { gzipSync } from 'node:zlib';
import type { JsonValue } from '@halyard/json';
import { fromLocalEvaluation } from '@halyard/engine';
import { createTestDatabase, startThrowawayPostgres } from '@halyard/data/testing';
import { KeyWriter, ProjectWriter } from 'halyard/host';
import { type Load, putLoad } from '../http/load.ts';
import { type ServerProcess, startBare, startHalyard } from '../http/server-process.ts';
import { median } from '../measure.ts';
import { makeWorkload } from '../workload.ts';

const FLAGS = 100;
const PATH = '/flags/definitions';
const TOKEN = 'phc_bench';
const SECRET = 'phs_bench';
const CONCURRENCY = 32;
/** No client asks as often as this does. */
const UNLIMITED = {
  HALYARD_DEFINITIONS_RATE_LIMIT: '1000000/second',
  HALYARD_DEFINITIONS_CONDITIONAL_RATE_LIMIT: '1000000/second',
};

/** The definitions of 100 flags, and that they have not changed, next to a bare node:http answer of the same size. */
export async function runDefinitionsArena(print: (line: string) => void, quick: boolean): Promise<boolean> {
  const postgres = await startThrowawayPostgres();
  try {
    const database = await createTestDatabase({}, postgres.url);
    await write(database.url);
    const halyard = await startHalyard(database.url, UNLIMITED);
    try {
      const key = { authorization: `Bearer ${SECRET}` };
      const first = await fetch(halyard.url + PATH, { headers: key });
      const body = Buffer.from(await first.arrayBuffer());
      const tag = { 'if-none-match': first.headers.get('etag') ?? '' };
      const gzip = { 'accept-encoding': 'gzip' };
      const packed = gzipSync(body).length;
      await compare(
        `200 of ${FLAGS} flags, ${packed} bytes gzip`,
        halyard,
        packed,
        { ...key, ...gzip },
        { print, quick },
      );
      await compare(`200 of ${FLAGS} flags, ${body.length} bytes`, halyard, body.length, key, { print, quick });
      // Last: by now both have long been compiled.
      await compare(`304 of ${FLAGS} flags`, halyard, 304, { ...key, ...tag, ...gzip }, { print, quick });
    } finally {
      await halyard.stop();
      await database.drop();
    }
  } finally {
    await postgres.stop();
  }
  return true;
}

async function write(url: string): Promise<void> {
  const writer = await ProjectWriter.open(url);
  const { flags } = makeWorkload(FLAGS);
  await writer.importDefinitions(fromLocalEvaluation({ flags: flags as unknown as JsonValue }), { token: TOKEN });
  await writer.close();
  const keys = await KeyWriter.open(url);
  await keys.ensureSecret(TOKEN, SECRET);
  await keys.close();
}

interface Terms {
  readonly print: (line: string) => void;
  readonly quick: boolean;
}

async function compare(
  what: string,
  halyard: ServerProcess,
  bytes: number,
  headers: Readonly<Record<string, string>>,
  { print, quick }: Terms,
): Promise<void> {
  const bare = await startBare(bytes);
  try {
    const load: Load = { bodies: [], path: PATH, headers, concurrency: CONCURRENCY, ms: 400 };
    const perCpuSecond = { halyard: [] as number[], bare: [] as number[] };
    // Short turns: whoever else is on the machine then meets both alike.
    for (let round = -3; round < (quick ? 5 : 24); round++) {
      const turn = [['halyard', halyard] as const, ['bare', bare] as const];
      for (const [name, server] of round % 2 === 0 ? turn : turn.reverse()) {
        const { requests, cpuSeconds } = await putLoad(server, load);
        if (round >= 0) perCpuSecond[name].push(requests / cpuSeconds); // the first rounds warm up
      }
    }
    const ours = median(perCpuSecond.halyard);
    const least = median(perCpuSecond.bare);
    const ratio = median(perCpuSecond.halyard.map((rate, round) => rate / (perCpuSecond.bare[round] ?? Number.NaN)));
    print(
      `${what}: halyard ${Math.round(ours)} requests per CPU-second, bare node:http ${Math.round(least)}; turn by turn ${ratio.toFixed(2)}`,
    );
  } finally {
    await bare.stop();
  }
}
