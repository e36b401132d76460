import { packPrefix, variantBoundaries } from '../bucketing/bucketing.ts';
import type { FlagDefinition } from '../definitions/flag.ts';
import type { FiltersV1 } from '../definitions/filters-v1.ts';
import type { CompiledCondition } from '../program/condition.ts';
import type { CompiledFlag, Configuration, ConfigurationV1, Holdout, SuperCondition } from '../program/flag.ts';
import { FlagResults, type ResultIds } from '../program/flag-results.ts';
import type { FlagNeeds } from '../program/needs.ts';
import type { FlagInfo } from '../result.ts';
import { compileRules, predicateKeys } from '../rules/compile-rules.ts';
import { RuleResults } from '../rules/rule-results.ts';
import type { Cohorts } from './cohort.ts';
import { compileCondition } from './condition.ts';
import type { FilterScope } from './filter.ts';
import { enrollmentProperty, flagNeeds, NEEDS_NOTHING } from './needs.ts';

/** Compiles one active flag; its place among the others is `compile`'s to say. */
export function compileFlag(
  flag: FlagDefinition,
  ids: ResultIds,
  scope: FilterScope,
  cohorts: Cohorts,
): Omit<CompiledFlag, 'position' | 'missingDependency' | 'targets'> {
  const { filters } = flag;
  const info: FlagInfo = {
    id: flag.id,
    key: flag.key,
    version: flag.version,
    hasExperiment: flag.hasExperiment,
    configVersion: filters.version === 'unsupported' ? filters.configVersion : filters.version,
  };
  const results = new FlagResults(info, filters.version === 1 ? filters : null, ids);
  return {
    info,
    definition: flag,
    results,
    configuration: compileConfiguration(flag, info, results, ids, scope, cohorts),
    needs: needsOf(flag, cohorts),
    restricted: flag.runtime !== null || flag.contexts.length > 0,
  };
}

/** E4: by the version of the configuration. What runs it is chosen in `evaluate/decide.ts`. */
function compileConfiguration(
  flag: FlagDefinition,
  info: FlagInfo,
  results: FlagResults,
  ids: ResultIds,
  scope: FilterScope,
  cohorts: Cohorts,
): Configuration {
  const { filters } = flag;
  switch (filters.version) {
    case 1:
      return compileV1(flag, filters, results, scope, cohorts);
    case 2:
      return {
        version: 2,
        results: new RuleResults(info, filters, ids, results),
        rules: compileRules(filters, scope),
      };
    case 'unsupported':
      return filters;
  }
}

function needsOf({ key, filters }: FlagDefinition, cohorts: Cohorts): FlagNeeds {
  switch (filters.version) {
    case 1:
      return flagNeeds(key, filters, cohorts);
    case 2:
      return { ...NEEDS_NOTHING, personKeys: predicateKeys(filters) }; // E184
    case 'unsupported':
      return NEEDS_NOTHING;
  }
}

function compileV1(
  flag: FlagDefinition,
  filters: FiltersV1,
  results: FlagResults,
  scope: FilterScope,
  cohorts: Cohorts,
): ConfigurationV1 {
  const variants = filters.variants.map((variant) => variant.key);
  const holdout = compileHoldout(filters);
  const continuity = flag.experienceContinuity && filters.aggregation === null && !flag.bucketsOnDevice;
  const configuration: ConfigurationV1 = {
    version: 1,
    key: flag.key,
    results,
    prefix: packPrefix(`${flag.key}.`),
    enrollment: filters.enrollment ? scope.slots.person(enrollmentProperty(flag.key)) : null,
    superCondition: null,
    holdout,
    conditionsOnly: !filters.enrollment && holdout === null,
    firstCondition: filters.conditions.reduceRight<CompiledCondition | null>(
      (next, condition) => compileCondition(condition, variants, scope, cohorts, next),
      null,
    ),
    variants,
    boundaries: variantBoundaries(filters.variants.map((variant) => variant.weight)),
    dependsOnHash: variantsNeedHash(filters) || filters.conditions.some((condition) => condition.rollout < 100),
    earlyExit: filters.earlyExit,
    byDistinctId: !flag.bucketsOnDevice && !continuity,
    onDevice: flag.bucketsOnDevice,
    continuity,
  };
  const superCondition = compileSuperCondition(filters, configuration, scope, cohorts);
  return superCondition === null ? configuration : { ...configuration, superCondition, conditionsOnly: false };
}

/** E60: the variant of an unpinned condition depends on the hash. */
function variantsNeedHash({ variants }: FiltersV1): boolean {
  const firstWeight = variants.find((variant) => variant.weight > 0)?.weight;
  return firstWeight !== undefined && firstWeight < 100;
}

/** E13: read where there is no enrollment of the newer form. */
function compileSuperCondition(
  { enrollment, superCondition }: FiltersV1,
  configuration: ConfigurationV1,
  scope: FilterScope,
  cohorts: Cohorts,
): SuperCondition | null {
  if (enrollment || superCondition === null) return null;
  return {
    configuration: { ...configuration, variants: [], boundaries: [] },
    condition: compileCondition(superCondition, [], scope, cohorts),
    properties: superCondition.filters.map((filter) => scope.slots.person(filter.key)),
  };
}

function compileHoldout({ holdout, aggregation }: FiltersV1): Holdout | null {
  if (holdout === null) return null;
  return {
    variant: `holdout-${holdout.id}`,
    percentage: Math.min(100, Math.max(0, holdout.exclusion)),
    group: aggregation ?? -1,
  };
}
