import type { FlagDefinition } from '../definitions/flag.ts';
import type { DefinitionProblem } from '../definitions/types.ts';
import type { FactFailure } from '../facts.ts';
import type { GroupTypes } from '../groups.ts';
import type { JsonValue } from '@halyard/json';
import type { FlagInfo } from '../result.ts';
import type { RuleDefinition } from '../rules/definition.ts';
import type { CompiledFlag } from './flag.ts';

/**
 * The definitions of one project, compiled: made once per change and shared by all requests. Immutable, and holds nothing of any
 * request; whoever has one asks it only what stands here and hands it to `planFacts`, `evaluate` and `explain`.
 */
export class Program {
  readonly teamId: number;
  /** What is wrong with single flags and cohorts; those flags are left out (E9). */
  readonly problems: readonly DefinitionProblem[];
  /** Active flags in evaluation order. */
  readonly flags: readonly FlagInfo[];
  /** Keys of all flags that can be asked about, inactive ones included. */
  readonly flagKeys: readonly string[];
  /** What the flags refer to beside persons: without it, a store need not be asked for it. */
  readonly refersTo: { readonly cohorts: boolean; readonly groupTypes: boolean };
  /** Properties that some flag may look at: of persons, and of groups by the name of their type. Nothing else that is sent matters. */
  readonly reads: { readonly person: readonly string[]; readonly groups: ReadonlyMap<string, readonly string[]> };
  /** For logs and metrics. */
  readonly figures: ProgramFigures;
  readonly #parts: ProgramParts;

  constructor(parts: ProgramParts) {
    this.#parts = parts;
    this.teamId = parts.teamId;
    this.problems = Object.freeze(parts.problems);
    this.flags = Object.freeze(parts.flags.map((flag) => Object.freeze(flag.info)));
    this.flagKeys = Object.freeze([
      ...parts.flags.map((flag) => flag.info.key),
      ...parts.cyclic.map((flag) => flag.key),
      ...parts.inactive,
    ]);
    this.refersTo = Object.freeze({
      cohorts: parts.flags.some((flag) => flag.needs.testsCohorts),
      groupTypes: parts.flags.some((flag) => flag.needs.refersToGroups),
    });
    this.reads = Object.freeze({ person: Object.freeze([...parts.personKeys]), groups: groupReads(parts) });
    this.figures = Object.freeze(figuresOf(parts));
    Object.freeze(this);
  }

  /** Values that a flag can have beside true and false; undefined: there is no such flag. */
  variantsOf(key: string): readonly string[] | undefined {
    const flag = this.#parts.byKey.get(key);
    if (flag === undefined) return this.flagKeys.includes(key) ? [] : undefined;
    const { filters } = flag.definition;
    if (filters.version === 'unsupported') return [];
    if (filters.version === 2) {
      const values = [filters.defaultValue, ...filters.rules.flatMap(valuesOfRule)];
      return values.filter((value) => typeof value === 'string');
    }
    const { configuration } = flag;
    const holdout =
      configuration.version === 1 && configuration.holdout !== null ? [configuration.holdout.variant] : [];
    return [...filters.variants.map(({ key: name }) => name), ...holdout];
  }

  /** What a Program is made of; for this package alone, which exports the type and not the class. */
  static partsOf(program: Program): ProgramParts {
    return program.#parts;
  }
}

function valuesOfRule(rule: RuleDefinition): readonly JsonValue[] {
  return rule.type === 'experiment' ? rule.variants.flatMap(({ key, value }) => [key, value]) : [rule.value];
}

/** A copy, since a map cannot be frozen: whoever writes into it changes no evaluation. */
function groupReads({ groupTypes, groupKeys }: ProgramParts): ReadonlyMap<string, readonly string[]> {
  return new Map(
    [...(groupTypes ?? [])].map(([index, type]) => [type, Object.freeze([...(groupKeys.get(index) ?? [])])]),
  );
}

/** Which flags are out of the ordinary. */
export interface ProgramFigures {
  /** Keys of active flags with experience continuity (E153). */
  readonly continuity: ReadonlySet<string>;
  /** Keys of active flags that hash the device id. */
  readonly onDevice: ReadonlySet<string>;
  /** Active flags in or behind a cycle, and those that depend on one that does not exist (E138, E140). */
  readonly dependencyErrors: number;
  /** Active flags that fail because their configuration cannot be used, by key: what is wrong with it, and where (E171). */
  readonly unusable: ReadonlyMap<string, string>;
}

function figuresOf({ flags, continuityKeys, cyclic }: ProgramParts): ProgramFigures {
  const onDevice = flags.filter(({ configuration }) => configuration.version === 1 && configuration.onDevice);
  return {
    continuity: new Set(continuityKeys),
    onDevice: new Set(onDevice.map(({ info }) => info.key)),
    unusable: new Map(
      flags.flatMap(({ info, configuration }) =>
        configuration.version === 'unsupported' ? [[info.key, configuration.problem] as const] : [],
      ),
    ),
    dependencyErrors: cyclic.length + flags.filter(({ missingDependency }) => missingDependency).length,
  };
}

/** Everything that planning, evaluating and explaining read. Nobody writes it. */
export interface ProgramParts {
  readonly teamId: number;
  readonly problems: readonly DefinitionProblem[];
  /** Active flags in evaluation order. */
  readonly flags: readonly CompiledFlag[];
  readonly byKey: ReadonlyMap<string, CompiledFlag>;
  /** By position, inactive flags included: the flags' keys. */
  readonly keys: readonly string[];
  /** By position, inactive flags included: positions of the flags that a flag depends on directly (E136). */
  readonly targets: readonly (readonly number[])[];
  /** By position: ids that a flag names and that do not exist, for explanations. */
  readonly unknownTargets: ReadonlyMap<number, readonly number[]>;
  /** Active flags in or behind a dependency cycle: never evaluated, but an error while they are eligible (E138). */
  readonly cyclic: readonly FlagDefinition[];
  /** Keys of inactive flags, for explanations. */
  readonly inactive: ReadonlySet<string>;
  readonly groupTypes: GroupTypes;
  readonly cohortsFailure: FactFailure | null;
  /** How many properties and cohorts the flags ask about: an evaluation has a place for each. */
  readonly propertyCount: number;
  readonly cohortCount: number;
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
}
