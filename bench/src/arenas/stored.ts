import type { JsonValue } from '@halyard/json';
import { fromLocalEvaluation } from '@halyard/engine';
import { createTestDatabase, startThrowawayPostgres } from '@halyard/data/testing';
import { ProjectWriter, type StoredFacts } from 'halyard/host';
import { putLoad } from '../http/load.ts';
import { postgresCpuSeconds, startHalyard } from '../http/server-process.ts';
import { makeWorkload, type Workload } from '../workload.ts';

const PATH = '/flags?v=2';
const TOKEN = 'phc_bench';
const FLAGS = 100;
const CONCURRENCY = [1, 8, 64];
const COHORT = 900;

interface Scenario {
  readonly name: string;
  /** Flags beside the hundred. */
  readonly flags: readonly object[];
  /** Property keys of a person that no flag asks about. */
  readonly otherKeys: number;
  /** Facts beside the persons. */
  readonly facts: (workload: Workload) => Omit<StoredFacts, 'persons'>;
}

const EVERYONE = { rollout_percentage: 100 };
const NOTHING_ELSE = (): Omit<StoredFacts, 'persons'> => ({});

const SCENARIOS: readonly Scenario[] = [
  { name: 'a person row', flags: [], otherKeys: 0, facts: NOTHING_ELSE },
  {
    name: 'person, group, static cohort, sticky key',
    otherKeys: 0,
    flags: [
      flag(901, {
        aggregation_group_type_index: 0,
        groups: [{ ...EVERYONE, properties: [filter('group', 'tier', 'gold')] }],
      }),
      flag(902, { groups: [{ ...EVERYONE, properties: [filter('cohort', 'id', COHORT, 'in')] }] }),
      { ...flag(903, { groups: [{ rollout_percentage: 50 }] }), ensure_experience_continuity: true },
    ],
    facts: ({ users }) => ({
      groups: [{ index: 0, key: 'acme', properties: { tier: 'gold' } }],
      staticMembers: [
        { cohortId: COHORT, distinctIds: users.filter((_, i) => i % 2 === 0).map((user) => user.distinctId) },
      ],
      stickyKeys: users.map(({ distinctId }) => ({
        distinctId,
        flagKey: 'stored-903',
        hashKey: `before-${distinctId}`,
      })),
    }),
  },
  { name: 'a person of 200 keys', flags: [], otherKeys: 197, facts: NOTHING_ELSE },
];

/** `/flags?v=2` at 100 flags whose properties are all stored: rates, processor time of both servers, and latencies. */
export async function runStoredArena(print: (line: string) => void, quick: boolean): Promise<boolean> {
  const postgres = await startThrowawayPostgres();
  try {
    for (const scenario of SCENARIOS) {
      print(scenario.name);
      await runScenario(scenario, postgres.url, print, quick ? 800 : 3_000);
    }
    return true;
  } finally {
    await postgres.stop();
  }
}

async function runScenario(scenario: Scenario, url: string, print: (line: string) => void, ms: number): Promise<void> {
  const workload = makeWorkload(FLAGS);
  const database = await createTestDatabase({}, url);
  await fill(database.url, workload, scenario);
  const halyard = await startHalyard(database.url);
  const bodies = workload.users.map(({ distinctId }) =>
    JSON.stringify({ token: TOKEN, distinct_id: distinctId, groups: { company: 'acme' }, geoip_disable: true }),
  );
  try {
    for (const concurrency of CONCURRENCY) {
      const load = { bodies, path: PATH, concurrency, ms };
      await putLoad(halyard, { ...load, ms: ms / 4 }); // warms up
      const before = postgresCpuSeconds();
      const { requests, seconds, cpuSeconds, p50Ms, p99Ms } = await putLoad(halyard, load);
      const postgresUs = ((postgresCpuSeconds() - before) / requests) * 1e6;
      print(
        `  ${String(concurrency).padStart(2)} at once: ${Math.round(requests / seconds)} requests a second, ` +
          `p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms; ${Math.round(requests / cpuSeconds)} per CPU-second of the service, ` +
          `${Math.round(postgresUs)} us of PostgreSQL each`,
      );
    }
  } finally {
    await halyard.stop();
    await database.drop();
  }
}

async function fill(url: string, workload: Workload, { flags, otherKeys, facts }: Scenario): Promise<void> {
  const document = {
    flags: [...workload.flags, ...flags],
    group_type_mapping: { '0': 'company' },
    cohorts: [{ id: COHORT, is_static: true }],
  };
  const rest = Object.fromEntries(Array.from({ length: otherKeys }, (_, i) => [`other_key_${i}`, `some value ${i}`]));
  const persons = workload.users.map(({ distinctId, personProperties }) => ({
    distinctIds: [distinctId],
    properties: { ...rest, ...personProperties },
  }));
  const writer = await ProjectWriter.open(url);
  await writer.importDefinitions(fromLocalEvaluation(document as unknown as JsonValue), {
    token: TOKEN,
    facts: { persons, ...facts(workload) },
  });
  await writer.close();
}

function flag(id: number, filters: object): object {
  return { id, team_id: 1, key: `stored-${id}`, active: true, filters };
}

function filter(type: string, key: string, value: unknown, operator = 'exact'): object {
  return { type, key, value, operator };
}
