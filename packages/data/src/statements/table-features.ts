import type { PersonsFeatures } from './persons-features.ts';
import type { Row, Statement } from './statement.ts';

/** What the main database has and lacks. */
export interface MainFeatures {
  /** Where the names of evaluation contexts are: in their own tables, in the older tag tables, or nowhere (D11). */
  readonly contexts: 'contexts' | 'tags' | 'none';
  /** `posthog_experiment` may be read and tells which flags belong to an experiment. */
  readonly experiments: boolean;
  /** `posthog_survey` may be read and tells which flags were made for a survey. */
  readonly surveys: boolean;
  /** `posthog_remoteconfig` may be read and has the configuration that PostHog made of a project (D7a). */
  readonly remoteConfigs: boolean;
  /** The project's row has secret tokens. */
  readonly secretTokens: boolean;
  /** There are project secret keys. */
  readonly projectKeys: boolean;
  /** There are personal keys. */
  readonly personalKeys: boolean;
  /** The schema announces changes by itself, so that polling is only the safety net. */
  readonly announcesChanges: boolean;
}

export type TableFeatures = PersonsFeatures & MainFeatures;

/** Looks at the catalogue only: no table has to exist, and no row is read. */
export const tableFeaturesStatement: Statement = {
  text: `select
  (select attnum is not null from pg_attribute
    where attrelid = to_regclass('posthog_person') and attname = 'is_deleted' and not attisdropped)::text
    as person_tombstones,
  (select attnum is not null from pg_attribute
    where attrelid = to_regclass('posthog_persondistinctid') and attname = 'is_deleted' and not attisdropped)::text
    as distinct_id_tombstones,
  (to_regclass('posthog_person') is not null
    and has_any_column_privilege(to_regclass('posthog_person'), 'UPDATE'))::text as can_lock_persons,
  (to_regclass('posthog_evaluationcontext') is not null
    and to_regclass('posthog_featureflagevaluationcontext') is not null)::text as contexts,
  (to_regclass('posthog_tag') is not null
    and to_regclass('posthog_featureflagevaluationtag') is not null)::text as tags,
  has_table_privilege(to_regclass('posthog_experiment'), 'SELECT')::text as experiments,
  has_table_privilege(to_regclass('posthog_survey'), 'SELECT')::text as surveys,
  has_table_privilege(to_regclass('posthog_remoteconfig'), 'SELECT')::text as remote_configs,
  (select count(*) = 2 from pg_attribute where attrelid = to_regclass('posthog_team')
    and attname in ('secret_api_token', 'secret_api_token_backup') and not attisdropped)::text as secret_tokens,
  (to_regclass('posthog_projectsecretapikey') is not null)::text as project_keys,
  (to_regclass('posthog_personalapikey') is not null)::text as personal_keys,
  exists (select from pg_trigger
    where tgrelid = to_regclass('posthog_featureflag') and tgname = 'halyard_definitions' and tgenabled <> 'D')::text
    as announces_changes, 'features' as asked`,
  values: [],
};

export function tableFeaturesFromRow(row: Row | undefined): TableFeatures {
  const is = (column: string) => row?.[column] === 'true';
  return {
    personTombstones: is('person_tombstones'),
    distinctIdTombstones: is('distinct_id_tombstones'),
    canLockPersons: is('can_lock_persons'),
    contexts: is('contexts') ? 'contexts' : is('tags') ? 'tags' : 'none',
    experiments: is('experiments'),
    surveys: is('surveys'),
    remoteConfigs: is('remote_configs'),
    secretTokens: is('secret_tokens'),
    projectKeys: is('project_keys'),
    personalKeys: is('personal_keys'),
    announcesChanges: is('announces_changes'),
  };
}
