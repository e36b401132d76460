import { positionSql } from '../position.ts';
import type { MainFeatures } from './table-features.ts';
import { type Statement, statementName } from './statement.ts';

/** Team columns that shape the response's config section (D7). Columns that a database lacks are left out. */
const settingColumns = [
  'uuid',
  'organization_id',
  'cookieless_server_hash_mode',
  'autocapture_opt_out',
  'autocapture_exceptions_opt_in',
  'autocapture_web_vitals_opt_in',
  'heatmaps_opt_in',
  'surveys_opt_in',
  'inject_web_apps',
  'capture_performance_opt_in',
  'capture_console_log_opt_in',
  'capture_dead_clicks',
  'flags_persistence_default',
  'session_recording_opt_in',
  'session_recording_sample_rate',
  'session_recording_minimum_duration_milliseconds',
  'session_recording_linked_flag',
  'session_recording_network_payload_capture_config',
  'session_recording_masking_config',
  'session_replay_config',
  'survey_config',
  'autocapture_web_vitals_allowed_metrics',
  'autocapture_exceptions_errors_to_ignore',
  'extra_settings',
  'logs_settings',
  'session_recording_url_trigger_config',
  'session_recording_url_blocklist_config',
  'session_recording_event_trigger_config',
  'session_recording_trigger_match_type_config',
  'recording_domains',
  'minimal_flag_called_events',
] as const;

const teamColumns = ['project_id', 'name', 'timezone', 'property_matching_version'] as const;

/** Columns of a flag that mean something to an evaluation (D9). */
const flagColumns = [
  'id',
  'team_id',
  'key',
  'name',
  'filters',
  'deleted',
  'active',
  'ensure_experience_continuity',
  'version',
  'evaluation_runtime',
  'bucketing_identifier',
  'is_remote_configuration',
  'has_encrypted_payloads',
] as const;

/** Columns of a cohort that mean something to an evaluation (D13). */
const cohortColumns = ['id', 'team_id', 'name', 'is_static', 'filters', 'groups', 'deleted'] as const;

// Every statement brings back its ticket in the column `asked`, so that an answer to another question is recognised; each
// gives a row even where there is nothing to tell.

/**
 * The project behind a public token (Q15): one row `team_id team settings revision position`, of nulls when there is none.
 * Secrets are never asked for.
 */
export function projectStatement(token: string, ticket: string): Statement {
  return {
    text: `select a.asked, p.* from (select $2::text as asked) a left join lateral (${projectWith('$1')}) p on true`,
    values: [token, ticket],
  };
}

/** The same for several tokens: a row for each, with the token's place in the list, counted from 1, in the column `n`. */
export function projectsStatement(asked: readonly { readonly token: string; readonly ticket: string }[]): Statement {
  return {
    text: `select a.n, a.asked, p.* from unnest($1::text[], $2::text[]) with ordinality as a (token, asked, n)
left join lateral (${projectWith('a.token')}) p on true`,
    values: [asked.map(({ token }) => token), asked.map(({ ticket }) => ticket)],
  };
}

function projectWith(token: string): string {
  return `
  select t.id::text as team_id, ${picked('row', teamColumns)}::text as team,
  ${picked('row', settingColumns)}::text as settings, ${teamRevision} as revision, ${positionSql} as position
from posthog_team t cross join lateral (select to_jsonb(t) as row offset 0) r
where t.api_token = ${token}`;
}

/**
 * The flags of a team (Q16), inactive ones included: one row `flags revision position`, with `remote_config` where a database has
 * it (D7a; its changes are changes of the revision). `flags` has the JSON text of a flag in each line, so that one unreadable flag does not spoil the others, and ten thousand are read one after the other: as a list
 * they would be read at once. PostgreSQL writes JSON on one line.
 */
export function flagsStatement(teamId: number, features: MainFeatures, ticket: string): Statement {
  return {
    text: `select string_agg(flag::text, chr(10) order by id) as flags, (${flagsRevision(features)}) as revision,${remoteConfig(features)}
  ${positionSql} as position, $2::text as asked
from (
  select f.id, ${picked('row', flagColumns, `, 'evaluation_contexts', ${contextNames(features)}${experiment(features)}${ofSurvey(features)}`)} as flag
    from posthog_featureflag f cross join lateral (select to_jsonb(f) as row offset 0) r
   where f.team_id = $1 and not f.deleted
     and not (coalesce((row ->> 'is_remote_configuration')::boolean, false)
          and coalesce((row ->> 'has_encrypted_payloads')::boolean, false))
) flags`,
    values: [teamId, ticket],
  };
}

/** The cohorts of a team (Q10): one row `cohorts revision position`, shaped like that of the flags. */
export function cohortsStatement(teamId: number, ticket: string): Statement {
  return {
    text: `select string_agg(cohort, chr(10) order by id) as cohorts, ${cohortsRevision} as revision,
  ${positionSql} as position, $2::text as asked
from (${cohortTexts}) cohorts`,
    values: [teamId, ticket],
  };
}

/** Group type names of a team (Q9): one row `mapping revision position`, `mapping` as `{"0": "organization"}`. */
export function groupTypesStatement(teamId: number, ticket: string): Statement {
  return {
    text: `select coalesce(json_object_agg(m.group_type_index, m.group_type order by m.group_type_index), '{}')::text as mapping,
  ${groupTypesRevision} as revision, ${positionSql} as position, $2::text as asked
from posthog_grouptypemapping m where m.team_id = $1`,
    values: [teamId, ticket],
  };
}

/** The revisions of team, flags and cohorts without their contents: one row `team flags cohorts`, of nulls when the token has gone. */
export function mainRevisionStatement(
  token: string,
  teamId: number,
  features: MainFeatures,
  ticket: string,
): Statement {
  const text = `select a.asked, r.* from (select $3::text as asked) a left join lateral (
  select ${teamRevision} as team, (${flagsRevision(features)}) as flags,
  (select ${cohortsRevision} from (${cohortTexts}) cohorts) as cohorts
from posthog_team t where t.api_token = $2 and t.id = $1) r on true`;
  return { name: statementName('revision', text), text, values: [teamId, token, ticket] };
}

/** The revision of the group types: one row `revision`. */
export function groupTypesRevisionStatement(teamId: number, ticket: string): Statement {
  const text = `select ${groupTypesRevision} as revision, $2::text as asked
from posthog_grouptypemapping m where m.team_id = $1`;
  return { name: statementName('group_types_revision', text), text, values: [teamId, ticket] };
}

/** SQL for a JSON object of these columns; a column that the table lacks is null, like an empty one. */
function picked(row: string, columns: readonly string[], more = ''): string {
  return `json_build_object(${columns.map((name) => `'${name}', ${row} -> '${name}'`).join(', ')}${more})`;
}

// Every write gives its row a new xmin, so the list of them is a revision that no missing updated_at can spoil.
const teamRevision = `t.xmin::text`;
const groupTypesRevision = `md5(coalesce(string_agg(m.id || ':' || m.xmin, ',' order by m.id), ''))`;

function flagsRevision(features: MainFeatures): string {
  const rows = [`select 'f' as kind, f.id::text as id, f.xmin from posthog_featureflag f where f.team_id = $1`];
  const linked = `join posthog_featureflag f on f.id = l.feature_flag_id where f.team_id = $1`;
  if (features.contexts === 'contexts') {
    rows.push(`select 'l', l.id::text, l.xmin from posthog_featureflagevaluationcontext l ${linked}`);
    rows.push(`select 'c', c.id::text, c.xmin from posthog_evaluationcontext c where c.team_id = $1`);
  } else if (features.contexts === 'tags') {
    rows.push(`select 'l', l.id::text, l.xmin from posthog_featureflagevaluationtag l ${linked}`);
    rows.push(`select 'c', c.id::text, c.xmin from posthog_tag c where c.team_id = $1`);
  }
  if (features.surveys) {
    rows.push(`select 's', s.id::text, s.xmin from posthog_survey s join posthog_featureflag f on ${madeForSurvey}
      where f.team_id = $1`);
  }
  if (features.remoteConfigs)
    rows.push(`select 'r', r.team_id::text, r.xmin from posthog_remoteconfig r where r.team_id = $1`);
  if (features.experiments) rows.push(`select 'e', l.id::text, l.xmin from posthog_experiment l ${linked}`);
  return `select md5(coalesce(string_agg(kind || id || ':' || xmin, ',' order by kind, id), ''))
    from (${rows.join('\n    union all ')}) revisions`;
}

// PostHog rewrites a cohort's row at every recalculation; only what we read of it counts.
const cohortTexts = `select c.id, ${picked('row', cohortColumns)}::text as cohort
    from posthog_cohort c cross join lateral (select to_jsonb(c) as row offset 0) r
   where c.team_id = $1 and not c.deleted`;
const cohortsRevision = `md5(coalesce(string_agg(cohort, ',' order by id), ''))`;

/** The names of a flag's evaluation contexts: from one pair of tables, never from both (D11, D12). */
export function contextNames({ contexts }: MainFeatures): string {
  if (contexts === 'none') return `'[]'::jsonb`;
  const [link, table, column] =
    contexts === 'contexts'
      ? ['posthog_featureflagevaluationcontext', 'posthog_evaluationcontext', 'evaluation_context_id']
      : ['posthog_featureflagevaluationtag', 'posthog_tag', 'tag_id'];
  return `(select coalesce(jsonb_agg(c.name order by c.name), '[]')
      from ${link} l join ${table} c on c.id = l.${column} where l.feature_flag_id = f.id)`;
}

/** Without a column for it, a flag has an experiment when one that is not deleted uses it. */
function experiment({ experiments }: MainFeatures): string {
  const column = `row -> 'has_experiment'`;
  if (!experiments) return `, 'has_experiment', ${column}`;
  return `, 'has_experiment', case when row ? 'has_experiment' then ${column} else to_jsonb(exists (
      select from posthog_experiment e
       where e.feature_flag_id = f.id and not coalesce((to_jsonb(e) ->> 'deleted')::boolean, false))) end`;
}

/** The flags that PostHog itself makes and keeps for a survey; the one that a user links to it is the user's own. */
const madeForSurvey = `f.id::text in (to_jsonb(s) ->> 'targeting_flag_id',
        to_jsonb(s) ->> 'internal_targeting_flag_id', to_jsonb(s) ->> 'internal_response_sampling_flag_id')`;

function remoteConfig({ remoteConfigs }: MainFeatures): string {
  if (!remoteConfigs) return '';
  return `
  (select r.config::text from posthog_remoteconfig r where r.team_id = $1) as remote_config,`;
}

/** Marks a flag that was made for a survey, which local evaluators do not get (H174). */
function ofSurvey({ surveys }: MainFeatures): string {
  return surveys
    ? `, 'is_of_survey', exists (select from posthog_survey s where s.team_id = f.team_id and ${madeForSurvey})`
    : '';
}
