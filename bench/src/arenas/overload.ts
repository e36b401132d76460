import type { JsonValue } from '@halyard/json';
import { fromLocalEvaluation } from '@halyard/engine';
import { createTestDatabase, startThrowawayPostgres } from '@halyard/data/testing';
import { ProjectWriter } from 'halyard/host';
import { putLoad } from '../http/load.ts';
import { type OpenLoadResult, putOpenLoad } from '../http/open-load.ts';
import { type ServerProcess, startHalyard } from '../http/server-process.ts';
import { makeWorkload, type Workload } from '../workload.ts';

const PATH = '/flags?v=2';
const TOKEN = 'phc_bench';
const FLAGS = 100;
const CLIENTS = 2_000;
const TIMES = [0.5, 1, 2, 5, 10, 20];

/** What can be sustained. */
interface Sustained {
  readonly perSecond: number;
  readonly perCpuSecond: number;
}

/** A build that is put to the load. */
interface Contestant {
  readonly name: string;
  readonly halyard: ServerProcess;
}

/**
 * `/flags?v=2` from half of what can be sustained to twenty times as much: with properties in the request (the processor is the
 * limit) and with stored ones (the database is). `HALYARD_BENCH_BEFORE` names the folder of another, built checkout, which is then put to
 * the same load in turns with this one.
 */
export async function runOverloadArena(print: (line: string) => void, quick: boolean): Promise<boolean> {
  const postgres = await startThrowawayPostgres();
  const contestants: Contestant[] = [];
  try {
    const workload = makeWorkload(FLAGS);
    const database = await createTestDatabase({}, postgres.url);
    await fill(database.url, workload);
    const before = process.env['HALYARD_BENCH_BEFORE'];
    if (before !== undefined)
      contestants.push({ name: 'before ', halyard: await startHalyard(database.url, {}, before) });
    contestants.push({ name: before === undefined ? '' : 'now    ', halyard: await startHalyard(database.url) });
    let answered = true;
    try {
      for (const stored of [false, true]) {
        print(stored ? 'stored properties' : 'sent properties');
        answered = (await overload(contestants, bodiesOf(workload, stored), quick ? 1_500 : 4_000, print)) && answered;
      }
    } finally {
      for (const { halyard } of contestants) await halyard.stop();
      await database.drop();
    }
    return answered;
  } finally {
    await postgres.stop();
  }
}

/** Puts each of them to the same load; false when one left a request without an answer. */
async function overload(
  contestants: readonly Contestant[],
  bodies: readonly string[],
  ms: number,
  print: (line: string) => void,
): Promise<boolean> {
  let answered = true;
  let sustainable = 0;
  const sustained = new Map<Contestant, Sustained>();
  for (const contestant of contestants) {
    const { halyard, name } = contestant;
    await putLoad(halyard, { bodies, path: PATH, concurrency: 64, ms: ms / 2 }); // warms up
    const { requests, seconds, cpuSeconds } = await putLoad(halyard, { bodies, path: PATH, concurrency: 64, ms });
    const perSecond = requests / seconds;
    sustained.set(contestant, { perSecond, perCpuSecond: requests / cpuSeconds });
    sustainable = Math.max(sustainable, perSecond);
    print(`  ${name}${Math.round(perSecond)} requests a second can be sustained`);
  }
  for (const times of TIMES) {
    for (const contestant of contestants) {
      const { halyard, name } = contestant;
      const cpuBefore = halyard.cpuSeconds();
      const result = await putOpenLoad({
        url: halyard.url,
        requests: bodies.map((body) => requestText(halyard.url, body)),
        perSecond: sustainable * times,
        ms,
        clients: CLIENTS,
      });
      const cpuSeconds = halyard.cpuSeconds() - cpuBefore;
      print(
        `  ${name}${String(times).padStart(3)} times: ${describe(result, cpuSeconds, sustained.get(contestant) as Sustained)}`,
      );
      answered = result.failed === 0 && answered;
    }
  }
  return answered;
}

async function fill(url: string, workload: Workload): Promise<void> {
  const writer = await ProjectWriter.open(url);
  await writer.importDefinitions(fromLocalEvaluation({ flags: workload.flags as unknown as JsonValue }), {
    token: TOKEN,
    facts: {
      persons: workload.users.map(({ distinctId, personProperties }) => ({
        distinctIds: [distinctId],
        properties: personProperties as Record<string, JsonValue>,
      })),
    },
  });
  await writer.close();
}

function bodiesOf({ users }: Workload, stored: boolean): string[] {
  return users.map(({ distinctId, personProperties }) =>
    JSON.stringify({
      token: TOKEN,
      distinct_id: distinctId,
      ...(stored ? {} : { person_properties: personProperties }),
      geoip_disable: true,
    }),
  );
}

function requestText(url: string, body: string): string {
  const length = Buffer.byteLength(body);
  return `POST ${PATH} HTTP/1.1\r\nhost: ${new URL(url).host}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n${body}`;
}

/**
 * Goodput as a share of what can be sustained: by the clock, and by the service's processor time, which tells the same on a machine that does
 * other work at the same time.
 */
function describe(
  { served, refused, failed, probes, seconds }: OpenLoadResult,
  cpuSeconds: number,
  sustained: Sustained,
): string {
  const perSecond = served.length / seconds;
  const ofCpu = served.length / cpuSeconds / sustained.perCpuSecond;
  const ms = (sorted: readonly number[], share: number): string => `${quantile(sorted, share).toFixed(0)} ms`;
  return (
    `${Math.round(perSecond)} served a second, ${(perSecond / sustained.perSecond).toFixed(2)} of it, ${ofCpu.toFixed(2)} by processor time ` +
    `(p50 ${ms(served, 0.5)}, p99 ${ms(served, 0.99)}), ${refused.length} of ${
      served.length + refused.length + failed
    } refused (p50 ${ms(refused, 0.5)}, p99 ${ms(refused, 0.99)}), ${failed} without an answer, slowest probe ${ms(probes, 1)}`
  );
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
