import type { Operation } from '@halyard/people';
import type { PeopleBefore, PeopleState, PeopleUnderTest } from '../../../people/src/people-state.cases.ts';
import { NOW } from '../../../people/src/memory-people.cases.ts';
import type { Client } from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { connectClient } from '../postgres/client-config.ts';
import { createTestDatabase, type TestDatabase } from '../testing/throwaway-postgres.ts';
import type { OperationOutcome, PeopleStore, PeopleStoreOptions, WaitingOperation } from './people-store.ts';
import { openPeopleStore } from './postgres-people-store.ts';

/** A database with our tables, a store on it, and a connection to look at what came of it. */
export class PeopleFixture {
  #database: TestDatabase | undefined;
  #client: Client | undefined;
  #teams = 0;
  readonly #opened: PeopleStore[] = [];
  store: PeopleStore = null as unknown as PeopleStore;

  constructor() {
    beforeAll(async () => {
      this.#database = await createTestDatabase();
      this.#client = await connectClient(this.url, 'test');
      this.store = this.open();
    });
    afterAll(async () => {
      await Promise.all(this.#opened.map((store) => store.close()));
      await this.#client?.end();
      await this.#database?.drop();
    });
  }

  get url(): string {
    return this.#database?.url ?? '';
  }

  /** Another store, closed at the end. */
  open(options: Partial<PeopleStoreOptions> = {}): PeopleStore {
    const store = openPeopleStore({ personsWriter: this.url, ...options });
    this.#opened.push(store);
    return store;
  }

  /** The number of a team that nobody uses. Its tables refer to no project. */
  newTeam(): number {
    this.#teams += 1;
    return this.#teams;
  }

  /** A project with its team, in the tables: the team's number. */
  async newProject(): Promise<number> {
    this.#teams += 1;
    const [row] = await this.sql<{ id: number }>(
      `with o as (insert into posthog_organization (name) values ('people') returning id),
            p as (insert into posthog_project (organization_id) select id from o returning id, organization_id)
       insert into posthog_team (id, api_token, project_id, organization_id) select $1::int, 'token-' || $1::int, id, organization_id from p
       returning id`,
      this.#teams,
    );
    return row?.id ?? 0;
  }

  /** What must never be there, as a list of sentences. */
  async broken(teamId: number): Promise<string[]> {
    const rows = await this.sql<{ what: string }>(
      `select 'no person of ' || d.distinct_id as what from posthog_persondistinctid d
         where d.team_id = $1 and not d.is_deleted and not exists (select from posthog_person p where p.team_id = $1 and p.id = d.person_id)
       union all select 'no id of person ' || p.id from posthog_person p where p.team_id = $1
         and not exists (select from posthog_persondistinctid d where d.team_id = $1 and d.person_id = p.id)
       union all select 'a key of nobody: ' || k.person_id from posthog_featureflaghashkeyoverride k where k.team_id = $1
         and not exists (select from posthog_person p where p.team_id = $1 and p.id = k.person_id)`,
      teamId,
    );
    return rows.map(({ what }) => what);
  }

  async sql<Row extends object>(text: string, ...values: unknown[]): Promise<Row[]> {
    if (this.#client === undefined) throw new Error('only inside a test');
    return (await this.#client.query<Row>(text, values)).rows;
  }

  waiting(teamId: number, operations: readonly Operation[]): WaitingOperation[] {
    return operations.map((operation) => ({ teamId, projectId: teamId, operation }));
  }

  apply(teamId: number, operations: readonly Operation[], store = this.store): Promise<readonly OperationOutcome[]> {
    return store.apply(this.waiting(teamId, operations), NOW);
  }

  /** One team's rows, as what scenarios are run on. */
  people(teamId = this.newTeam(), store: () => PeopleStore = () => this.store): PeopleUnderTest {
    return {
      teamId,
      given: (before) => this.given(teamId, before),
      apply: async (operations) => (await this.apply(teamId, operations, store())).flatMap(({ warnings }) => warnings),
      state: () => this.state(teamId),
    };
  }

  async given(teamId: number, { persons, tombstones, types, groups }: PeopleBefore): Promise<void> {
    for (const { ids, uuid, properties, isIdentified, createdAt, version, stickyKeys, cohorts } of persons) {
      const [{ id } = { id: '' }] = await this.sql<{ id: string }>(
        `insert into posthog_person (team_id, uuid, properties, is_identified, created_at, version)
         values ($1, $2, $3::jsonb, $4, $5, $6) returning id`,
        teamId,
        uuid,
        JSON.stringify(properties),
        isIdentified,
        new Date(createdAt),
        version,
      );
      await this.sql(
        'insert into posthog_persondistinctid (team_id, distinct_id, person_id) select $1, unnest($2::text[]), $3',
        teamId,
        ids,
        id,
      );
      for (const [flag, key] of Object.entries(stickyKeys))
        await this.sql(
          `insert into posthog_featureflaghashkeyoverride (team_id, person_id, feature_flag_key, hash_key) values ($1, $2, $3, $4)`,
          teamId,
          id,
          flag,
          key,
        );
      for (const cohort of cohorts)
        await this.sql('insert into posthog_cohortpeople (cohort_id, person_id) values ($1, $2)', cohort, id);
    }
    for (const [id, version] of Object.entries(tombstones))
      await this.sql(
        'insert into posthog_persondistinctid (team_id, distinct_id, person_id, version, is_deleted) values ($1, $2, 0, $3, true)',
        teamId,
        id,
        version,
      );
    for (const [type, index] of Object.entries(types))
      await this.sql(
        'insert into posthog_grouptypemapping (team_id, project_id, group_type, group_type_index) values ($1::int, $1::int, $2, $3)',
        teamId,
        type,
        index,
      );
    for (const { index, key, properties, createdAt, version } of groups)
      await this.sql(
        `insert into posthog_group (team_id, group_type_index, group_key, group_properties, created_at, version)
         values ($1, $2, $3, $4::jsonb, $5, $6)`,
        teamId,
        index,
        key,
        JSON.stringify(properties),
        new Date(createdAt),
        version,
      );
  }

  async state(teamId: number): Promise<PeopleState> {
    const persons = await this.sql<PeopleState['persons'][number]>(personsText, teamId);
    const types = await this.sql<{ type: string; index: number }>(
      'select group_type as type, group_type_index as index from posthog_grouptypemapping where project_id = $1',
      teamId,
    );
    const groups = await this.sql<PeopleState['groups'][number]>(
      `select group_type_index as index, group_key as key, group_properties as properties,
         (extract(epoch from created_at) * 1000)::float8 as "createdAt", version::float8 as version
         from posthog_group where team_id = $1 order by index, group_key collate "C"`,
      teamId,
    );
    return { persons, types: Object.fromEntries(types.map(({ type, index }) => [type, index])), groups };
  }
}

const personsText = `select
  (select coalesce(json_agg(d.distinct_id order by d.distinct_id collate "C"), '[]') from posthog_persondistinctid d
    where d.team_id = p.team_id and d.person_id = p.id and not d.is_deleted) as ids,
  p.uuid, p.properties, p.is_identified as "isIdentified", (extract(epoch from p.created_at) * 1000)::float8 as "createdAt",
  p.version::float8 as version,
  (select coalesce(json_object_agg(d.distinct_id, coalesce(d.version, 0)), '{}') from posthog_persondistinctid d
    where d.team_id = p.team_id and d.person_id = p.id and not d.is_deleted) as "idVersions",
  (select coalesce(json_object_agg(k.feature_flag_key, k.hash_key), '{}') from posthog_featureflaghashkeyoverride k
    where k.team_id = p.team_id and k.person_id = p.id) as "stickyKeys",
  (select coalesce(json_agg(c.cohort_id order by c.cohort_id), '[]') from posthog_cohortpeople c where c.person_id = p.id) as cohorts
  from posthog_person p where p.team_id = $1 and not p.is_deleted`;
