import type { JsonValue } from '@halyard/json';
import { fromLocalEvaluation } from '@halyard/engine';
import { createTestDatabase, startThrowawayPostgres } from '@halyard/data/testing';
import { ProjectWriter } from 'halyard/host';
import { putLoad } from '../http/load.ts';
import { type OpenLoadResult, putOpenLoad } from '../http/open-load.ts';
import { startHalyard } from '../http/server-process.ts';
import { makeWorkload, type Workload } from '../workload.ts';

const PATH = '/flags?v=2';
const TOKEN = 'phc_bench';
const FLAGS = 100;
const CLIENTS = 2_000;
const TIMES = [0.5, 1, 2, 5, 10, 20];

/**
 * `/flags?v=2` from half of what can be sustained to twenty times as much: with properties in the request (the processor is the
 * limit) and with stored ones (the database is).
 */
export async function runOverloadArena(print: (line: string) => void, quick: boolean): Promise<boolean> {
  const postgres = await startThrowawayPostgres();
  try {
    const workload = makeWorkload(FLAGS);
    const database = await createTestDatabase({}, postgres.url);
    await fill(database.url, workload);
    const halyard = await startHalyard(database.url);
    let answered = true;
    try {
      for (const stored of [false, true]) {
        const bodies = bodiesOf(workload, stored);
        const ms = quick ? 1_500 : 4_000;
        await putLoad(halyard, { bodies, path: PATH, concurrency: 64, ms: ms / 2 }); // warms up
        const { requests, seconds } = await putLoad(halyard, { bodies, path: PATH, concurrency: 64, ms });
        const sustainable = requests / seconds;
        print(
          `${stored ? 'stored properties' : 'sent properties'}: ${Math.round(sustainable)} requests a second can be sustained`,
        );
        const texts = bodies.map((body) => requestText(halyard.url, body));
        for (const times of TIMES) {
          const result = await putOpenLoad({
            url: halyard.url,
            requests: texts,
            perSecond: sustainable * times,
            ms,
            clients: CLIENTS,
          });
          print(`  ${times} times that: ${describe(result)}`);
          answered = result.failed === 0 && answered;
        }
      }
    } finally {
      await halyard.stop();
      await database.drop();
    }
    return answered;
  } finally {
    await postgres.stop();
  }
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

function describe({ served, refused, failed, seconds }: OpenLoadResult): string {
  const times = `p50 ${quantile(served, 0.5).toFixed(0)} ms, p99 ${quantile(served, 0.99).toFixed(0)} ms`;
  return `${Math.round(served.length / seconds)} served a second (${times}), ${refused.length} of ${
    served.length + refused.length + failed
  } refused after ${quantile(refused, 0.5).toFixed(0)} ms, ${failed} without an answer`;
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
