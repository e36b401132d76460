import { connectClient } from '@halyard/data/testing';
import type { FactPlan } from 'halyard/host';

type Client = Awaited<ReturnType<typeof connectClient>>;
type Row = Readonly<Record<string, unknown>>;

/** The reference's pools hold this many connections each (section 2.2 of the data rules). */
const poolSize = 10;

/** The facts as the reference's queries give them; only as much as is compared. */
export interface ReplayedFacts {
  readonly properties: Readonly<Record<string, unknown>> | null;
  readonly groups: ReadonlyMap<number, Readonly<Record<string, unknown>>>;
  readonly memberOf: readonly number[];
  readonly stickyKeys: Readonly<Record<string, string>> | null;
}

/**
 * Loads facts with the statements of the reference, one after the other (D49, D54 to D57): every
 * connection taken is tested first, statements are prepared, nothing overlaps, the whole document comes back.
 */
export class ReferenceReplay {
  readonly #persons: Connections;
  readonly #main: Connections;

  private constructor(persons: Connections, main: Connections) {
    this.#persons = persons;
    this.#main = main;
  }

  static async open(url: string): Promise<ReferenceReplay> {
    return new ReferenceReplay(await Connections.open(url), await Connections.open(url));
  }

  async close(): Promise<void> {
    await Promise.all([this.#persons.close(), this.#main.close()]);
  }

  async load(plan: FactPlan): Promise<ReplayedFacts> {
    const { teamId, distinctId } = plan;
    const anon = plan.stickyKeys?.anonDistinctId ?? null;
    const ids = anon === null ? [distinctId] : [distinctId, anon];
    let stickyKeys: Record<string, string> | null = null;
    if (plan.stickyKeys !== null) {
      if (anon !== null) {
        await this.#persons.with((query) => query('check', checkText, [teamId, ids]));
        await this.#main.with((query) => query('continuity', continuityText, [teamId]));
      }
      const rows = await this.#persons.with((query) => query('overrides', overridesText, [teamId, ids]));
      stickyKeys = {};
      for (const row of rows) {
        if (typeof row['feature_flag_key'] === 'string') stickyKeys[row['feature_flag_key']] = String(row['hash_key']);
      }
    }
    return this.#persons.with(async (query) => {
      const [found] = await query('person', personText, [teamId, distinctId]);
      let memberOf: number[] = [];
      if (found !== undefined && plan.staticCohorts.length > 0) {
        const rows = await query('members', membersText, [found['id'], plan.staticCohorts]);
        memberOf = rows.filter((row) => row['member'] === true).map((row) => Number(row['cohort_id']));
      }
      const groups = new Map<number, Record<string, unknown>>();
      if (plan.groups.length > 0) {
        const indexes = plan.groups.map(({ index }) => index);
        const keys = plan.groups.map(({ key }) => key);
        for (const row of await query('groups', groupsText, [teamId, indexes, keys])) {
          groups.set(Number(row['group_type_index']), row['group_properties'] as Record<string, unknown>);
        }
      }
      return {
        properties: (found?.['properties'] as Record<string, unknown> | undefined) ?? null,
        groups,
        memberOf,
        stickyKeys,
      };
    });
  }
}

const checkText = `select distinct d.person_id, k.feature_flag_key
  from posthog_persondistinctid d
  join posthog_person p on p.team_id = d.team_id and p.id = d.person_id
  left join posthog_featureflaghashkeyoverride k on k.team_id = d.team_id and k.person_id = d.person_id
 where d.team_id = $1 and d.distinct_id = any ($2)`;
const continuityText = `select f.key from posthog_featureflag f join posthog_team t on t.id = f.team_id
 where t.id = $1 and f.ensure_experience_continuity and f.active and not f.deleted`;
const overridesText = `select d.person_id, d.distinct_id, k.feature_flag_key, k.hash_key
  from posthog_persondistinctid d
  left join posthog_featureflaghashkeyoverride k on k.team_id = d.team_id and k.person_id = d.person_id
 where d.team_id = $1 and d.distinct_id = any ($2)`;
const personText = `select p.id, p.uuid, p.properties, p.created_at, p.is_identified, p.is_user_id, p.version
  from posthog_persondistinctid d join posthog_person p on p.team_id = d.team_id and p.id = d.person_id
 where d.team_id = $1 and d.distinct_id = $2 limit 1`;
const membersText = `select c.cohort_id,
  exists (select from posthog_cohortpeople m where m.person_id = $1 and m.cohort_id = c.cohort_id) as member
  from unnest($2::int[]) as c (cohort_id)`;
const groupsText = `select group_type_index, group_properties from posthog_group
 where team_id = $1 and group_type_index = any ($2) and group_key = any ($3)`;

type Query = (name: string, text: string, values: readonly unknown[]) => Promise<readonly Row[]>;

/** A pool that hands one connection to one caller at a time, tested. */
class Connections {
  readonly #clients: readonly Client[];
  readonly #free: Client[];
  readonly #waiting: ((client: Client) => void)[] = [];

  private constructor(clients: readonly Client[]) {
    this.#clients = clients;
    this.#free = [...clients];
  }

  static async open(url: string): Promise<Connections> {
    return new Connections(
      await Promise.all(Array.from({ length: poolSize }, () => connectClient(url, 'bench database'))),
    );
  }

  async with<Result>(work: (query: Query) => Promise<Result>): Promise<Result> {
    const client = this.#free.pop() ?? (await this.#wait());
    try {
      await client.query(''); // the test before use
      return await work(
        async (name, text, values) => (await client.query<Row>({ name, text, values: [...values] })).rows,
      );
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(client);
      else next(client);
    }
  }

  #wait(): Promise<Client> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.end()));
  }
}
