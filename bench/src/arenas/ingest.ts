import { randomUUID } from 'node:crypto';
import { connectClient, createTestDatabase, startThrowawayPostgres } from '@halyard/data/testing';
import { openPeopleStore, type PeopleStore, type WaitingOperation } from 'halyard/host';
import { pinToServerCore } from '../pin.ts';
import { cpuMicros, parentOf } from '../postgres/load-facts.ts';

const TEAM = 7;
const PERSONS = 5_000;
const KEYS = 45;
const PAIRS = 4_000;
const BATCHES = [1, 50, 500];

type Client = Awaited<ReturnType<typeof connectClient>>;

interface Work {
  readonly name: string;
  /** What the nth event changes. */
  readonly event: (n: number) => WaitingOperation['operation'];
  /** How many there can be. */
  readonly most: number;
}

const person = (n: number): string => `user-${((n * 7919) % PERSONS) + 1}`;
const value = (id: string, key: number): string => `${id} has ${key}`;

const WORKS: readonly Work[] = [
  { name: 'new persons', most: 1e9, event: (n) => operation(`new-${n}`, { plan: 'free', n, lang: 'en' }) },
  { name: 'updates', most: 1e9, event: (n) => operation(person(n), { plan: `plan ${n}`, visits: n }) },
  {
    name: 'unchanged',
    most: 1e9,
    event: (n) =>
      operation(person(n), Object.fromEntries([1, 2, 3, 4, 5].map((k) => [`key_${k}`, value(person(n), k)]))),
  },
  { name: 'merges', most: PAIRS, event: (n) => operation(`to-${n}`, { plan: 'pro' }, `from-${n}`) },
];

interface Figures {
  readonly postgres: number;
  readonly node: number;
}

/** Events of SDKs to rows: events per CPU-second of PostgreSQL and of this process, by size of batch. */
export async function runIngestArena(print: (line: string) => void, quick: boolean): Promise<boolean> {
  const postgres = await startThrowawayPostgres();
  const database = await createTestDatabase({}, postgres.url);
  const client = await connectClient(database.url, 'bench database');
  const store = openPeopleStore({ personsWriter: database.url, poolSize: 1 });
  try {
    const [backend] = (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows;
    pinToServerCore(parentOf(backend?.pid ?? 0));
    await fill(client);
    print(`Events per CPU-second of PostgreSQL | of Node, by events of a batch; persons of ${KEYS} keys.`);
    let next = 0;
    const updates = new Map<number | 'each', Figures>();
    for (const work of WORKS) {
      const shown: string[] = [];
      next = 0;
      for (const size of BATCHES) {
        const events = Math.min(
          (quick ? 1 : 4) * (size === 1 ? 400 : size === 50 ? 2_000 : 5_000),
          Math.floor(work.most / 3),
        );
        const first = next;
        const figures = await measure(client, events, (from, to) =>
          applied(store, work, size, first + from, first + to),
        );
        next += events;
        shown.push(`${size}: ${shownOf(figures)}`);
        if (work.name === 'updates') updates.set(size, figures);
      }
      print(`  ${work.name.padEnd(12)} ${shown.join('; ')}`);
    }
    const each = await measure(client, quick ? 400 : 1_600, (from, to) => oneByOne(client, from, to), true);
    print(`  ${'updates'.padEnd(12)} one transaction each, four statements: ${shownOf(each)}`);
    const best = updates.get(500);
    const factor = (best?.postgres ?? Number.NaN) / each.postgres;
    print(
      `  updates in batches of 500: ${factor.toFixed(1)} x the events per CPU-second of PostgreSQL (5 are expected)`,
    );
    return true;
  } finally {
    await store.close();
    await client.end();
    await database.drop();
    await postgres.stop();
  }
}

const shownOf = ({ postgres, node }: Figures): string => `${Math.round(postgres)} | ${Math.round(node)}`;

/** Runs events from 0 to `events`, after some to warm up. @param own the work is done on this connection itself */
async function measure(
  client: Client,
  events: number,
  run: (from: number, to: number) => Promise<void>,
  own = false,
): Promise<Figures> {
  const warm = Math.ceil(events / 10);
  await run(0, warm);
  const pids = (
    await client.query<{ pid: number }>(
      `select pid from pg_stat_activity where datname = current_database() and (pid = pg_backend_pid()) = $1`,
      [own],
    )
  ).rows.map(({ pid }) => pid);
  const before = { postgres: cpuMicros(pids), node: process.cpuUsage() };
  await run(warm, events);
  const node = process.cpuUsage(before.node);
  const perSecond = (micros: number): number => ((events - warm) / micros) * 1e6;
  return { postgres: perSecond(cpuMicros(pids) - before.postgres), node: perSecond(node.user + node.system) };
}

async function applied(store: PeopleStore, work: Work, size: number, from: number, to: number): Promise<void> {
  for (let first = from; first < to; first += size) {
    const batch = Array.from({ length: Math.min(size, to - first) }, (_, i) => ({
      teamId: TEAM,
      projectId: TEAM,
      operation: work.event(first + i),
    }));
    await store.apply(batch, Date.now());
  }
}

/** What a writer does that takes every event for itself: looks for the person, locks and reads it, writes the document. */
async function oneByOne(client: Client, from: number, to: number): Promise<void> {
  for (let n = from; n < to; n++) {
    await client.query('begin');
    const { rows } = await client.query<{ id: string; properties: object }>(
      `select p.id, p.properties from posthog_persondistinctid d join posthog_person p on p.team_id = d.team_id and p.id = d.person_id
        where d.team_id = $1 and d.distinct_id = $2 for update of p`,
      [TEAM, person(n)],
    );
    const properties = JSON.stringify({ ...rows[0]?.properties, plan: `one ${n}`, visits: n });
    await client.query(
      'update posthog_person set properties = $3, version = coalesce(version, 0) + 1 where team_id = $1 and id = $2',
      [TEAM, rows[0]?.id, properties],
    );
    await client.query('commit');
  }
}

function operation(
  distinctId: string,
  set: Record<string, string | number>,
  source?: string,
): WaitingOperation['operation'] {
  const merge = source === undefined ? null : { source, evenIdentified: false, isIdentify: true };
  return {
    uuid: randomUUID(),
    time: Date.now(),
    person: {
      distinctId,
      isPersonEvent: true,
      set: new Map(Object.entries(set)),
      setOnce: new Map(),
      unset: [],
      merge,
    },
    groupTypes: [],
    group: null,
  };
}

async function fill(client: Client): Promise<void> {
  const document = (id: string) =>
    `(select jsonb_object_agg('key_' || k, ${id} || ' has ' || k) from generate_series(1, ${KEYS}) k)`;
  await client.query(`
    insert into posthog_person (id, team_id, properties, version)
      select n, ${TEAM}, ${document(`'user-' || n`)}, 0 from generate_series(1, ${PERSONS}) n;
    insert into posthog_person (id, team_id, properties, version)
      select 100000 + n, ${TEAM}, ${document(`'pair-' || n`)}, 0 from generate_series(1, ${2 * PAIRS}) n;
    insert into posthog_persondistinctid (team_id, distinct_id, person_id)
      select team_id, case when id <= ${PERSONS} then 'user-' || id when id % 2 = 0 then 'to-' || (id - 100002) / 2 else 'from-' || (id - 100001) / 2 end, id
        from posthog_person;
    select setval('posthog_person_id_seq', 1000000);
  `);
  await client.query('vacuum analyze');
}
