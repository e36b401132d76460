import { connectClient } from '@halyard/data/testing';
import type { FactPlan } from 'halyard/host';

export const teamId = 7;
const people = 5_000;
const wideTeamId = 8;
const widePeople = 500;
const wanted = ['key_1', 'key_5', 'key_9', 'key_13', 'key_17'];
const groupWanted = ['key_2', 'key_4'];
const cohorts = [11];

/** What a request needs, and how the reference would get it. */
export interface Scenario {
  readonly name: string;
  readonly plan: (user: number) => FactPlan;
}

/** Fills a database that has our schema: persons of 24 keys (1 kB), persons of 200 keys (9 kB), groups, members, keys. */
export async function storePeople(url: string): Promise<void> {
  const client = await connectClient(url, 'bench database');
  const document = (keys: number, row: string) =>
    `(select jsonb_object_agg('key_' || k, md5(${row}::text || k)) from generate_series(1, ${keys}) k)`;
  try {
    await client.query(`
      insert into posthog_person (id, team_id, properties) select n, ${teamId}, ${document(24, 'n')} from generate_series(1, ${people}) n;
      insert into posthog_person (id, team_id, properties)
        select 1000000 + n, ${wideTeamId}, ${document(200, 'n')} from generate_series(1, ${widePeople}) n;
      insert into posthog_persondistinctid (team_id, distinct_id, person_id) select team_id, 'user-' || id % 1000000, id from posthog_person;
      insert into posthog_group (team_id, group_type_index, group_key, group_properties)
        select ${teamId}, 0, 'company-' || n, ${document(24, 'n')} from generate_series(1, 500) n;
      insert into posthog_cohortpeople (cohort_id, person_id) select ${cohorts[0]}, n from generate_series(1, ${people}, 2) n;
      insert into posthog_featureflaghashkeyoverride (team_id, person_id, feature_flag_key, hash_key)
        select ${teamId}, n, 'sticky-' || k, 'before-' || n from generate_series(1, ${people}) n, generate_series(1, 3) k;
    `);
    await client.query('vacuum analyze');
  } finally {
    await client.end();
  }
}

const nothing = { staticCohorts: [], groups: [], stickyKeys: null } as const;

function user(n: number, of: number): string {
  return `user-${((n * 7919) % of) + 1}`;
}

/** A person's properties and nothing else. */
export const person: Scenario = {
  name: 'person of 24 keys, 5 wanted',
  plan: (n) => ({ ...nothing, teamId, distinctId: user(n, people), person: { keys: wanted, createdAt: false } }),
};

export const widePerson: Scenario = {
  name: 'person of 200 keys, 5 wanted',
  plan: (n) => ({
    ...nothing,
    teamId: wideTeamId,
    distinctId: user(n, widePeople),
    person: { keys: wanted, createdAt: false },
  }),
};

/** Person, group, static cohort. */
export const noContinuity: Scenario = {
  name: 'person, group, static cohort',
  plan: (n) => ({
    ...person.plan(n),
    groups: [{ index: 0, key: `company-${(n % 500) + 1}`, keys: groupWanted }],
    staticCohorts: cohorts,
  }),
};

/** The same and the sticky keys of the request's own id. */
export const noHashKey: Scenario = {
  name: 'the same and sticky keys, no hash key sent',
  plan: (n) => ({ ...noContinuity.plan(n), stickyKeys: { anonDistinctId: null, write: null } }),
};

const stickyFlags = ['sticky-1', 'sticky-2', 'sticky-3'];

/** The same with an anonymous id, whose keys are all stored already. */
export const steady: Scenario = {
  name: 'the same and sticky keys, hash key sent',
  plan: (n) => ({
    ...noContinuity.plan(n),
    stickyKeys: { anonDistinctId: `anon-${n}`, write: { flagKeys: stickyFlags, hashKey: `anon-${n}` } },
  }),
};
