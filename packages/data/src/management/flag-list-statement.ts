import type { Statement, StatementValue } from '../statements/statement.ts';
import { flagJson, targetsOf } from './flag-statements.ts';

/** Which flags of a project; absent members restrict nothing, all others must hold (M36). */
export interface FlagSelection {
  /** Part of key or name, whatever its case; a blank stands for any run of blanks, hyphens and underscores. */
  readonly search?: string;
  /** Whole key, whatever its case. */
  readonly key?: string;
  readonly active?: boolean;
  /** Unused: last called before the first moment, or since counting began never, made before it and on for all (M87). ISO 8601. */
  readonly stale?: { readonly before: string; readonly isCounted: boolean };
  /** `null`: both. */
  readonly archived: boolean | null;
  readonly type?: 'boolean' | 'multivariant' | 'experiment' | 'remote_config';
  readonly runtime?: string;
  readonly createdBy?: readonly number[];
  readonly tags?: readonly string[];
  readonly excludedTags?: readonly string[];
  readonly excludedKeys?: readonly string[];
  readonly hasContexts?: boolean;
  readonly eligibleForExperiment?: boolean;
  /** Id of a flag that they ask about. */
  readonly dependsOn?: number;
  /** Id of a cohort that they name themselves. */
  readonly usesCohort?: number;
}

export const flagOrders = [
  'key',
  'name',
  'active',
  'created_at',
  'updated_at',
  'last_called_at',
  'rollout',
  'variants',
  'tags',
] as const;

/** Where an order is no column: the largest share of a condition (none says 100), how many variants, the first tag. */
const computedOrders: Readonly<Partial<Record<(typeof flagOrders)[number], string>>> = {
  rollout: `greatest((select max((v #>> '{}')::numeric)
    from jsonb_path_query(f.filters, '$.groups[*].rollout_percentage ? (@.type() == "number")') v),
    case when f.filters @? '$.groups[*] ? (!exists(@.rollout_percentage) || @.rollout_percentage == null)' then 100 end)`,
  variants: `jsonb_array_length(jsonb_path_query_array(f.filters, '$.multivariate.variants[*]'))`,
  tags: `(select min(t.name) from posthog_taggeditem i join posthog_tag t on t.id = i.tag_id where i.feature_flag_id = f.id)`,
};

export interface FlagOrder {
  readonly by: (typeof flagOrders)[number];
  readonly isDescending: boolean;
}

/** A page of flags that are not deleted: rows `flag`. Equal ones come by id, so that pages do not overlap (M35). */
export function flagListStatement(
  teamId: number,
  selection: FlagSelection,
  order: FlagOrder,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Statement {
  const { where, values } = selected(teamId, selection);
  const direction = order.isDescending ? 'desc nulls last' : 'asc nulls first';
  const sorted = `order by ${computedOrders[order.by] ?? `f.${order.by}`} ${direction}, f.id desc`;
  // The page is picked first: what a flag is shown with is looked up for no other.
  return {
    text: `with picked as materialized (
  select p.id ${around} (select f.id from posthog_featureflag f where ${where}
    ${sorted} limit $${values.length + 1} offset $${values.length + 2}) p
)
select ${flagJson} from posthog_featureflag f where f.id in (select id from picked) ${sorted}`,
    values: [...values, limit, offset],
  };
}

/** How many there are: one row `total`. */
export function flagCountStatement(teamId: number, selection: FlagSelection): Statement {
  const { where, values } = selected(teamId, selection);
  return {
    text: `select p.total ${around} (select count(*)::text as total from posthog_featureflag f where ${where}) p`,
    values,
  };
}

/** Ids of all of them, newest first: rows `id`. */
export function flagIdsStatement(teamId: number, selection: FlagSelection): Statement {
  const { where, values } = selected(teamId, selection);
  return {
    text: `select p.id ${around} (select f.id::text from posthog_featureflag f where ${where}
  order by f.created_at desc, f.id desc) p`,
    values,
  };
}

// M205: a table without the column is one on which nothing is archived. The name means the column where there is one, and else what stands
// around the query; asking the row as JSON instead takes ten times as long for thousands of flags.
const isArchived = 'archived';
const around = 'from (select false as archived) missing cross join lateral';

const hasVariants = `f.filters @? '$.multivariate.variants[*]'`;
const forAll = `@.rollout_percentage == 100 && !exists(@.properties[*])`;
const isFull = `f.filters @? '$.groups[*] ? (${forAll})' and (not (${hasVariants})
  or f.filters @? '$.groups[*] ? (${forAll} && @.variant.type() == "string" && @.variant != "")'
  or f.filters @? '$.multivariate.variants[*] ? (@.rollout_percentage == 100)')`;
const linkedTags = `select from posthog_taggeditem i join posthog_tag t on t.id = i.tag_id where i.feature_flag_id = f.id and t.name`;

function selected(teamId: number, selection: FlagSelection): { where: string; values: StatementValue[] } {
  const values: StatementValue[] = [teamId];
  const conditions = ['f.team_id = $1', 'not f.deleted'];
  const place = (value: StatementValue): string => `$${values.push(value)}`;
  const add = <Value>(value: Value | undefined, condition: (value: Value) => string) => {
    if (value !== undefined) conditions.push(condition(value));
  };
  const yesOrNo = (wanted: boolean, condition: string) => (wanted ? `(${condition})` : `not (${condition})`);
  add(selection.archived ?? undefined, (wanted) => yesOrNo(wanted, isArchived));
  add(selection.search, (text) => {
    const pattern = place(searchPattern(text));
    return `(f.key ~* ${pattern} or f.name ~* ${pattern})`;
  });
  add(selection.key, (key) => `lower(f.key) = lower(${place(key)})`);
  add(selection.active, (wanted) => yesOrNo(wanted, 'f.active'));
  add(selection.stale, ({ before, isCounted }) => {
    const moment = `${place(before)}::timestamptz`;
    const neverCalled = isCounted ? `f.last_called_at is null and f.created_at < ${moment} and ${isFull}` : 'false';
    return `(f.active and not ${isArchived} and (f.last_called_at < ${moment} or (${neverCalled})))`;
  });
  add(selection.type, (type) => typeConditions[type]);
  add(selection.runtime, (runtime) => `f.evaluation_runtime = ${place(runtime)}`);
  add(selection.createdBy, (ids) => `f.created_by_id = any (${place(ids)}::int[])`);
  add(selection.tags, (names) => `exists (${linkedTags} = any (${place(names)}::text[]))`);
  add(selection.excludedTags, (names) => `not exists (${linkedTags} = any (${place(names)}::text[]))`);
  add(selection.excludedKeys, (keys) => `f.key <> all (${place(keys)}::text[])`);
  add(selection.hasContexts, (wanted) =>
    yesOrNo(wanted, 'exists (select from posthog_featureflagevaluationcontext l where l.feature_flag_id = f.id)'),
  );
  add(selection.eligibleForExperiment, (wanted) =>
    yesOrNo(
      wanted,
      `jsonb_array_length(jsonb_path_query_array(f.filters, '$.multivariate.variants[*]')) between 2 and 20`,
    ),
  );
  add(selection.dependsOn, (id) => `exists (select from (${targetsOf('f')}) d where d.targets ? ${place(String(id))})`);
  add(
    selection.usesCohort,
    (id) => `${place(String(id))} = any (select jsonb_array_elements_text(
    jsonb_path_query_array(f.filters, '$.groups[*].properties[*] ? (@.type == "cohort").value')))`,
  );
  return { where: conditions.join(' and '), values };
}

const typeConditions: Readonly<Record<NonNullable<FlagSelection['type']>, string>> = {
  boolean: `not (${hasVariants})`,
  multivariant: `(${hasVariants})`,
  experiment: `coalesce((to_jsonb(f) ->> 'has_experiment')::boolean, false)`,
  remote_config: 'coalesce(f.is_remote_configuration, false)',
};

/** The words of a search as a pattern of PostgreSQL's: everything is itself but what stands between words. */
function searchPattern(text: string): string {
  return text
    .split(/\s+/)
    .map((word) => word.replaceAll(/[^\p{L}\p{N}]/gu, String.raw`\$&`))
    .join(String.raw`[\s_-]+`);
}
