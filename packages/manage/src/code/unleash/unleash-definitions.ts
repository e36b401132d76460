import { type JsonObject, type JsonValue, member } from '@halyard/json';
import { NotExpressible } from './constraint.ts';
import { textIn, textsIn, type UnleashExport, type UnleashFeature } from './read-unleash.ts';
import { cohortIdOf, segmentCohort, strategyCondition } from './strategy.ts';
import { translateVariants } from './variants.ts';

/** What became of a feature. */
export interface Translated {
  readonly name: string;
  /** Why it cannot be said here; null: it can. */
  readonly leftOut: string | null;
}

export interface UnleashTranslation {
  /** As /flags/definitions serves flags: those that can be said. */
  readonly document: JsonObject;
  readonly features: readonly Translated[];
}

/** Features of Unleash as flags. What cannot be expressed is left out with the reason, never guessed. */
export function translateUnleash(unleash: UnleashExport): UnleashTranslation {
  const reasons = new Map<string, string>();
  const flags = new Map<string, JsonObject>();
  for (const feature of unleash.features) {
    try {
      if (flags.has(feature.name)) throw new NotExpressible('another feature of the file has this name');
      flags.set(feature.name, flagOf(feature, unleash));
    } catch (error) {
      if (!(error instanceof NotExpressible)) throw error;
      reasons.set(feature.name, error.message);
      flags.delete(feature.name);
    }
  }
  leaveOutDependents(unleash.features, flags, reasons);
  const used = new Set([...flags.values()].flatMap(cohortIds));
  const segments = [...unleash.segments].filter(([id]) => used.has(cohortIdOf(id)));
  return {
    document: {
      // Ids only tell them apart here; storing keeps those that are free.
      flags: [...flags.values()].map((flag, at) => ({ ...flag, id: at + 1 })),
      cohorts: segments.map(([id, { name, constraints }]) => segmentCohort(id, name, constraints ?? [])),
      group_type_mapping: {},
    },
    features: unleash.features.map(({ name }) => ({ name, leftOut: reasons.get(name) ?? null })),
  };
}

function flagOf(feature: UnleashFeature, unleash: UnleashExport): JsonObject {
  const { name, description, archived, enabled, strategies } = feature;
  if (name === '') throw new NotExpressible('it has no name');
  if (archived) throw new NotExpressible('it is archived');
  const active = strategies.filter(({ disabled }) => !disabled);
  if (active.length === 0 && strategies.length > 0) throw new NotExpressible('all its strategies are disabled');
  for (const id of active.flatMap(({ segments }) => segments)) checkSegment(id, unleash);
  const parents = feature.dependencies.map(dependencyFilter);
  // Without a strategy a feature that is enabled is so for everybody.
  const conditions =
    active.length === 0 ? [EVERYBODY] : active.map((each) => strategyCondition(each, unleash.segments));
  const { multivariate, payloads, overrides } = translateVariants({ ...feature, strategies: active });
  const groups = conditions.flatMap((condition) => {
    const properties = [...(member(condition, 'properties') as readonly JsonValue[]), ...parents];
    return [
      ...overrides.map(({ filters, variant }) => ({ ...condition, properties: [...properties, ...filters], variant })),
      { ...condition, properties },
    ];
  });
  return {
    key: name,
    name: description,
    active: enabled,
    filters: { groups, multivariate, payloads },
  };
}

const EVERYBODY: JsonObject = { properties: [], rollout_percentage: 100 };

/** A segment that cannot be said makes the feature unsayable. */
function checkSegment(id: number, { segments }: UnleashExport): void {
  const segment = segments.get(id);
  if (segment === undefined || segment.constraints === null)
    throw new NotExpressible(`the file does not say what segment ${id} is`);
  try {
    segmentCohort(id, segment.name, segment.constraints);
  } catch (error) {
    if (error instanceof NotExpressible) throw new NotExpressible(`segment ${segment.name}: ${error.message}`);
    throw error;
  }
}

function dependencyFilter(dependency: JsonObject): JsonObject {
  const parent = textIn(dependency, 'feature');
  const variants = textsIn(dependency, 'variants');
  if (variants.length > 1) throw new NotExpressible(`it asks for one of several variants of ${parent}`);
  const value = member(dependency, 'enabled') !== false && (variants[0] ?? true);
  return { key: parent, type: 'flag', operator: 'flag_evaluates_to', value };
}

/** What depends on a feature that is left out would never be on. */
function leaveOutDependents(
  features: readonly UnleashFeature[],
  flags: Map<string, JsonObject>,
  reasons: Map<string, string>,
): void {
  for (let again = true; again; ) {
    again = false;
    for (const { name, dependencies } of features) {
      const missing = dependencies.map((each) => textIn(each, 'feature')).find((parent) => !flags.has(parent));
      if (missing === undefined || !flags.delete(name)) continue;
      reasons.set(name, `it depends on ${JSON.stringify(missing)}, which is not taken over`);
      again = true;
    }
  }
}

function cohortIds(value: JsonValue): readonly number[] {
  return [...JSON.stringify(value).matchAll(/"operator":"in","value":(\d+)/g)].map(([, id]) => Number(id));
}
