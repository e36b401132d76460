import type { Row, Statement } from '../statements/statement.ts';
import { UnwritableError } from './unwritable-error.ts';
import { isWriteStatement } from './write-statement.ts';

/**
 * Columns that statements of this folder read, by table, with what they read as in an age of PostHog's schema that lacks them (M205). A
 * table that is missing has no rows.
 */
const read: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  posthog_featureflag: {
    created_by_id: 'null::int',
    last_modified_by_id: 'null::int',
    updated_at: 'null::timestamptz',
    last_called_at: 'null::timestamptz',
    version: 'null::int',
    ensure_experience_continuity: 'null::boolean',
    is_remote_configuration: 'null::boolean',
    has_encrypted_payloads: 'null::boolean',
    evaluation_runtime: 'null::text',
    bucketing_identifier: 'null::text',
  },
  posthog_tag: { id: 'null::uuid', team_id: 'null::int', name: 'null::text' },
  posthog_taggeditem: { id: 'null::uuid', tag_id: 'null::uuid', feature_flag_id: 'null::int' },
  posthog_evaluationcontext: { id: 'null::uuid', team_id: 'null::int', name: 'null::text' },
  posthog_featureflagevaluationcontext: { feature_flag_id: 'null::int', evaluation_context_id: 'null::uuid' },
  posthog_cohort: {
    created_by_id: 'null::int',
    created_at: 'null::timestamptz',
    last_calculation: 'null::timestamptz',
    version: 'null::int',
    pending_version: 'null::int',
  },
  posthog_cohortpeople: { cohort_id: 'null::int', person_id: 'null::bigint' },
  posthog_earlyaccessfeature: {
    id: 'null::uuid',
    team_id: 'null::int',
    feature_flag_id: 'null::int',
    name: 'null::text',
    description: 'null::text',
    stage: 'null::text',
    documentation_url: 'null::text',
    created_at: 'null::timestamptz',
  },
  posthog_scheduledchange: {
    id: 'null::int',
    team_id: 'null::int',
    created_by_id: 'null::int',
    created_at: 'null::timestamptz',
    updated_at: 'null::timestamptz',
    record_id: 'null::text',
    model_name: 'null::text',
    payload: 'null::jsonb',
    scheduled_at: 'null::timestamptz',
    executed_at: 'null::timestamptz',
    failure_reason: 'null::text',
    is_recurring: 'false',
    recurrence_interval: 'null::text',
    cron_expression: 'null::text',
    last_executed_at: 'null::timestamptz',
    end_date: 'null::timestamptz',
    timezone: 'null::text',
  },
  posthog_activitylog: {
    id: 'null::uuid',
    team_id: 'null::int',
    user_id: 'null::int',
    is_system: 'false',
    activity: 'null::text',
    scope: 'null::text',
    item_id: 'null::text',
    detail: 'null::jsonb',
    created_at: 'null::timestamptz',
  },
  posthog_person: { is_deleted: 'false' },
  posthog_persondistinctid: { is_deleted: 'false' },
  posthog_grouptypemapping: { name_singular: 'null::text', name_plural: 'null::text' },
  halyard_flag_calls: { team_id: 'null::int', day: 'null::date' },
};

/** Where evaluation contexts were before they had tables of their own (D11). */
const formerContexts: Readonly<Record<string, string>> = {
  posthog_evaluationcontext: 'select id, team_id, name from posthog_tag',
  posthog_featureflagevaluationcontext:
    'select feature_flag_id, tag_id as evaluation_context_id from posthog_featureflagevaluationtag',
};

/** What is written of a table. */
interface Written {
  /** What people call what is written there. */
  readonly kind: string;
  /** Without these nothing can be written. */
  readonly needed: readonly string[];
  /** Filled where a schema has them (M205). */
  readonly also?: readonly string[];
  readonly deletes?: boolean;
}

const words = (text: string): readonly string[] => text.split(' ');

const flags = 'Flags';
const written: Readonly<Record<string, Written>> = {
  posthog_featureflag: {
    kind: flags,
    needed: words('team_id key name filters active deleted created_at'),
    also: words(
      `id ensure_experience_continuity created_by_id last_modified_by_id updated_at version archived is_remote_configuration has_encrypted_payloads evaluation_runtime bucketing_identifier`,
    ),
  },
  posthog_activitylog: {
    kind: flags,
    needed: words(
      'id team_id organization_id user_id was_impersonated is_system activity scope item_id detail created_at',
    ),
  },
  posthog_tag: { kind: 'Tags', needed: words('id team_id name') },
  posthog_taggeditem: { kind: 'Tags', needed: words('id tag_id feature_flag_id'), deletes: true },
  posthog_evaluationcontext: { kind: 'Evaluation contexts', needed: words('id team_id name created_at') },
  posthog_featureflagevaluationcontext: {
    kind: 'Evaluation contexts',
    needed: words('feature_flag_id evaluation_context_id created_at'),
    also: ['id'],
    deletes: true,
  },
  posthog_cohort: {
    kind: 'Cohorts',
    needed: words('team_id name description deleted filters groups is_static is_calculating errors_calculating'),
    also: words('id created_by_id created_at'),
  },
  posthog_cohortpeople: { kind: 'Cohorts', needed: words('cohort_id person_id'), also: ['id'], deletes: true },
  posthog_earlyaccessfeature: {
    kind: 'Early access features',
    needed: words('id team_id feature_flag_id created_at name description stage documentation_url'),
    deletes: true,
  },
  posthog_scheduledchange: {
    kind: 'Scheduled changes',
    needed: words('team_id record_id model_name payload scheduled_at executed_at failure_reason'),
    also: words(
      'id created_by_id created_at updated_at is_recurring recurrence_interval cron_expression end_date last_executed_at failure_count timezone',
    ),
    deletes: true,
  },
};

const tables = [
  ...new Set([...Object.keys(read), ...Object.keys(written), 'posthog_featureflagevaluationtag']),
].toSorted();

/** What there is of these tables, and what this role may do with them. */
export const schemaStatement: Statement = {
  text: `select c.relname as name, jsonb_agg(jsonb_build_object('name', a.attname, 'needed', a.attnotnull and not a.atthasdef
    and a.attidentity = '' and a.attgenerated = ''))::text as columns,
  (has_table_privilege(c.oid, 'insert') and has_table_privilege(c.oid, 'update'))::text as may_write,
  has_table_privilege(c.oid, 'delete')::text as may_delete
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
 where c.oid in (select to_regclass(n) from unnest($1::text[]) n) group by c.oid, c.relname order by c.relname`,
  values: [tables],
};

/** What of this folder's tables a database of PostHog's lacks, and statements that do without (M203, M205). */
export class SchemaGaps {
  readonly #columns: ReadonlyMap<string, ReadonlySet<string>>;
  /** What stands for a table in statements that read, by its name. */
  readonly #standIns = new Map<string, string>();
  readonly #problems = new Map<string, readonly string[]>();

  /** @param rows of `schemaStatement` */
  constructor(rows: readonly Row[]) {
    const found = new Map(rows.map((row) => [row['name'] ?? '', tableFromRow(row)]));
    this.#columns = new Map([...found].map(([name, { columns }]) => [name, new Set(columns.map((one) => one.name))]));
    for (const [name, columns] of Object.entries(read)) {
      const standIn = this.#standIn(name, columns);
      if (standIn !== null) this.#standIns.set(name, standIn);
    }
    for (const [name, one] of Object.entries(written)) {
      const problems = tableProblems(name, one, found.get(name));
      if (problems.length > 0) this.#problems.set(name, problems);
    }
  }

  /** Why flags and their history cannot be written, each as a sentence that names the table; none: they can. */
  get flagProblems(): readonly string[] {
    return [...this.#problems].flatMap(([table, problems]) => (written[table]?.kind === flags ? problems : []));
  }

  /** What else cannot be written, each as a sentence that names it. */
  get otherProblems(): readonly string[] {
    return [...this.#problems.keys()].flatMap((table) =>
      written[table]?.kind === flags ? [] : [this.#sentence(table)],
    );
  }

  /**
   * The statement as it can be asked here.
   *
   * @throws {UnwritableError} for what cannot be written here
   */
  fitted(statement: Statement): Statement {
    let { text, values } = statement;
    for (const [, table = ''] of text.matchAll(/\b(?:insert into|update|delete from) (posthog_\w+)/g)) {
      if (this.#problems.has(table)) throw new UnwritableError(this.#sentence(table));
    }
    if (isWriteStatement(statement)) {
      const { table, cells } = statement;
      const lacking = new Set(Object.keys(cells).filter((name) => this.#columns.get(table)?.has(name) !== true));
      const archived = cells['archived'];
      if (lacking.has('archived') && archived !== undefined && 'value' in archived && archived.value === true) {
        throw new UnwritableError('This database of PostHog’s cannot keep archived flags.', 'archived');
      }
      if (lacking.size > 0) ({ text, values } = statement.without(lacking));
    }
    return { text: text.replaceAll(READING, this.#replaced), values };
  }

  readonly #replaced = (whole: string, word: string, table: string, alias: string | undefined): string => {
    const standIn = this.#standIns.get(table);
    return standIn === undefined ? whole : `${word} (${standIn}) ${alias ?? table}`;
  };

  #sentence(table: string): string {
    return `${written[table]?.kind} cannot be changed here: ${this.#problems.get(table)?.join(' ')}`;
  }

  #standIn(name: string, columns: Readonly<Record<string, string>>): string | null {
    const there = this.#columns.get(name);
    const lacking = Object.entries(columns).filter(([column]) => there?.has(column) !== true);
    const added = lacking.map(([column, value]) => `${value} as ${column}`).join(', ');
    if (there !== undefined) return lacking.length === 0 ? null : `select own.*, ${added} from ${name} own`;
    const former = formerContexts[name];
    if (former !== undefined && this.#columns.has('posthog_featureflagevaluationtag')) return former;
    return lacking.length === 0 ? null : `select ${added} where false`;
  }
}

/**
 * What is there is known from the catalogue; only where a table's name stands is looked for in the text. Views of the same names would do
 * without that, and nothing may be created in a database of PostHog's, not even for a session. The test with PostHog's tables asks every
 * route on every age of them.
 *
 * A table that is read, with the name that a statement gives it. What is deleted from is not read.
 */
const READING =
  /(?<!delete )\b(from|join) ((?:posthog|halyard)_\w+)(?: (?!(?:where|on|order|join|cross|left|limit|group|for|returning|set)\b)(\w+))?/g;

interface FoundTable {
  readonly columns: readonly { readonly name: string; readonly needed: boolean }[];
  readonly mayWrite: boolean;
  readonly mayDelete: boolean;
}

function tableFromRow(row: Row): FoundTable {
  return {
    columns: JSON.parse(row['columns'] ?? '[]') as FoundTable['columns'],
    mayWrite: row['may_write'] === 'true',
    mayDelete: row['may_delete'] === 'true',
  };
}

function tableProblems(
  table: string,
  { needed, also = [], deletes = false }: Written,
  found: FoundTable | undefined,
): readonly string[] {
  if (found === undefined) return [`There is no table ${table}.`];
  const { columns, mayWrite, mayDelete } = found;
  const missing = needed.filter((column) => !columns.some(({ name }) => name === column));
  const unknown = columns.filter((column) => column.needed && ![...needed, ...also].includes(column.name));
  return [
    ...(missing.length === 0 ? [] : [`${table} lacks ${missing.join(', ')}.`]),
    ...(unknown.length === 0
      ? []
      : [`${table} needs ${unknown.map(({ name }) => name).join(', ')}, which Halyard does not know.`]),
    ...(mayWrite ? [] : [`This role may not insert and update in ${table}.`]),
    ...(mayDelete || !deletes ? [] : [`This role may not delete from ${table}.`]),
  ];
}
