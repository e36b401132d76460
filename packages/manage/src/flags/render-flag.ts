import {
  cohortNamesStatement,
  countedSinceStatement,
  groupNamesStatement,
  type Row,
  type Work,
} from '@halyard/data/management';
import { isList, type JsonObject, member, textOf } from '@halyard/json';
import { ask, type CommandContext } from '../command.ts';
import { cohortIdOf, propertiesOf, withProperties } from '../filters/walk.ts';
import { creatorId, type Flag } from './flag.ts';
import { statusOf, variantsOf } from './status.ts';
import { shownFilters } from './secret-payloads.ts';

/** What flags are shown with and their rows do not hold. */
interface Surroundings {
  readonly cohortNames: ReadonlyMap<number, string | null>;
  /** By group type index and key. */
  readonly groupNames: ReadonlyMap<string, string>;
  readonly countedSince: number | null;
}

/** Flags as the API shows them (M30 to M32), in a number of statements that does not grow with them (M37). */
export function* renderFlags(context: CommandContext, flags: readonly Flag[]): Work<readonly JsonObject[]> {
  const surroundings = yield* loadSurroundings(context, flags);
  return flags.map((flag) => renderFlag(context, flag, surroundings));
}

export function* renderOne(context: CommandContext, flag: Flag): Work<JsonObject> {
  const [rendered] = yield* renderFlags(context, [flag]);
  return rendered as JsonObject;
}

/** Since when calls of the project's flags are counted (M87), in milliseconds since the epoch. */
export function* countedSince({ teamId }: CommandContext): Work<number | null> {
  const [row] = yield* ask(countedSinceStatement(teamId));
  const time = Date.parse(row?.['since'] ?? '');
  return Number.isNaN(time) ? null : time;
}

function* loadSurroundings(context: CommandContext, flags: readonly Flag[]): Work<Surroundings> {
  const { teamId } = context;
  const properties = flags.flatMap(({ filters }) => propertiesOf(filters).map(({ property }) => property));
  const cohorts = properties.filter((property) => member(property, 'type') === 'cohort');
  const ids = [
    ...new Set(cohorts.map((property) => cohortIdOf(member(property, 'value'))).filter((id) => id !== null)),
  ];
  const named = ids.length === 0 ? [] : yield* ask(cohortNamesStatement(teamId, ids));
  const keys = [...new Set(properties.flatMap(groupKeysIn))];
  const groups = keys.length === 0 ? [] : yield* ask(groupNamesStatement(teamId, keys));
  return {
    cohortNames: new Map(named.map((row) => [Number(row['id']), row['name'] ?? null])),
    groupNames: new Map(groups.map((row) => [placeOf(row), row['name'] ?? ''])),
    countedSince: yield* countedSince(context),
  };
}

const placeOf = (row: Row) => `${row['index']} ${row['key']}`;

function groupKeysIn(property: JsonObject): readonly string[] {
  if (member(property, 'key') !== '$group_key') return [];
  const value = member(property, 'value') ?? null;
  return (isList(value) ? value : [value]).filter((one) => one !== null).map((one) => textOf(one));
}

function renderFlag(context: CommandContext, flag: Flag, surroundings: Surroundings): JsonObject {
  const { actor, now } = context;
  const { team_id: _, features, ...fields } = flag;
  const variants = variantsOf(flag.filters).length;
  const mayManage = actor.isAdmin || (actor.userId !== null && creatorId(flag) === actor.userId);
  return {
    ...fields,
    filters: namedFilters(shownFilters(context, flag), surroundings),
    status: statusOf(flag, now, surroundings.countedSince).status.toUpperCase(),
    features,
    can_edit: true,
    user_access_level: mayManage ? 'manager' : 'editor',
    experiment_set: [],
    experiment_set_metadata: [],
    surveys: [],
    analytics_dashboards: [],
    usage_dashboard: null,
    has_enriched_analytics: false,
    is_used_in_replay_settings: false,
    is_eligible_for_experiment: variants >= 2 && variants <= 20,
  };
}

/** M31: filters with names beside ids. */
function namedFilters(filters: JsonObject, surroundings: Surroundings): JsonObject {
  const groups = member(filters, 'groups');
  if (!isList(groups)) return filters;
  return {
    ...filters,
    groups: groups.map((group) => withProperties(group, (property) => withNames(property, surroundings))),
  };
}

function withNames(property: JsonObject, { cohortNames, groupNames }: Surroundings): JsonObject {
  if (member(property, 'type') === 'cohort') {
    const id = cohortIdOf(member(property, 'value'));
    return { ...property, cohort_name: id === null ? null : (cohortNames.get(id) ?? null) };
  }
  const keys = groupKeysIn(property);
  if (keys.length === 0) return property;
  const index = textOf(member(property, 'group_type_index') ?? null);
  const names = keys.map((key): [string, string] => [key, groupNames.get(`${index} ${key}`) ?? key]);
  return { ...property, group_key_names: Object.fromEntries(names) };
}
