import type { Statement } from '../statements/statement.ts';
import { timeText, userBrief } from './shared-sql.ts';
import { cell, type Cells, insertion, rowChange } from './write-statement.ts';

/** The columns of a flag that a command writes; absent ones stay. `filters` is JSON text. */
export interface FlagColumns {
  readonly key?: string;
  readonly name?: string;
  readonly filters?: string;
  readonly active?: boolean;
  readonly archived?: boolean;
  readonly deleted?: boolean;
  readonly ensure_experience_continuity?: boolean | null;
  readonly is_remote_configuration?: boolean | null;
  readonly has_encrypted_payloads?: boolean | null;
  readonly evaluation_runtime?: string | null;
  readonly bucketing_identifier?: string | null;
}

const columnTypes: Readonly<Record<keyof FlagColumns, string>> = {
  key: 'text',
  name: 'text',
  filters: 'jsonb',
  active: 'boolean',
  archived: 'boolean',
  deleted: 'boolean',
  ensure_experience_continuity: 'boolean',
  is_remote_configuration: 'boolean',
  has_encrypted_payloads: 'boolean',
  evaluation_runtime: 'text',
  bucketing_identifier: 'text',
};

/** One flag whole, as JSON (M30): the row's fields, its labels, who made and changed it, the early access features that use it. */
export const flagJson = `json_build_object(
  'id', f.id, 'team_id', f.team_id, 'key', f.key, 'name', f.name, 'filters', f.filters, 'active', f.active,
  'archived', coalesce((to_jsonb(f) ->> 'archived')::boolean, false), 'deleted', f.deleted,
  'version', coalesce(f.version, 1), 'created_at', ${timeText('f.created_at')},
  'updated_at', ${timeText('f.updated_at')}, 'last_called_at', ${timeText('f.last_called_at')},
  'ensure_experience_continuity', f.ensure_experience_continuity,
  'is_remote_configuration', f.is_remote_configuration, 'has_encrypted_payloads', f.has_encrypted_payloads,
  'evaluation_runtime', f.evaluation_runtime, 'bucketing_identifier', f.bucketing_identifier,
  'tags', (select coalesce(json_agg(t.name order by t.name), '[]') from posthog_taggeditem i
    join posthog_tag t on t.id = i.tag_id where i.feature_flag_id = f.id),
  'evaluation_contexts', (select coalesce(json_agg(c.name order by c.name), '[]')
    from posthog_featureflagevaluationcontext l join posthog_evaluationcontext c on c.id = l.evaluation_context_id
    where l.feature_flag_id = f.id),
  'created_by', ${userBrief('f.created_by_id')}, 'last_modified_by', ${userBrief('f.last_modified_by_id')},
  'features', (select coalesce(json_agg(json_build_object('id', e.id, 'name', e.name, 'description', e.description,
      'stage', e.stage, 'documentationUrl', e.documentation_url, 'flagKey', f.key) order by e.created_at, e.id), '[]')
    from posthog_earlyaccessfeature e where e.feature_flag_id = f.id))::text as flag`;

/**
 * Commands on one project's flags take turns until they commit: no two of them close a cycle, take one key or lose an edit together
 * (M69, M82). One row `timezone` of the project, null where there is no such project.
 */
export function lockFlagsStatement(teamId: number): Statement {
  return {
    text: `select pg_advisory_xact_lock(hashtext('halyard manage'), $1::int)::text as locked,
  (select timezone from posthog_team where id = $1) as timezone`,
    values: [teamId],
  };
}

/** The project's time zone, without a lock: one row `timezone`, none where there is no such project. */
export function timezoneStatement(teamId: number): Statement {
  return { text: 'select timezone from posthog_team where id = $1', values: [teamId] };
}

/** Flags by id: rows `flag`, in the order of their ids; unknown ones and those of other projects are missing (M4). */
export function flagsByIdStatement(teamId: number, ids: readonly number[]): Statement {
  return {
    text: `select ${flagJson} from posthog_featureflag f where f.team_id = $1 and f.id = any ($2::int[]) order by f.id`,
    values: [teamId, ids],
  };
}

/** One flag, locked against whoever writes rows without taking turns: a row `flag`. */
export function lockedFlagStatement(teamId: number, id: number): Statement {
  return {
    text: `select ${flagJson} from posthog_featureflag f where f.team_id = $1 and f.id = $2 for no key update of f`,
    values: [teamId, id],
  };
}

/** Whoever holds a key: rows `id deleted`, at most one. */
export function keyHolderStatement(teamId: number, key: string): Statement {
  return {
    text: `select id::text, deleted::text from posthog_featureflag where team_id = $1 and key = $2`,
    values: [teamId, key],
  };
}

/** Which of these keys are taken in the project, by deleted flags too: rows `key`. */
export function takenKeysStatement(teamId: number, keys: readonly string[]): Statement {
  return {
    text: `select key from posthog_featureflag where team_id = $1 and key = any ($2::text[])`,
    values: [teamId, keys],
  };
}

/** Adds a flag with version 1: one row `id`. */
export function insertFlagStatement(
  teamId: number,
  userId: number | null,
  at: string,
  columns: FlagColumns & { readonly key: string },
): Statement {
  return insertion('posthog_featureflag', {
    team_id: cell(teamId, 'int'),
    created_by_id: cell(userId, 'int'),
    last_modified_by_id: cell(userId, 'int'),
    created_at: cell(at, 'timestamptz'),
    updated_at: cell(at, 'timestamptz'),
    version: { sql: '1' },
    ...cellsOf(columns),
  });
}

/** Writes the given columns and makes it the next version. */
export function updateFlagStatement(id: number, userId: number | null, at: string, columns: FlagColumns): Statement {
  return rowChange('posthog_featureflag', id, {
    ...cellsOf(columns),
    version: { sql: 'coalesce(version, 1) + 1' },
    last_modified_by_id: cell(userId, 'int'),
    updated_at: cell(at, 'timestamptz'),
  });
}

function cellsOf(columns: FlagColumns): Cells {
  const entries = (Object.keys(columnTypes) as (keyof FlagColumns)[]).flatMap((name) => {
    const value = columns[name];
    return value === undefined ? [] : [[name, cell(value, columnTypes[name])] as const];
  });
  return Object.fromEntries(entries);
}

/** Active flags of the project whose filters name one of these flags: rows `id key name targets`, by key; `targets` is a JSON list. */
export function dependentsStatement(teamId: number, ids: readonly number[]): Statement {
  return {
    text: `select f.id::text, f.key, f.name, d.targets::text as targets
  from posthog_featureflag f cross join lateral (${targetsOf('f')}) d
 where f.team_id = $1 and f.active and not f.deleted and d.targets ?| $2::text[] order by f.key, f.id`,
    values: [teamId, ids.map(String)],
  };
}

/** Every flag of the project that names others: rows `id key active targets`. */
export function dependenciesStatement(teamId: number): Statement {
  return {
    text: `select f.id::text, f.key, f.active::text, d.targets::text as targets
  from posthog_featureflag f cross join lateral (${targetsOf('f')}) d
 where f.team_id = $1 and not f.deleted and d.targets <> '[]'`,
    values: [teamId],
  };
}

/** Flags as others name them: rows `id key active deleted` of those that there are. */
export function flagNamesStatement(teamId: number, ids: readonly number[]): Statement {
  return {
    text: `select id::text, key, active::text, deleted::text from posthog_featureflag
 where team_id = $1 and id = any ($2::int[]) order by id`,
    values: [teamId, ids],
  };
}

/** The ids that a flag's filters name, as a JSON list `targets`. @param flag name of its row in the statement */
export function targetsOf(flag: string): string {
  return `select jsonb_path_query_array(${flag}.filters, '$.groups[*].properties[*] ? (@.type == "flag").key') as targets`;
}
