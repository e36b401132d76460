import { connectClient, createTestDatabase, startCountingProxy, startThrowawayPostgres } from '@halyard/data/testing';
import { type FactPlan, type Facts, openProjects } from 'halyard/host';
import { median } from '../measure.ts';
import { pinToServerCore } from '../pin.ts';
import { type Loader, type LoadFigures, loadFacts, parentOf } from '../postgres/load-facts.ts';
import { type ReplayedFacts, ReferenceReplay } from '../postgres/reference-replay.ts';
import {
  noContinuity,
  noHashKey,
  person,
  type Scenario,
  steady,
  storePeople,
  widePerson,
} from '../postgres/stored-people.ts';

const CHECKED_USERS = 50;

interface Context {
  readonly url: string;
  readonly backends: () => Promise<readonly number[]>;
  readonly rounds: number;
  readonly ms: number;
  readonly print: (line: string) => void;
}

/** Facts from PostgreSQL: shared statements next to one each, and the reference's round trips next to ours. */
export async function runPostgresArena(print: (line: string) => void, quick: boolean): Promise<boolean> {
  const postgres = await startThrowawayPostgres();
  const database = await createTestDatabase({}, postgres.url);
  const client = await connectClient(database.url, 'bench database');
  const pidsOf = async (which: string) => (await client.query<{ pid: number }>(which)).rows.map(({ pid }) => pid);
  try {
    const [backend = 0] = await pidsOf('select pg_backend_pid() as pid');
    pinToServerCore(parentOf(backend));
    await storePeople(database.url);
    const context: Context = {
      url: database.url,
      backends: () => pidsOf('select pid from pg_stat_activity where datname = current_database()'),
      rounds: quick ? 2 : 3,
      ms: quick ? 150 : 400,
      print,
    };
    print('Load of facts, this process to PostgreSQL; CPU in microseconds per load.');
    for (const scenario of [person, steady, widePerson]) await coalescing(scenario, context, quick);
    let agreed = true;
    const rows: readonly (readonly [Scenario, string])[] = [
      [steady, '12 (10 + 2 Redis)'],
      [noHashKey, '8 (6 + 2 Redis)'],
      [noContinuity, '6 (4 + 2 Redis)'],
    ];
    for (const [scenario, reference] of rows) agreed = (await replay(scenario, reference, context, quick)) && agreed;
    return agreed;
  } finally {
    await client.end();
    await database.drop();
    await postgres.stop();
  }
}

async function coalescing(scenario: Scenario, context: Context, quick: boolean): Promise<void> {
  context.print(`\n${scenario.name}: statements shared | one each`);
  const shared = openSource(context.url, true);
  const each = openSource(context.url, false);
  try {
    for (const concurrency of quick ? [1, 64] : [1, 8, 64, 256]) {
      const [ours, theirs] = await inTurn([shared.load, each.load], scenario, concurrency, context);
      context.print(
        `  ${String(concurrency).padStart(3)} at once: ${figures(ours)} | ${figures(theirs)}: ` +
          `${ratio(ours.perSecond, theirs.perSecond)} x throughput, ${ratio(theirs.nodeMicros, ours.nodeMicros)} x less Node CPU`,
      );
    }
  } finally {
    await Promise.all([shared.close(), each.close()]);
  }
}

async function replay(scenario: Scenario, reference: string, context: Context, quick: boolean): Promise<boolean> {
  context.print(`\n${scenario.name}: Halyard | the PostgreSQL part of the reference's ${reference} round trips`);
  const different = await compareOnTheWire(scenario, context);
  const ours = openSource(context.url, true);
  const theirs = await ReferenceReplay.open(context.url);
  try {
    for (const concurrency of quick ? [1, 64] : [1, 8, 64]) {
      const loaders = [ours.load, (plan: FactPlan) => theirs.load(plan)];
      const [mine, other] = await inTurn(loaders, scenario, concurrency, context);
      context.print(
        `  ${String(concurrency).padStart(3)} at once: ${figures(mine)} | ${figures(other)}: ` +
          `${ratio(mine.perSecond, other.perSecond)} x throughput, ${ratio(other.p50Ms, mine.p50Ms)} x shorter p50, ` +
          `${ratio(other.postgresMicros, mine.postgresMicros)} x less PostgreSQL CPU`,
      );
    }
  } finally {
    await Promise.all([ours.close(), theirs.close()]);
  }
  return different === 0;
}

/** Loads one after the other by way of a proxy that counts; returns how many answers differ. */
async function compareOnTheWire({ plan }: Scenario, { url, print }: Context): Promise<number> {
  const proxy = await startCountingProxy(url);
  const ours = openSource(proxy.url, true);
  const theirs = await ReferenceReplay.open(proxy.url);
  try {
    let different = 0;
    const wire: string[] = [];
    const answers: unknown[][] = [];
    for (const load of [ours.load, (asked: FactPlan) => theirs.load(asked)] as const) {
      for (let warm = 0; warm < 50; warm++) await load(plan(warm));
      proxy.reset();
      const given: unknown[] = [];
      for (let user = 0; user < CHECKED_USERS; user++) given.push(await load(plan(user)));
      const { roundTrips, statements, bytesSent, bytesReceived } = proxy.counts;
      const per = (count: number) => Math.round((count / CHECKED_USERS) * 10) / 10;
      wire.push(
        `${per(roundTrips)} round trips, ${per(statements)} statements, ${per(bytesSent)} + ${per(bytesReceived)} bytes`,
      );
      answers.push(given);
    }
    for (let user = 0; user < CHECKED_USERS; user++) {
      const [mine, other] = answers.map((given) => given[user]);
      if (!agree(plan(user), mine as Facts, other as ReplayedFacts)) different++;
    }
    print(`  a request: ${wire.join(' | ')}; ${different} of ${CHECKED_USERS} answers differ`);
    return different;
  } finally {
    await Promise.all([ours.close(), theirs.close()]);
    await proxy.close();
  }
}

function agree(plan: FactPlan, ours: Facts, theirs: ReplayedFacts): boolean {
  const { person: found, groups, stickyKeys } = ours;
  if (found === null || 'failed' in found || 'failed' in groups) return false;
  const picked = (keys: readonly string[], document: Readonly<Record<string, unknown>> | null | undefined) =>
    JSON.stringify(keys.map((key) => document?.[key]));
  const keys = plan.person?.keys ?? [];
  if (picked(keys, found.properties) !== picked(keys, theirs.properties)) return false;
  if (JSON.stringify([...found.staticCohorts]) !== JSON.stringify(theirs.memberOf)) return false;
  for (const { index, keys: wanted } of plan.groups) {
    if (picked(wanted, groups.get(index)) !== picked(wanted, theirs.groups.get(index))) return false;
  }
  if (stickyKeys === null) return theirs.stickyKeys === null;
  if ('failed' in stickyKeys) return false;
  const others = new Map(Object.entries(theirs.stickyKeys ?? {}));
  return stickyKeys.size === others.size && [...stickyKeys].every(([flag, hash]) => others.get(flag) === hash);
}

function openSource(url: string, coalesce: boolean): { load: Loader; close: () => Promise<void> } {
  const { facts, close } = openProjects(
    { write: url },
    {
      coalesce,
      onError: (error) => {
        throw error;
      },
    },
  );
  return { load: (plan) => facts.load(plan), close };
}

/** Medians over the rounds, in an order that is reversed each round. The first round warms up. */
async function inTurn(
  loaders: readonly Loader[],
  scenario: Scenario,
  concurrency: number,
  { backends, rounds, ms }: Context,
): Promise<[LoadFigures, LoadFigures]> {
  const measured = loaders.map((load) => ({ load, figures: [] as LoadFigures[] }));
  for (let round = -1; round < rounds; round++) {
    for (const { load, figures: taken } of round % 2 === 0 ? measured : [...measured].reverse()) {
      const slice = { concurrency, backends, ms: round < 0 ? ms / 4 : ms };
      const result = await loadFacts(load, (user) => scenario.plan(user), slice);
      if (round >= 0) taken.push(result);
    }
  }
  const [first, second] = measured.map(({ figures: taken }) => medians(taken));
  return [first as LoadFigures, second as LoadFigures]; // two loaders, two results
}

function medians(taken: readonly LoadFigures[]): LoadFigures {
  const of = (pick: (figures: LoadFigures) => number) => median(taken.map(pick));
  return {
    perSecond: of((one) => one.perSecond),
    p50Ms: of((one) => one.p50Ms),
    p99Ms: of((one) => one.p99Ms),
    nodeMicros: of((one) => one.nodeMicros),
    postgresMicros: of((one) => one.postgresMicros),
  };
}

function figures({ perSecond, p50Ms, p99Ms, nodeMicros, postgresMicros }: LoadFigures): string {
  return `${Math.round(perSecond)}/s, p50 ${p50Ms.toFixed(2)} p99 ${p99Ms.toFixed(2)} ms, CPU ${nodeMicros.toFixed(0)} + ${postgresMicros.toFixed(0)}`;
}

function ratio(one: number, other: number): string {
  return (one / other).toFixed(2);
}
