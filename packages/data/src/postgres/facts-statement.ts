import type { FactPlan, GroupPlan } from '@halyard/engine';
import { cookielessSentinel } from '../sticky-keys.ts';
import { canBeStored, isInteger32 } from '../stored-text.ts';
import { personRows } from './person-rows.ts';
import type { PersonsShape } from './persons-shape.ts';
import { pickByList, pickBySlot, pickedKeys } from './picked-keys.ts';
import type { Statement, StatementValue } from './statement.ts';

/** With more keys than this the list form is used, so that the number of distinct texts stays small. */
const mostSlots = 24;

/** What decides a statement's text. Everything else is a parameter. */
interface TextShape {
  readonly person: boolean;
  readonly createdAt: boolean;
  /** Property keys as parameters of their own; -1: as a list. */
  readonly slots: number;
  readonly staticCohorts: boolean;
  /** How many. */
  readonly groups: number;
  readonly stickyKeys: 'none' | 'own' | 'both';
}

/**
 * The one statement that answers a plan: person, static membership, groups and sticky keys together, from one snapshot
 * (D116). It returns one row with the columns `person created_at static_cohorts sticky_keys groups`; `factsFromRow`
 * reads it. Only the planned property keys leave the database, and a document is unpacked once.
 *
 * `null`: nothing that the plan asks for can exist, so there is nothing to ask.
 */
export function factsStatement(plan: FactPlan, shape: PersonsShape): Statement | null {
  if (!isInteger32(plan.teamId)) return null;
  const own = canBeStored(plan.distinctId) ? plan.distinctId : null;
  const anon = plan.stickyKeys?.anonDistinctId ?? null;
  const other = anon !== null && canBeStored(anon) ? anon : null;
  const groups = plan.groups.filter(({ index, key }) => isInteger32(index) && canBeStored(key));
  const cohorts = plan.staticCohorts.filter(isInteger32);
  const person = own !== null && (plan.person !== null || cohorts.length > 0);
  const stickyKeys = plan.stickyKeys === null || (own ?? other) === null ? 'none' : other === null ? 'own' : 'both';
  if (!person && groups.length === 0 && stickyKeys === 'none') return null;

  const { names, prefixes } = pickedKeys(plan.person?.keys ?? []);
  const text: TextShape = {
    person,
    createdAt: person && plan.person?.createdAt === true,
    slots: !person ? 0 : names.length <= mostSlots ? names.length : -1,
    staticCohorts: person && cohorts.length > 0,
    groups: groups.length,
    stickyKeys,
  };
  const values: StatementValue[] = [plan.teamId];
  if (person || stickyKeys !== 'none') values.push(own);
  if (stickyKeys === 'both') values.push(other);
  if (text.staticCohorts) values.push(cohorts);
  for (const group of groups) values.push(...groupValues(group));
  if (text.slots < 0) values.push(names, prefixes);
  for (let slot = 0; slot < text.slots; slot += 1) values.push(names[slot] ?? null, prefixes[slot] ?? null);
  return { ...textOf(text, shape), values };
}

/** A group as a pair (D57), and the keys wanted of it. */
function groupValues({ index, key, keys }: GroupPlan): StatementValue[] {
  const { names, prefixes } = pickedKeys(keys);
  return [index, key, names, prefixes];
}

interface NamedText {
  readonly name: string;
  readonly text: string;
}

const texts = new Map<string, NamedText>();

function textOf(text: TextShape, shape: PersonsShape): NamedText {
  const name = [
    'facts',
    text.person ? `p${text.slots < 0 ? 'l' : text.slots}` : '',
    text.createdAt ? 'c' : '',
    text.staticCohorts ? 's' : '',
    text.groups > 0 ? `g${text.groups}` : '',
    text.stickyKeys === 'none' ? '' : text.stickyKeys === 'own' ? 'k1' : 'k2',
    shape.personTombstones ? 't' : '',
    shape.distinctIdTombstones ? 'd' : '',
  ].join('_');
  let known = texts.get(name);
  if (known === undefined) {
    known = { name, text: writeText(text, shape) };
    texts.set(name, known);
  }
  return known;
}

function writeText(text: TextShape, shape: PersonsShape): string {
  let last = 1;
  const parameter = () => `$${(last += 1)}`;
  const own = text.person || text.stickyKeys !== 'none' ? parameter() : '';
  const ids = text.stickyKeys === 'both' ? `in (${own}, ${parameter()})` : `= ${own}`;
  const cohorts = text.staticCohorts
    ? `array_to_string(array(
        select c.cohort_id from posthog_cohortpeople c
         where c.person_id = o.id and c.cohort_id = any (${parameter()}::int[])), ',')`
    : 'null::text';
  const groups = Array.from({ length: text.groups }, () =>
    groupText(parameter(), parameter(), parameter(), parameter()),
  );
  const properties =
    text.slots < 0
      ? pickByList('o.properties', `unnest(${parameter()}::text[], ${parameter()}::text[]) as k (name, prefix)`)
      : pickBySlot(
          'o.properties',
          Array.from({ length: text.slots }, () => [parameter(), parameter()] as const),
        );
  const createdAt = text.createdAt
    ? `replace(to_char(o.created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '.000000Z', 'Z')`
    : 'null::text';
  const owners = `select p.id${text.person ? ', p.properties, p.created_at' : ''}, d.distinct_id = ${own} as own
    from ${personRows(ids, shape)}`;
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
  ${groups.length === 0 ? 'null::text' : `concat('{', concat_ws(',', ${groups.join(', ')}), '}')`} as groups
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
function groupText(index: string, key: string, names: string, prefixes: string): string {
  const wanted = `unnest(${names}::text[], ${prefixes}::text[]) as k (name, prefix)`;
  return `(select concat('"', ${index}::int, '":', ${pickByList('g.properties', wanted)})
     from (select group_properties || '{}' as properties from posthog_group
            where team_id = $1 and group_key = ${key} and group_type_index = ${index}::int offset 0) g)`;
}
