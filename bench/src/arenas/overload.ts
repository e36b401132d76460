import type { JsonValue } from '@halyard/json';
import { fromLocalEvaluation } from '@halyard/engine';
import { createTestDatabase, startThrowawayPostgres } from '@halyard/data/testing';
import { ProjectWriter } from 'halyard/host';
import { type OpenLoadResult, putOpenLoad } from '../http/open-load.ts';
import { type ServerProcess, startHalyard } from '../http/server-process.ts';
import { median } from '../measure.ts';
import { makeWorkload, type Workload } from '../workload.ts';

const PATH = '/flags?v=2';
const TOKEN = 'phc_bench';
const FLAGS = 100;
const TIMES = [0.5, 1, 2, 5, 10, 20];

/** How load comes. */
interface Mode {
  readonly title: string;
  /** Properties are in the database, which is then the limit; else they come with the request, and the processor is. */
  readonly stored: boolean;
  /** Each request comes on a connection of its own. */
  readonly fresh: boolean;
  readonly clients: number;
  /** As many that always wait for an answer find out what can be sustained. */
  readonly sustaining: number;
}

const MODES: readonly Mode[] = [
  { title: '2 000 kept connections, sent properties', stored: false, fresh: false, clients: 2_000, sustaining: 64 },
  { title: '2 000 kept connections, stored properties', stored: true, fresh: false, clients: 2_000, sustaining: 64 },
  { title: '4 000 kept connections, sent properties', stored: false, fresh: false, clients: 4_000, sustaining: 64 },
  { title: 'up to 6 000 connections of one request each', stored: false, fresh: true, clients: 6_000, sustaining: 32 },
];

/** A build that is put to the load, and what it did. */
interface Contestant {
  readonly name: string;
  readonly halyard: ServerProcess;
}

/** What one of them did at one rate, in one round. */
interface Heat extends OpenLoadResult {
  readonly cpuSeconds: number;
}

/**
 * `/flags?v=2` from half of what can be sustained to twenty times as much. `HALYARD_BENCH_BEFORE` names the folder of another, built
 * checkout, which is then put to the same load in turns with this one. Several rounds, each in the reverse order of the one before: what
 * counts is the median. Goodput is told as a share of the peak, the best median among the rates of the same build and the same kind of
 * connections: by the clock, and by the service's processor time, which tells the same on a machine that does other work.
 */
export async function runOverloadArena(print: (line: string) => void, quick: boolean): Promise<boolean> {
  const postgres = await startThrowawayPostgres();
  const contestants: Contestant[] = [];
  try {
    const workload = makeWorkload(FLAGS);
    const database = await createTestDatabase({}, postgres.url);
    await fill(database.url, workload);
    const before = process.env['HALYARD_BENCH_BEFORE'];
    const settings = { HALYARD_PROBE_PORT: '0' };
    if (before !== undefined)
      contestants.push({ name: 'before ', halyard: await startHalyard(database.url, settings, before) });
    contestants.push({
      name: before === undefined ? '' : 'now    ',
      halyard: await startHalyard(database.url, settings),
    });
    let answered = true;
    try {
      for (const mode of MODES) answered = (await overload(contestants, workload, mode, { quick, print })) && answered;
    } finally {
      for (const { halyard } of contestants) await halyard.stop();
      await database.drop();
    }
    return answered;
  } finally {
    await postgres.stop();
  }
}

interface Telling {
  readonly quick: boolean;
  readonly print: (line: string) => void;
}

/** Puts each of them to the same load; false when one left a request without an answer. */
async function overload(
  contestants: readonly Contestant[],
  workload: Workload,
  { title, stored, fresh, clients, sustaining }: Mode,
  { quick, print }: Telling,
): Promise<boolean> {
  const [rounds, ms] = quick ? [3, 1_000] : [5, 2_000];
  const bodies = bodiesOf(workload, stored);
  const load = async ({ halyard }: Contestant, rate: number, among: number): Promise<Heat> => {
    const requests = bodies.map((body) => requestText(halyard.url, body));
    const { url, probesUrl } = halyard;
    const cpuBefore = halyard.cpuSeconds();
    const result = await putOpenLoad({ url, probesUrl, requests, perSecond: rate, ms, clients: among, fresh });
    return { ...result, cpuSeconds: halyard.cpuSeconds() - cpuBefore };
  };
  print(title);
  let sustained = 0;
  for (const contestant of contestants) {
    await load(contestant, Number.MAX_SAFE_INTEGER, sustaining); // warms up
    const { served, seconds } = await load(contestant, Number.MAX_SAFE_INTEGER, sustaining);
    print(`  ${contestant.name}${Math.round(served.length / seconds)} requests a second can be sustained`);
    sustained = Math.max(sustained, served.length / seconds);
  }
  const heats = new Map(
    contestants.map((contestant) => [contestant, new Map(TIMES.map((times) => [times, [] as Heat[]]))]),
  );
  for (let round = 0; round < rounds; round++) {
    for (const times of inTurn(TIMES, round)) {
      for (const contestant of inTurn(contestants, round)) {
        heats
          .get(contestant)
          ?.get(times)
          ?.push(await load(contestant, sustained * times, clients));
      }
    }
  }
  for (const [{ name }, rates] of heats) {
    const all = [...rates.values()];
    const peak = Math.max(...all.map((of) => median(of.map(perSecond))));
    const peakOfCpu = Math.max(...all.map((of) => median(of.map(perCpuSecond))));
    for (const [times, of] of rates)
      print(`  ${name}${String(times).padStart(3)} times: ${describe(of, peak, peakOfCpu)}`);
  }
  return [...heats.values()].every((rates) => [...rates.values()].flat().every(({ failed }) => failed === 0));
}

function inTurn<Item>(items: readonly Item[], round: number): readonly Item[] {
  return round % 2 === 0 ? items : [...items].reverse();
}

function perSecond({ served, seconds, restMs }: Heat): number {
  return served.length / (seconds + restMs / 1000);
}

function perCpuSecond({ served, cpuSeconds }: Heat): number {
  return served.length / cpuSeconds;
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

/** The medians of several heats, and of probes and of what is left behind the load the worst as well. */
function describe(heats: readonly Heat[], peak: number, peakOfCpu: number): string {
  const mid = (of: (heat: Heat) => number): number => median(heats.map(of));
  const ms = (of: (heat: Heat) => number): string => `${mid(of).toFixed(0)} ms`;
  const worst = (of: (heat: Heat) => number): string => `${Math.max(...heats.map(of)).toFixed(0)} ms`;
  return [
    `${mid(perSecond).toFixed(0)} served a second (${(mid(perSecond) / peak).toFixed(2)} of the peak, ` +
      `${(mid(perCpuSecond) / peakOfCpu).toFixed(2)} by processor time; p50 ${ms(({ served }) => quantile(served, 0.5))}, ` +
      `p99 ${ms(({ served }) => quantile(served, 0.99))})`,
    `${mid(({ refused }) => refused.length)} refused (p99 ${ms(({ refused }) => quantile(refused, 0.99))})`,
    `${mid(({ closed }) => closed)} closed`,
    `${Math.max(...heats.map(({ failed }) => failed))} without an answer`,
    `slowest probe ${ms(({ probes }) => quantile(probes, 1))}, at worst ${worst(({ probes }) => quantile(probes, 1))}`,
    `on its own port ${ms(({ probesAside }) => quantile(probesAside, 1))}, ${worst(({ probesAside }) => quantile(probesAside, 1))}`,
    `over after ${ms(({ restMs }) => restMs)}, ${worst(({ restMs }) => restMs)}`,
  ].join('; ');
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
