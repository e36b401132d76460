import type { Row, Statement } from '../statements/statement.ts';
import type { Work } from './transactions.ts';

/** Which columns the statements of this folder write, by table (M203): those that a write cannot do without. */
const written: Readonly<Record<string, readonly string[]>> = {
  posthog_featureflag:
    'team_id key name filters active deleted ensure_experience_continuity created_by_id last_modified_by_id created_at updated_at version'.split(
      ' ',
    ),
  posthog_activitylog:
    'id team_id organization_id user_id was_impersonated is_system activity scope item_id detail created_at'.split(' '),
  posthog_tag: 'id team_id name'.split(' '),
  posthog_taggeditem: 'id tag_id feature_flag_id'.split(' '),
  posthog_scheduledchange:
    'team_id created_by_id created_at updated_at record_id model_name payload scheduled_at is_recurring recurrence_interval cron_expression end_date failure_count timezone'.split(
      ' ',
    ),
};

/** Columns that a write fills where a schema has them. */
const alsoWritten = new Set(
  'id archived is_remote_configuration has_encrypted_payloads evaluation_runtime bucketing_identifier'.split(' '),
);

const columnsStatement: Statement = {
  text: `select c.relname as name, jsonb_agg(jsonb_build_object('name', a.attname, 'needed', a.attnotnull and not a.atthasdef
    and a.attidentity = '' and a.attgenerated = ''))::text as columns,
  (has_table_privilege(c.oid, 'insert') and has_table_privilege(c.oid, 'update'))::text as may_write
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
 where c.oid in (select to_regclass(n) from unnest($1::text[]) n) group by c.oid, c.relname order by c.relname`,
  values: [Object.keys(written)],
};

/** Why PostHog's tables cannot be written directly (M202, M203), each as a sentence that names the table; none: they can. */
export function* directWriteProblems(): Work<readonly string[]> {
  const rows = yield columnsStatement;
  return Object.entries(written).flatMap(([table, columns]) => {
    const row = rows.find(({ name }) => name === table);
    return row === undefined ? [`There is no table ${table}.`] : tableProblems(table, columns, row);
  });
}

function tableProblems(table: string, columns: readonly string[], row: Row): readonly string[] {
  const found = JSON.parse(row['columns'] ?? '[]') as { readonly name: string; readonly needed: boolean }[];
  const missing = columns.filter((column) => !found.some(({ name }) => name === column));
  const unknown = found.filter(({ name, needed }) => needed && !columns.includes(name) && !alsoWritten.has(name));
  return [
    ...(missing.length === 0 ? [] : [`${table} lacks ${missing.join(', ')}.`]),
    ...(unknown.length === 0
      ? []
      : [`${table} needs ${unknown.map(({ name }) => name).join(', ')}, which Halyard does not know.`]),
    ...(row['may_write'] === 'true' ? [] : [`This role may not insert and update in ${table}.`]),
  ];
}
