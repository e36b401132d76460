import type { PackedText } from '../bucketing/packed-text.ts';
import type { FlagDefinition } from '../definitions/flag.ts';
import type { FlagInfo } from '../result.ts';
import type { ConfigurationV2 } from '../rules/configuration.ts';
import type { CompiledCondition } from './condition.ts';
import type { FlagResults } from './flag-results.ts';
import type { FlagNeeds } from './needs.ts';
import type { PersonProperty } from './property.ts';

/** One flag of a Program. */
export interface CompiledFlag {
  readonly position: number;
  readonly info: FlagInfo;
  readonly definition: FlagDefinition;
  readonly results: FlagResults;
  readonly configuration: Configuration;
  readonly needs: FlagNeeds;
  /** It depends, directly or not, on a flag that does not exist (E140). */
  readonly missingDependency: boolean;
  /** Positions of the flags it depends on directly. */
  readonly targets: readonly number[];
  /** Some request may leave it out: it is restricted to a runtime or to contexts (E167, E169). */
  readonly restricted: boolean;
}

/** What decides a flag, by the format of its configuration (E4). A further format is a further member. */
export type Configuration = ConfigurationV1 | ConfigurationV2 | UnsupportedConfiguration;

/** Recognised, but not to be evaluated here: the flag fails (E171). */
export interface UnsupportedConfiguration {
  readonly version: 'unsupported';
  readonly problem: string;
}

/** Version 1: enrollment, holdout, conditions (E25). */
export interface ConfigurationV1 {
  readonly version: 1;
  readonly key: string;
  readonly results: FlagResults;
  /** What comes before the subject where the flag hashes (E16). */
  readonly prefix: PackedText;
  /** The person property that decides enrollment; `null` without enrollment (E51). */
  readonly enrollment: PersonProperty | null;
  readonly superCondition: SuperCondition | null;
  readonly holdout: Holdout | null;
  /** Nothing comes before the conditions: no enrollment, super condition or holdout. */
  readonly conditionsOnly: boolean;
  readonly firstCondition: CompiledCondition | null;
  /** Variant keys, and the point below which each begins to end (E18). */
  readonly variants: readonly string[];
  readonly boundaries: readonly number[];
  /** E154: the result can depend on a hash. */
  readonly dependsOnHash: boolean;
  readonly earlyExit: boolean;
  /** Person conditions hash the device id. */
  readonly onDevice: boolean;
  /** Person conditions hash the distinct id, whatever else a request says (E20). */
  readonly byDistinctId: boolean;
  /** E153: stored and anonymous hash keys apply. */
  readonly continuity: boolean;
}

/** The older form of enrollment: decides alone about everybody who has one of the properties (docs/decisions/differences.md). */
export interface SuperCondition {
  /** The flag's own without variants: enrollment knows none (E51). */
  readonly configuration: ConfigurationV1;
  readonly condition: CompiledCondition;
  readonly properties: readonly PersonProperty[];
}

/** E53. */
export interface Holdout {
  /** The variant of its members. */
  readonly variant: string;
  /** In percent, from 0 to 100. */
  readonly percentage: number;
  /** Flag-level aggregation: a group type index, or -1 for persons (E22). */
  readonly group: number;
}
