import { isObject, type JsonObject, type JsonValue, parseDefinitions, parseStored } from '@halyard/json';
import { oneByOne } from '../import/batches.ts';
import { importBatches, type ImportOptions, type ImportReport } from '../import/import-batches.ts';
import { lockStatement } from '../import/import-statements.ts';
import type { Definitions } from '@halyard/engine';
import { contextNames } from '../statements/definitions-statement.ts';
import type { Row, Statement } from '../statements/statement.ts';
import { tableFeaturesFromRow, tableFeaturesStatement } from '../statements/table-features.ts';
import type { Work } from './transactions.ts';

/** A flag as it is stored, to be written into a file. */
export interface StoredFlag {
  readonly key: string;
  /** The columns as one object, as in `Definitions.flags`, contexts included. */
  readonly row: JsonObject;
  /** Its text: another one means that somebody changed the flag. */
  readonly text: string;
}

/** A project's definitions as they are stored, with what only files want to know of them. */
export interface StoredCode {
  readonly teamId: number;
  readonly token: string;
  readonly name: string;
  readonly timezone: string;
  readonly propertyMatchingVersion: number;
  /** By key. Deleted ones are left out. */
  readonly flags: readonly StoredFlag[];
  /** By id, as in `Definitions.cohorts`, with their descriptions. Deleted ones are left out. */
  readonly cohorts: readonly JsonObject[];
  /** Group type index as text → name. */
  readonly groupTypes: Readonly<Record<string, string>>;
}

/**
 * Reads a project's definitions from whatever age of the tables; `null`: there is no project with that token.
 *
 * @param lock keep the flags as they are until the transaction ends
 */
export function* storedCode(token: string, lock = false): Work<StoredCode | null> {
  const [features] = yield tableFeaturesStatement;
  const [team] = yield teamStatement(token);
  if (team === undefined) return null;
  const teamId = Number(team['id']);
  const flags = yield flagsStatement(teamId, contextNames(tableFeaturesFromRow(features)), lock);
  const cohorts = yield cohortsStatement(teamId);
  const [types] = yield groupTypesStatement(teamId);
  const columns = objectOf(team['team']);
  const version = columns['property_matching_version'];
  return {
    teamId,
    token,
    name: textOr(columns['name'], ''),
    timezone: textOr(columns['timezone'], 'UTC'),
    propertyMatchingVersion: version === 2 ? 2 : 1,
    flags: flags.map((row) => storedFlag(row)),
    cohorts: cohorts.map(({ cohort }) => objectOf(cohort)),
    groupTypes: JSON.parse(types?.['mapping'] ?? '{}') as Record<string, string>,
  };
}

function storedFlag({ flag }: Row): StoredFlag {
  const text = flag ?? '{}';
  const row = parseDefinitions(text) as JsonObject;
  return { key: textOr(row['key'], ''), row, text };
}

function objectOf(text: string | null | undefined): JsonObject {
  const value = parseStored(text ?? '{}');
  return isObject(value) ? value : {};
}

function textOr(value: JsonValue | undefined, fallback: string): string {
  return typeof value === 'string' ? value : fallback;
}

/** A flag is not what it was when the change was planned. */
export class ChangedMeanwhile extends Error {
  override readonly name = 'ChangedMeanwhile';
  readonly keys: readonly string[];

  constructor(keys: readonly string[]) {
    super(`somebody changed ${keys.join(', ')} in the meantime`);
    this.keys = keys;
  }
}

/**
 * Writes definitions in the transaction that it is part of, unless a flag is not what it was when they were planned.
 *
 * @param seen key → the text of the flag as it was read; null: there was none
 * @throws {ChangedMeanwhile}
 */
export function* writeCode(
  definitions: Definitions,
  seen: ReadonlyMap<string, string | null>,
  options: ImportOptions,
): Work<ImportReport> {
  yield lockStatement;
  const now = yield* storedCode(options.token, true);
  const texts = new Map(now?.flags.map(({ key, text }) => [key, text]));
  const changed = [...seen].filter(([key, text]) => (texts.get(key) ?? null) !== text).map(([key]) => key);
  if (changed.length > 0) throw new ChangedMeanwhile(changed);
  return yield* oneByOne(importBatches(definitions, options));
}

/** Whether an experiment uses flags, by their ids: the API has no field for it, and answers carry it. */
export function hasExperimentsStatement(flags: readonly (readonly [id: number, value: boolean])[]): Statement {
  return {
    text: `update posthog_featureflag f set has_experiment = w.value from unnest($1::int[], $2::text[]::boolean[]) as w (id, value)
 where f.id = w.id and coalesce(f.has_experiment, false) <> w.value`,
    values: [flags.map(([id]) => id), flags.map(([, value]) => String(value))],
  };
}

function teamStatement(token: string): Statement {
  return {
    text: `select t.id::text as id, json_build_object('name', row -> 'name', 'timezone', row -> 'timezone',
  'property_matching_version', row -> 'property_matching_version')::text as team
from posthog_team t cross join lateral (select to_jsonb(t) as row offset 0) r where t.api_token = $1`,
    values: [token],
  };
}

/** In the order of the columns as files have them. */
const flagColumns = [
  'id',
  'key',
  'name',
  'active',
  'archived',
  'version',
  'ensure_experience_continuity',
  'evaluation_runtime',
  'bucketing_identifier',
  'is_remote_configuration',
  'has_encrypted_payloads',
  'has_experiment',
  'filters',
] as const;

function flagsStatement(teamId: number, contexts: string, lock: boolean): Statement {
  return {
    text: `select json_build_object(${columnsOf(flagColumns)}, 'evaluation_contexts', ${contexts},
  'tags', (select coalesce(json_agg(t.name order by t.name), '[]') from posthog_taggeditem i
    join posthog_tag t on t.id = i.tag_id where i.feature_flag_id = f.id))::text as flag
from posthog_featureflag f cross join lateral (select to_jsonb(f) as row offset 0) r
where f.team_id = $1 and not f.deleted order by f.key collate "C"${lock ? ' for update of f' : ''}`,
    values: [teamId],
  };
}

const cohortColumns = [
  'id',
  'name',
  'description',
  'is_static',
  'cohort_type',
  'last_backfill_person_properties_at',
  'last_backfill_events_at',
  'filters',
  'groups',
] as const;

function cohortsStatement(teamId: number): Statement {
  return {
    text: `select json_build_object(${columnsOf(cohortColumns)})::text as cohort
from posthog_cohort c cross join lateral (select to_jsonb(c) as row offset 0) r
where c.team_id = $1 and not c.deleted order by c.id`,
    values: [teamId],
  };
}

function groupTypesStatement(teamId: number): Statement {
  return {
    text: `select coalesce(json_object_agg(m.group_type_index, m.group_type order by m.group_type_index), '{}')::text as mapping
from posthog_grouptypemapping m where m.team_id = $1`,
    values: [teamId],
  };
}

function columnsOf(names: readonly string[]): string {
  return names.map((name) => `'${name}', row -> '${name}'`).join(', ');
}
