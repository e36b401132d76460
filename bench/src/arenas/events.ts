import { gzipSync } from 'node:zlib';
import type { JsonValue } from '@halyard/json';
import { fromLocalEvaluation } from '@halyard/engine';
import { createTestDatabase, startThrowawayPostgres } from '@halyard/data/testing';
import { ProjectWriter } from 'halyard/host';
import { putLoad } from '../http/load.ts';
import { type OpenLoadResult, putOpenLoad } from '../http/open-load.ts';
import { type ServerProcess, startHalyard } from '../http/server-process.ts';
import { median } from '../measure.ts';
import { makeWorkload } from '../workload.ts';

const TOKEN = 'phc_bench';
const FLAGS = 20;
/** As SDKs of servers send them. */
const EVENTS_OF_A_BODY = 20;
const BODIES = 1_500;
const PERSONS = 3_000;
/** Few enough that one core has time left for events. */
const FLAGS_PER_SECOND = 200;

/**
 * What events cost `/flags`: its processor time with the doors open and nobody there, next to `HALYARD_INGEST=off` in the same run; its latencies
 * beside events at half the rate that can be kept up, and beside bodies of some MiB.
 */
export async function runEventsArena(print: (line: string) => void, quick: boolean): Promise<boolean> {
  const postgres = await startThrowawayPostgres();
  const database = await createTestDatabase({}, postgres.url);
  const { flags, users } = makeWorkload(FLAGS);
  const writer = await ProjectWriter.open(database.url);
  await writer.importDefinitions(fromLocalEvaluation({ flags: flags as unknown as JsonValue }), { token: TOKEN });
  await writer.close();
  const off = await startHalyard(database.url, { HALYARD_INGEST: 'off' });
  const on = await startHalyard(database.url);
  try {
    const asked = users.map((user) =>
      JSON.stringify({ token: TOKEN, distinct_id: user.distinctId, person_properties: user.personProperties }),
    );
    await idle(print, off, on, asked, quick ? 6 : 20);
    const bodies = Array.from({ length: BODIES }, (_, i) => batch(i));
    const ms = quick ? 3_000 : 8_000;
    const full = await putLoad(on, { bodies, path: '/batch/', concurrency: 16, ms });
    const perSecond = full.requests / full.seconds;
    print(
      `events in bodies of ${EVENTS_OF_A_BODY}: ${Math.round(perSecond * EVENTS_OF_A_BODY)} a second kept up, ` +
        `${Math.round((full.requests * EVENTS_OF_A_BODY) / full.cpuSeconds)} per CPU-second of the service, ` +
        `p50 ${full.p50Ms.toFixed(1)} ms, p99 ${full.p99Ms.toFixed(1)} ms`,
    );
    const half = (): Promise<unknown> =>
      putOpenLoad({
        url: on.url,
        requests: bodies.map((body) => post('/batch/', body)),
        perSecond: perSecond / 2,
        ms,
        clients: 64,
      });
    const large = gzipSync(
      JSON.stringify({ api_key: TOKEN, batch: Array.from({ length: 8_000 }, (_, i) => event(i, i)) }),
    );
    const alone = await beside(on, asked, ms, () => Promise.resolve());
    const withEvents = await beside(on, asked, ms, half);
    const withLarge = await beside(on, asked, ms, () => sendFor(on, large, ms));
    print(`/flags at ${FLAGS_PER_SECOND} a second: alone ${shown(alone)}`);
    print(`  beside events at half of that rate: ${shown(withEvents)}`);
    print(`  beside one body of 8 000 events after the other: ${shown(withLarge)}`);
    return [alone, withEvents, withLarge].every(({ failed, closed }) => failed + closed === 0);
  } finally {
    await Promise.all([off.stop(), on.stop()]);
    await database.drop();
    await postgres.stop();
  }
}

/** Processor time of `/flags` with nobody who sends events, in turns. */
async function idle(
  print: (line: string) => void,
  off: ServerProcess,
  on: ServerProcess,
  bodies: readonly string[],
  rounds: number,
): Promise<void> {
  const costs: Record<'off' | 'on', number[]> = { off: [], on: [] };
  const turn: ['off' | 'on', ServerProcess][] = [
    ['off', off],
    ['on', on],
  ];
  for (let round = -2; round < rounds; round += 1) {
    for (const [name, server] of turn.reverse()) {
      const { requests, cpuSeconds } = await putLoad(server, { bodies, path: '/flags?v=2', concurrency: 32, ms: 500 });
      if (round >= 0) costs[name].push((cpuSeconds / requests) * 1e6);
    }
  }
  const ratio = median(costs.on.map((cost, round) => cost / (costs.off[round] ?? Number.NaN)));
  print(
    `processor time of /flags while no event comes: ${median(costs.on).toFixed(1)} us, ${ratio.toFixed(3)} of that without doors`,
  );
}

async function beside(
  server: ServerProcess,
  bodies: readonly string[],
  ms: number,
  other: () => Promise<unknown>,
): Promise<OpenLoadResult> {
  const requests = bodies.map((body) => post('/flags?v=2', body));
  const load = putOpenLoad({ url: server.url, requests, perSecond: FLAGS_PER_SECOND, ms, clients: 64 });
  const [result] = await Promise.all([load, other()]);
  return result;
}

async function sendFor({ url }: ServerProcess, body: Uint8Array, ms: number): Promise<void> {
  for (const until = performance.now() + ms; performance.now() < until; ) {
    await (await fetch(`${url}/batch/`, { method: 'POST', body: body as unknown as string })).text();
  }
}

const shown = ({ served }: OpenLoadResult): string => {
  const at = (share: number): string => (served[Math.floor(served.length * share)] ?? Number.NaN).toFixed(1);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1 - 1 / served.length)} ms`;
};

function post(path: string, body: string): string {
  return `POST ${path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

function batch(number: number): string {
  const events = Array.from({ length: EVENTS_OF_A_BODY }, (_, i) => event((number * 7919 + i) % PERSONS, number));
  return JSON.stringify({ api_key: TOKEN, batch: events });
}

function event(person: number, number: number): object {
  const properties = {
    $set: { plan: `plan ${number}`, visits: number },
    $current_url: 'https://shop.test/cart',
    $lib: 'bench',
  };
  return { event: 'bought', distinct_id: `person-${person}`, properties };
}
