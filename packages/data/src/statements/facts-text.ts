import { cookielessSentinel } from '../sticky-keys.ts';
import type { FactsQuestion } from './facts-question.ts';
import { personRows } from './person-rows.ts';
import type { PersonsFeatures } from './persons-features.ts';
import { pickByList, pickBySlot } from './picked-keys.ts';
import type { StatementValue } from './statement.ts';

/** With more keys than this the list form is used, so that the number of distinct texts stays small. */
const mostSlots = 24;

/** What decides a statement's text. Everything else is a parameter. */
export interface TextForm {
  readonly person: boolean;
  readonly createdAt: boolean;
  /** Property keys as parameters of their own; -1: as a list. */
  readonly slots: number;
  readonly staticCohorts: boolean;
  /** How many. */
  readonly groups: number;
  readonly stickyKeys: 'none' | 'own' | 'both';
}

/** Where the text finds its values: SQL such as `$2` or `b.own`. */
export interface References {
  /** The ticket that comes back. */
  readonly asked: string;
  readonly own: string;
  readonly other: string;
  readonly cohorts: string;
  readonly groups: readonly {
    readonly index: string;
    readonly key: string;
    readonly names: string;
    readonly prefixes: string;
  }[];
  /** One pair per key; in the list form a single pair of arrays. */
  readonly slots: readonly (readonly [name: string, prefix: string])[];
}

export function textForm(question: FactsQuestion): TextForm {
  const keys = question.person?.names.length ?? 0;
  return {
    person: question.person !== null,
    createdAt: question.createdAt,
    slots: keys <= mostSlots ? keys : -1,
    staticCohorts: question.staticCohorts.length > 0,
    groups: question.groups.length,
    stickyKeys: question.stickyKeys,
  };
}

/** Equal names mean equal texts. */
export function textName(text: TextForm, features: PersonsFeatures): string {
  return `facts_${text.person ? `p${text.slots < 0 ? 'l' : text.slots}` : ''}_${text.createdAt ? 'c' : ''}_${
    text.staticCohorts ? 's' : ''
  }_${text.groups > 0 ? `g${text.groups}` : ''}_${
    text.stickyKeys === 'none' ? '' : text.stickyKeys === 'own' ? 'k1' : 'k2'
  }_${features.personTombstones ? 't' : ''}_${features.distinctIdTombstones ? 'd' : ''}`;
}

/** Numbers the parameters of a text as they are called for; `$1` is the team. */
export function parameters(): () => string {
  let last = 1;
  return () => `$${(last += 1)}`;
}

/** The parameters of the person's keys; `pushKeys` gives their values in the same order. */
export function slotParameters(text: TextForm, parameter: () => string): References['slots'] {
  return Array.from({ length: Math.abs(text.slots) }, () => [parameter(), parameter()] as const);
}

export function pushKeys(values: StatementValue[], text: TextForm, { person }: FactsQuestion): void {
  const { names, prefixes } = person ?? { names: [], prefixes: [] };
  if (text.slots < 0) values.push(names, prefixes);
  for (let slot = 0; slot < text.slots; slot += 1) values.push(names[slot] ?? null, prefixes[slot] ?? null);
}

/** One row with the columns `person created_at static_cohorts sticky_keys groups asked`; the team is `$1`. */
export function writeText(text: TextForm, refs: References, features: PersonsFeatures): string {
  const { own } = refs;
  const ids = text.stickyKeys === 'both' ? `in (${own}, ${refs.other})` : `= ${own}`;
  const cohorts = text.staticCohorts
    ? `array_to_string(array(
        select c.cohort_id from posthog_cohortpeople c
         where c.person_id = o.id and c.cohort_id = any (${refs.cohorts}::int[])), ',')`
    : 'null::text';
  const groups = refs.groups.map(groupText);
  const [list] = refs.slots;
  const properties =
    text.slots < 0 && list !== undefined
      ? pickByList('o.properties', `unnest(${list[0]}::text[], ${list[1]}::text[]) as k (name, prefix)`)
      : pickBySlot('o.properties', refs.slots);
  const createdAt = text.createdAt
    ? `replace(to_char(o.created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '.000000Z', 'Z')`
    : 'null::text';
  const owners = `select p.id${text.person ? ', p.properties, p.created_at' : ''}, d.distinct_id = ${own} as own
    from ${personRows(ids, features)}`;
  const sticky = text.stickyKeys !== 'none';
  const person = text.person
    ? `left join lateral (
  select ${properties} as person, ${createdAt} as created_at, ${cohorts} as static_cohorts
    from (select id, created_at, properties || '{}' as properties
            from ${sticky ? 'owners' : `(${owners}) owners`} where own offset 0) o
) x on true`
    : `cross join (select null::text as person, null::text as created_at, null::text as static_cohorts) x`;
  return `${sticky ? `with owners as materialized (${owners})\n` : ''}select x.person, x.created_at, x.static_cohorts,
  ${sticky ? stickyKeysText : 'null::text'} as sticky_keys,
  ${groups.length === 0 ? 'null::text' : `concat('{', concat_ws(',', ${groups.join(', ')}), '}')`} as groups, ${refs.asked}::text as asked
from (select 1) one ${person}`;
}

// Prepared plans are made for no team in particular. `lateral` with `offset 0` holds the planner to one index probe per
// person, where it would otherwise read everything that a team has, taking it for little.

/** `null`: no such person. Otherwise a list of [own, flag key, hash key] over the persons found (D115). */
const stickyKeysText = `case when exists (select from owners) then coalesce((
    select json_agg(json_build_array(coalesce(t.own, false), k.feature_flag_key, k.hash_key))
      from (select id, bool_or(own) as own from owners group by id) t
     cross join lateral (
       select feature_flag_key, hash_key from posthog_featureflaghashkeyoverride
        where team_id = $1 and person_id = t.id and hash_key <> '${cookielessSentinel}' offset 0) k), '[]')::text end`;

/** A member of a JSON object, index → properties; null when there is no such group. */
function groupText({ index, key, names, prefixes }: References['groups'][number]): string {
  const wanted = `unnest(${names}::text[], ${prefixes}::text[]) as k (name, prefix)`;
  return `(select concat('"', ${index}::int, '":', ${pickByList('g.properties', wanted)})
     from (select group_properties || '{}' as properties from posthog_group
            where team_id = $1 and group_key = ${key} and group_type_index = ${index}::int offset 0) g)`;
}
