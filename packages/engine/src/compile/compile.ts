import { type CohortDefinition, parseCohort } from '../definitions/cohort.ts';
import { type FlagDefinition, isOutside, parseFlag } from '../definitions/flag.ts';
import { isObject, type JsonValue, member } from '@halyard/json';
import { DefinitionError } from '../definitions/reader.ts';
import type { DefinitionProblem, Definitions } from '../definitions/types.ts';
import { isFailure } from '../facts.ts';
import type { CompiledFlag } from '../program/flag.ts';
import { ResultIds } from '../program/flag-results.ts';
import { Program } from '../program/program.ts';
import { CREATED_AT } from '../program/property.ts';
import { Cohorts } from './cohort.ts';
import { orderByDependencies } from './dependencies.ts';
import type { FilterScope } from './filter.ts';
import { compileFlag } from './flag.ts';
import { NeedsUnion } from './needs.ts';
import { Slots } from './slots.ts';

/** Flags that are parsed or compiled in one piece: some milliseconds. */
const PIECE = 200;

/** Of flags without dependencies: nearly all flags of a large project. */
const NONE: readonly number[] = [];

/** Compiles a project's definitions. Never throws for their content: see `Program.problems`. */
export function compile(definitions: Definitions): Program {
  const compiling = compileInPieces(definitions);
  for (;;) {
    const { done, value } = compiling.next();
    if (done === true) return value;
  }
}

/** `compile` in pieces of some milliseconds each: between them its caller may do something else. */
export function* compileInPieces(definitions: Definitions): Generator<void, Program, void> {
  const isLarge = definitions.flags.length > PIECE;
  const problems: DefinitionProblem[] = [];
  const parsed = yield* parseFlags(definitions.flags, problems);
  if (isLarge) yield;
  const { order, cyclic, missing, unknown, targets } = orderByDependencies(parsed);
  if (isLarge) yield;
  const slots = new Slots();
  // Inactive flags keep a position: others may depend on them and read `false` (E141).
  const positions = new Map(order.map(({ id, key }, position) => [id, { position, key }]));
  const scope: FilterScope = {
    slots,
    operators: {
      timezone: definitions.timezone ?? 'UTC',
      propertyMatchingVersion: definitions.propertyMatchingVersion === 2 ? 2 : 1,
    },
    flagOf: (id) => positions.get(id),
  };
  const cohorts = new Cohorts(isFailure(definitions.cohorts) ? [] : parseCohorts(definitions.cohorts, problems), scope);
  if (isLarge) yield;
  const positionOf = (id: number): number | undefined => positions.get(id)?.position;
  const targetPositions = order.map((flag) => {
    const named = targets.get(flag.id);
    return named === undefined ? NONE : named.map(positionOf).filter((at) => at !== undefined);
  });
  const ids = new ResultIds();
  const flags: CompiledFlag[] = [];
  const union = new NeedsUnion();
  for (const [position, flag] of order.entries()) {
    if (position % PIECE === PIECE - 1) yield;
    if (!flag.active) continue;
    const compiled = {
      position,
      ...compileFlag(flag, ids, scope, cohorts),
      missingDependency: missing.has(flag.id),
      targets: targetPositions[position] ?? NONE,
    };
    flags.push(compiled);
    union.add(compiled.needs);
  }
  if (isLarge) yield;
  const personKeys = slots.personKeys();
  const byKey = new Map(flags.map((flag) => [flag.info.key, flag]));
  const keys = order.map((flag) => flag.key);
  if (isLarge) yield;
  const inactive = new Set(parsed.filter((flag) => !flag.active).map((flag) => flag.key));
  const continuityKeys = parsed.filter((flag) => flag.active && flag.experienceContinuity).map((flag) => flag.key);
  const anyRestricted = flags.some((flag) => flag.restricted);
  const anyDependency = flags.some((flag) => flag.targets.length > 0);
  if (isLarge) yield;
  return new Program({
    teamId: definitions.teamId,
    problems,
    flags,
    byKey,
    keys,
    targets: targetPositions,
    unknownTargets: new Map(
      [...unknown].flatMap(([id, named]) => {
        const at = positionOf(id);
        return at === undefined ? [] : [[at, named]];
      }),
    ),
    cyclic: cyclic.filter((flag) => flag.active),
    inactive,
    groupTypes: isFailure(definitions.groupTypeMapping) ? null : parseGroupTypes(definitions.groupTypeMapping),
    cohortsFailure: isFailure(definitions.cohorts) ? definitions.cohorts : null,
    propertyCount: slots.count,
    cohortCount: cohorts.count,
    personKeys: personKeys.filter((key) => key !== CREATED_AT),
    readsCreatedAt: personKeys.includes(CREATED_AT),
    groupKeys: slots.groupKeys(),
    continuityKeys,
    unionNeeds: union.needs,
    anyRestricted,
    anyDependency,
  });
}

function* parseFlags(
  rows: readonly JsonValue[],
  problems: DefinitionProblem[],
): Generator<void, FlagDefinition[], void> {
  const flags: FlagDefinition[] = [];
  const ids = new Set<number>();
  const keys = new Set<string>();
  for (const [place, row] of rows.entries()) {
    if (place % PIECE === PIECE - 1) yield;
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
