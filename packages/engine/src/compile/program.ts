import { type CohortDefinition, parseCohort } from '../definitions/cohort.ts';
import { type FlagDefinition, isOutside, parseFlag } from '../definitions/flag.ts';
import { isObject, type JsonValue, member } from '@halyard/json';
import { DefinitionError } from '../definitions/reader.ts';
import type { DefinitionProblem, Definitions } from '../definitions/types.ts';
import { type FactFailure, isFailure } from '../facts.ts';
import type { GroupTypes } from '../groups.ts';
import { CREATED_AT } from '../person-slot.ts';
import type { FlagInfo } from '../result.ts';
import { Run } from '../run.ts';
import { Cohorts } from './cohort.ts';
import { orderByDependencies } from './dependencies.ts';
import type { FilterScope } from './filter.ts';
import { FlagEvaluator } from './flag.ts';
import { FlagResults, ResultIds } from './flag-results.ts';
import { type FlagNeeds, flagNeeds, NEEDS_NOTHING } from './needs.ts';
import { Slots } from './slots.ts';

/** One flag of a Program. */
export interface ProgramFlag {
  readonly position: number;
  readonly info: FlagInfo;
  readonly definition: FlagDefinition;
  readonly results: FlagResults;
  /** `null`: the configuration is not supported here and the flag fails (E171). */
  readonly evaluator: FlagEvaluator | null;
  readonly needs: FlagNeeds;
  /** It depends, directly or not, on a flag that does not exist (E140). */
  readonly missingDependency: boolean;
  /** Positions of the flags it depends on directly. */
  readonly targets: readonly number[];
  /** Some request may leave it out: it is restricted to a runtime or to contexts (E167, E169). */
  readonly restricted: boolean;
}

/**
 * The definitions of one project, compiled: immutable, made once per change, shared by all requests.
 * What it finds wrong with single flags and cohorts stands in `problems`; those flags are left out (E9).
 */
export interface Program {
  readonly teamId: number;
  readonly problems: readonly DefinitionProblem[];
  /** Active flags in evaluation order. */
  readonly flags: readonly ProgramFlag[];
  /** Active flags in or behind a dependency cycle: never evaluated, but an error while they are eligible (E138). */
  readonly cyclic: readonly FlagDefinition[];
  readonly byKey: ReadonlyMap<string, ProgramFlag>;
  /** By position, inactive flags included: positions of the flags that a flag depends on directly (E136). */
  readonly targets: readonly (readonly number[])[];
  /** By position: ids that a flag names and that do not exist, for explanations. */
  readonly unknownTargets: ReadonlyMap<number, readonly number[]>;
  /** Inactive flags by key, for explanations. */
  readonly inactive: ReadonlySet<string>;
  readonly groupTypes: GroupTypes;
  readonly cohortsFailure: FactFailure | null;
  /** Stored person properties that filters may read; the same array for the Program's life. */
  readonly personKeys: readonly string[];
  readonly readsCreatedAt: boolean;
  readonly groupKeys: ReadonlyMap<number, readonly string[]>;
  /** Keys of all active flags with experience continuity (E156). */
  readonly continuityKeys: readonly string[];
  /** Union of what the flags ask of a request, so that most requests are planned without looking at each flag. */
  readonly unionNeeds: { readonly always: boolean; readonly personKeys: readonly string[]; readonly groups: boolean };
  readonly anyRestricted: boolean;
  /** Some flag depends on another, so results have to be recorded. */
  readonly anyDependency: boolean;
  /** Working state of `evaluate`; nothing else may touch it. */
  readonly run: Run;
}

/** Compiles a project's definitions. Never throws for their content: see `Program.problems`. */
export function compile(definitions: Definitions): Program {
  const problems: DefinitionProblem[] = [];
  const parsed = parseFlags(definitions.flags, problems);
  const { order, cyclic, missing, unknown, targets } = orderByDependencies(parsed);
  const slots = new Slots();
  // Inactive flags keep a position: others may depend on them and read `false` (E141).
  const positions = new Map(order.map((flag, position) => [flag.id, position]));
  const scope: FilterScope = {
    slots,
    operators: {
      timezone: definitions.timezone ?? 'UTC',
      propertyMatchingVersion: definitions.propertyMatchingVersion === 2 ? 2 : 1,
    },
    positionOf: (id) => positions.get(id),
  };
  const cohortsFailure = isFailure(definitions.cohorts) ? definitions.cohorts : null;
  const cohorts = new Cohorts(isFailure(definitions.cohorts) ? [] : parseCohorts(definitions.cohorts, problems), scope);
  const targetPositions = order.map((flag) =>
    (targets.get(flag.id) ?? []).map((id) => positions.get(id)).filter((at) => at !== undefined),
  );
  const ids = new ResultIds();
  const flags: ProgramFlag[] = [];
  for (const [position, flag] of order.entries()) {
    if (!flag.active) continue;
    const info: FlagInfo = { id: flag.id, key: flag.key, version: flag.version, hasExperiment: flag.hasExperiment };
    const filters = flag.filters.version === 1 ? flag.filters : null;
    const results = new FlagResults(info, filters, ids);
    flags.push({
      position,
      info,
      definition: flag,
      results,
      evaluator: filters === null ? null : new FlagEvaluator(flag, filters, results, scope, cohorts),
      needs: filters === null ? NEEDS_NOTHING : flagNeeds(flag.key, filters, cohorts),
      missingDependency: missing.has(flag.id),
      targets: targetPositions[position] ?? [],
      restricted: flag.runtime !== null || flag.contexts.length > 0,
    });
  }
  const groupTypes = isFailure(definitions.groupTypeMapping) ? null : parseGroupTypes(definitions.groupTypeMapping);
  const personKeys = slots.personKeys();
  return {
    teamId: definitions.teamId,
    problems,
    flags,
    cyclic: cyclic.filter((flag) => flag.active),
    byKey: new Map(flags.map((flag) => [flag.info.key, flag])),
    targets: targetPositions,
    unknownTargets: new Map(order.flatMap(({ id }, at) => (unknown.has(id) ? [[at, unknown.get(id) ?? []]] : []))),
    inactive: new Set(parsed.filter((flag) => !flag.active).map((flag) => flag.key)),
    groupTypes,
    cohortsFailure,
    personKeys: personKeys.filter((key) => key !== CREATED_AT),
    readsCreatedAt: personKeys.includes(CREATED_AT),
    groupKeys: slots.groupKeys(),
    continuityKeys: parsed.filter((flag) => flag.active && flag.experienceContinuity).map((flag) => flag.key),
    unionNeeds: unionOf(flags),
    anyRestricted: flags.some((flag) => flag.restricted),
    anyDependency: flags.some((flag) => flag.targets.length > 0),
    run: new Run(
      order.map((flag) => flag.key),
      groupTypes === null,
    ),
  };
}

function parseFlags(rows: readonly JsonValue[], problems: DefinitionProblem[]): FlagDefinition[] {
  const flags: FlagDefinition[] = [];
  const ids = new Set<number>();
  const keys = new Set<string>();
  for (const row of rows) {
    try {
      if (isOutside(row)) continue;
      const flag = parseFlag(row);
      if (ids.has(flag.id)) throw new DefinitionError('id', `another flag has the id ${flag.id}`);
      if (keys.has(flag.key)) throw new DefinitionError('key', `another flag has the key "${flag.key}"`);
      ids.add(flag.id);
      keys.add(flag.key);
      flags.push(flag);
    } catch (error) {
      if (!(error instanceof DefinitionError)) throw error;
      problems.push({ ...nameOf(row), path: error.path, message: error.message });
    }
  }
  return flags;
}

/** What identifies a broken flag, as far as it can be read. */
function nameOf(row: JsonValue): { flagKey?: string; flagId?: number } {
  if (!isObject(row)) return {};
  const key = member(row, 'key');
  const id = member(row, 'id');
  return { ...(typeof key === 'string' ? { flagKey: key } : {}), ...(typeof id === 'number' ? { flagId: id } : {}) };
}

function parseCohorts(rows: readonly JsonValue[], problems: DefinitionProblem[]): CohortDefinition[] {
  const cohorts: CohortDefinition[] = [];
  for (const row of rows) {
    try {
      if (isObject(row) && member(row, 'deleted') === true) continue;
      const cohort = parseCohort(row);
      if (cohort.unreadable) {
        problems.push({ cohortId: cohort.id, path: 'filters.properties', message: 'the definition cannot be read' });
      }
      cohorts.push(cohort);
    } catch (error) {
      if (!(error instanceof DefinitionError)) throw error;
      problems.push({ path: `cohort ${error.path}`, message: error.message });
    }
  }
  return cohorts;
}

function parseGroupTypes(mapping: Readonly<Record<string, string>>): ReadonlyMap<number, string> {
  const types = new Map<number, string>();
  for (const [index, type] of Object.entries(mapping)) {
    if (/^\d{1,9}$/.test(index) && typeof type === 'string') types.set(Number(index), type);
  }
  return types;
}

function unionOf(flags: readonly ProgramFlag[]): Program['unionNeeds'] {
  return {
    always: flags.some((flag) => flag.needs.always),
    personKeys: [...new Set(flags.flatMap((flag) => flag.needs.personKeys))],
    groups: flags.some((flag) => flag.needs.groupFilters.length > 0),
  };
}
