/**
 * PostHog's tables as its own migrations leave them, at several ages: without database defaults on the main tables (D1), with
 * columns that nobody here reads (D4), and with what each age has and lacks (D9 to D26).
 */
export interface PostHogAge {
  readonly name: string;
  readonly main: readonly string[];
  readonly persons: readonly string[];
  /** How the service names what it finds. */
  readonly found: string;
  /** The age knows evaluation contexts, by whatever name. */
  readonly contexts: boolean;
}

export const publicToken = 'phc_of_posthog';
const org = `'0190b3a0-0000-7000-8000-000000000001'`;
const everybody = '{"properties": [], "rollout_percentage": 100}';
const pro = '{"key": "plan", "type": "person", "operator": "exact", "value": ["pro"]}';
const inCohort = '{"key": "id", "type": "cohort", "operator": "in", "value": 7}';
const gold = '{"key": "tier", "type": "group", "group_type_index": 0, "operator": "exact", "value": ["gold"]}';

const flags: readonly [id: number, key: string, filters: string, continuity: boolean][] = [
  [1, 'for-all', `{"groups": [${everybody}]}`, false],
  [2, 'by-plan', `{"groups": [{"properties": [${pro}], "rollout_percentage": 100}]}`, false],
  [3, 'by-members', `{"groups": [{"properties": [${inCohort}], "rollout_percentage": 100}]}`, false],
  [
    4,
    'by-group',
    `{"aggregation_group_type_index": 0, "groups": [{"properties": [${gold}], "rollout_percentage": 100}]}`,
    false,
  ],
  [5, 'kept', '{"groups": [{"properties": [], "rollout_percentage": 50}]}', true],
  [6, 'for-docs', `{"groups": [${everybody}]}`, false],
];

const base = (extraTeam: string, extraFlag: string, extraCohort: string): string[] => [
  `create table django_migrations (id bigint primary key, app varchar(255) not null, name varchar(255) not null,
     applied timestamptz not null)`,
  `insert into django_migrations values (1, 'posthog', '0001_initial', now())`,
  'create table posthog_organization (id uuid primary key, name varchar(64) not null, created_at timestamptz not null)',
  'create table posthog_project (id bigint primary key, organization_id uuid not null, name varchar(200) not null)',
  `create table posthog_team (id integer primary key, uuid uuid not null unique, name varchar(200) not null,
     api_token varchar(200) not null unique, project_id bigint references posthog_project (id),
     organization_id uuid not null references posthog_organization (id), timezone varchar(240) not null,
     session_recording_opt_in boolean not null, slack_incoming_webhook varchar(500)${extraTeam})`,
  `create table posthog_featureflag (id integer primary key, team_id integer not null references posthog_team (id),
     key varchar(400) not null, name text not null, filters jsonb not null, rollout_percentage integer,
     active boolean not null, deleted boolean not null, ensure_experience_continuity boolean,
     created_at timestamptz not null${extraFlag}, constraint "unique key for team" unique (team_id, key))`,
  `create table posthog_cohort (id integer primary key, team_id integer not null, name varchar(400),
     description varchar(1000), deleted boolean not null, filters jsonb, groups jsonb not null, is_calculating boolean not null,
     is_static boolean not null, errors_calculating integer not null${extraCohort})`,
  `insert into posthog_organization values (${org}, 'Org', now())`,
  `insert into posthog_project values (3, ${org}, 'Project')`,
  `insert into posthog_team (id, uuid, name, api_token, project_id, organization_id, timezone, session_recording_opt_in)
     values (3, gen_random_uuid(), 'Team', '${publicToken}', 3, ${org}, 'UTC', false)`,
  ...flags.map(
    ([id, key, filters, continuity]) =>
      `insert into posthog_featureflag (id, team_id, key, name, filters, active, deleted, ensure_experience_continuity, created_at)
         values (${id}, 3, '${key}', '', '${filters}', true, false, ${continuity}, now())`,
  ),
  `insert into posthog_cohort (id, team_id, name, deleted, filters, groups, is_calculating, is_static, errors_calculating)
     values (7, 3, 'Members', false, '{}', '[]', false, true, 0)`,
];

const tags = [
  'create table posthog_tag (id uuid primary key, name varchar(255) not null, team_id integer not null, unique (name, team_id))',
  `create table posthog_featureflagevaluationtag (id bigint primary key, feature_flag_id integer not null,
     tag_id uuid not null, created_at timestamptz not null, unique (feature_flag_id, tag_id))`,
  `insert into posthog_tag values ('0190b3a0-0000-7000-8000-000000000002', 'docs', 3)`,
  `insert into posthog_featureflagevaluationtag values (1, 6, '0190b3a0-0000-7000-8000-000000000002', now())`,
];

export const contextTables: readonly string[] = [
  `create table posthog_evaluationcontext (id uuid primary key, name varchar(255) not null, team_id integer not null,
     created_at timestamptz not null, unique (team_id, name))`,
  `create table posthog_featureflagevaluationcontext (id bigint primary key, feature_flag_id integer not null,
     evaluation_context_id uuid not null, created_at timestamptz not null, unique (feature_flag_id, evaluation_context_id))`,
  `insert into posthog_evaluationcontext values ('0190b3a0-0000-7000-8000-000000000003', 'docs', 3, now())`,
  `insert into posthog_featureflagevaluationcontext values (1, 6, '0190b3a0-0000-7000-8000-000000000003', now())`,
];

/** What the move to contexts left behind: tables that nobody keeps up to date (D11). */
const staleTags = [...tags, `update posthog_tag set name = 'stale'`];

const experiment = [
  `create table posthog_experiment (id integer primary key, team_id integer not null, feature_flag_id integer not null,
     deleted boolean)`,
  'insert into posthog_experiment values (1, 3, 1, false)',
];

const newerFlag = `, version integer, evaluation_runtime varchar(10), bucketing_identifier varchar(50),
  is_remote_configuration boolean, has_encrypted_payloads boolean, updated_at timestamptz, last_called_at timestamptz`;
const newerCohort =
  ', query jsonb, cohort_type varchar(50), kind varchar(50), last_backfill_person_properties_at timestamptz';

const groups = [
  `create table posthog_group (id integer generated by default as identity primary key, team_id integer not null,
     group_type_index integer not null, group_key varchar(400) not null, group_properties jsonb not null,
     created_at timestamptz not null, properties_last_updated_at jsonb not null, properties_last_operation jsonb not null,
     version bigint not null, unique (team_id, group_key, group_type_index))`,
  `create table posthog_grouptypemapping (id integer generated by default as identity primary key,
     group_type varchar(400) not null, group_type_index integer not null, team_id integer not null, project_id bigint,
     unique (project_id, group_type_index))`,
  `insert into posthog_group values (1, 3, 0, 'acme', '{"tier": "gold"}', now(), '{}', '{}', 1)`,
  `insert into posthog_grouptypemapping values (1, 'organization', 0, 3, 3)`,
];

const members = [
  `create table posthog_cohortpeople (id bigint generated by default as identity primary key, cohort_id integer not null,
     person_id bigint not null, version integer)`,
  // Twice, as older databases may have it (D25).
  'insert into posthog_cohortpeople (cohort_id, person_id) values (7, 11), (7, 11)',
];

const overrides = (foreignKey: string) =>
  `create table posthog_featureflaghashkeyoverride (id integer generated by default as identity primary key,
     team_id integer not null, person_id bigint not null, feature_flag_key varchar(400) not null,
     hash_key varchar(400) not null, unique (team_id, person_id, feature_flag_key)${foreignKey})`;

const plainPersons = (tombstones: boolean) => [
  'create sequence posthog_person_id_seq',
  `create table posthog_person (id bigint primary key default nextval('posthog_person_id_seq'), created_at timestamptz not null,
     properties jsonb not null, team_id integer not null, is_user_id integer, is_identified boolean not null,
     uuid uuid not null, version bigint${tombstones ? ', is_deleted boolean not null default false' : ''})`,
];

const partitionedPersons = (more: string) => [
  `create table posthog_person (id bigint not null, created_at timestamptz not null, properties jsonb not null,
     team_id integer not null, is_user_id integer, is_identified boolean not null, uuid uuid not null, version bigint${more},
     primary key (team_id, id)) partition by hash (team_id)`,
  `do $$ begin for part in 0..63 loop execute format('create table posthog_person_p%s partition of posthog_person
     for values with (modulus 64, remainder %s)', part, part); end loop; end $$`,
];

const distinctIds = (tombstones: boolean) => [
  `create table posthog_persondistinctid (id bigint generated by default as identity primary key, team_id integer not null,
     distinct_id varchar(400) not null, person_id bigint not null, version bigint${
       tombstones ? ', is_deleted boolean not null default false' : ''
     }, unique (team_id, distinct_id))`,
];

const people = [
  `insert into posthog_person (id, created_at, properties, team_id, is_identified, uuid)
     values (11, now(), '{"plan": "pro"}', 3, true, gen_random_uuid())`,
  `insert into posthog_persondistinctid (team_id, distinct_id, person_id) values (3, 'ann', 11)`,
  `insert into posthog_featureflaghashkeyoverride (team_id, person_id, feature_flag_key, hash_key)
     values (3, 11, 'kept', 'visitor')`,
];

const gravestones = [
  `insert into posthog_person (id, created_at, properties, team_id, is_identified, uuid, is_deleted)
     values (12, now(), '{"plan": "pro"}', 3, true, gen_random_uuid(), true)`,
  `insert into posthog_persondistinctid (team_id, distinct_id, person_id) values (3, 'gone', 12)`,
];

export const ages: readonly PostHogAge[] = [
  {
    name: 'early 2025: one plain person table, no contexts',
    main: base('', '', ''),
    persons: [
      ...plainPersons(false),
      ...distinctIds(false),
      overrides(', foreign key (person_id) references posthog_person (id) deferrable initially deferred'),
      ...groups,
      ...members,
      ...people,
    ],
    found:
      'found the tables of PostHog: neither evaluation contexts nor tags, no tombstones, changes are found by polling',
    contexts: false,
  },
  {
    name: 'spring 2026: evaluation tags, persons in partitions',
    main: [...base('', newerFlag, newerCohort), ...tags, ...experiment],
    persons: [...partitionedPersons(''), ...distinctIds(false), overrides(''), ...groups, ...members, ...people],
    found:
      'found the tables of PostHog: evaluation tags, no tombstones, persons in partitions, changes are found by polling',
    contexts: true,
  },
  {
    name: 'autumn 2026: evaluation contexts beside stale tags, tombstones',
    main: [...base('', newerFlag, newerCohort), ...staleTags, ...contextTables, ...experiment],
    persons: [
      ...partitionedPersons(
        ', is_deleted boolean not null default false, merged_into_id bigint, last_seen_at timestamptz',
      ),
      ...distinctIds(true),
      overrides(`, foreign key (team_id, person_id) references posthog_person (team_id, id) on delete cascade
        deferrable initially deferred`),
      'create table posthog_featureflaghashkeyoverride_v2 (team_id integer, person_id bigint, feature_flag_id integer, hash_key varchar(400))',
      ...groups,
      ...members,
      ...people,
      ...gravestones,
    ],
    found:
      'found the tables of PostHog: evaluation contexts, tombstones, persons in partitions, changes are found by polling',
    contexts: true,
  },
];

/** While persons moved into partitions, the new table stood beside the old one (D20). */
export const inTheMove: readonly string[] = [
  ...base('', newerFlag, newerCohort),
  ...plainPersons(false),
  ...distinctIds(false),
  overrides(''),
  ...groups,
  ...members,
  ...people,
  'create table posthog_person_new (like posthog_person)',
];
