import { isList, isObject, type JsonObject, type JsonValue, member } from '@halyard/json';

/** What Unleash knows of features, in one shape for the forms in which it gives them out. */
export interface UnleashExport {
  /** Of the environment that was asked for; empty: the file does not say. */
  readonly environment: string;
  readonly features: readonly UnleashFeature[];
  /** Constraints by id; null: the file names the segment and does not say what it is. */
  readonly segments: ReadonlyMap<number, { readonly name: string; readonly constraints: readonly JsonObject[] | null }>;
}

export interface UnleashFeature {
  readonly name: string;
  readonly description: string;
  readonly archived: boolean;
  readonly enabled: boolean;
  readonly strategies: readonly UnleashStrategy[];
  readonly variants: readonly JsonObject[];
  readonly dependencies: readonly JsonObject[];
}

export interface UnleashStrategy {
  readonly name: string;
  readonly disabled: boolean;
  readonly parameters: JsonObject;
  readonly constraints: readonly JsonObject[];
  readonly segments: readonly number[];
  readonly variants: readonly JsonObject[];
}

/** The file is no export of Unleash, or says too little. The message is what to do. */
export class UnleashError extends Error {
  override readonly name = 'UnleashError';
}

/** Whether a document is what Unleash exports, or what it serves to its SDKs. */
export function isUnleash(document: JsonValue): document is JsonObject {
  return isObject(document) && isList(member(document, 'features')) && member(document, 'flags') === undefined;
}

/**
 * Reads an export (`featureStrategies` and `featureEnvironments` beside `features`) or what SDKs are served (strategies in each feature).
 *
 * @param wanted the environment; undefined: the only one
 * @throws {UnleashError}
 */
export function readUnleash(document: JsonObject, wanted?: string): UnleashExport {
  const features = objectsIn(document, 'features');
  const environments = objectsIn(document, 'featureEnvironments');
  const strategies = objectsIn(document, 'featureStrategies');
  const environment = environmentOf([...environments, ...strategies], wanted);
  const isHere = (row: JsonObject): boolean => textIn(row, 'environment', environment) === environment;
  const linked = segmentLinks(document);
  const dependencies = objectsIn(document, 'dependencies');
  return {
    environment,
    segments: segmentsIn(document),
    features: features.map((feature) => {
      const name = textIn(feature, 'name');
      const own = environments.find((row) => isHere(row) && featureOf(row) === name);
      const apart = strategies.filter((row) => isHere(row) && textIn(row, 'featureName') === name).sort(bySortOrder);
      const enabled = own === undefined ? member(feature, 'enabled') : member(own, 'enabled');
      const variants = own === undefined ? [] : objectsIn(own, 'variants');
      const depends = dependencies.find((row) => textIn(row, 'feature') === name) ?? feature;
      return {
        name,
        description: textIn(feature, 'description'),
        archived: member(feature, 'archived') === true,
        enabled: enabled === true,
        strategies: [...objectsIn(feature, 'strategies'), ...apart].map((row) => strategyFrom(row, linked)),
        variants: variants.length > 0 ? variants : objectsIn(feature, 'variants'),
        dependencies: objectsIn(depends, 'dependencies'),
      };
    }),
  };
}

function environmentOf(rows: readonly JsonObject[], wanted: string | undefined): string {
  const names = [...new Set(rows.map((row) => textIn(row, 'environment')).filter((name) => name !== ''))].sort();
  if (wanted !== undefined) {
    if (names.length === 0 || names.includes(wanted)) return wanted;
    throw new UnleashError(`There is no environment ${JSON.stringify(wanted)} in the file, only ${names.join(', ')}.`);
  }
  if (names.length > 1) {
    throw new UnleashError(`The file holds several environments. Say which: --environment ${names.join(' or ')}.`);
  }
  return names[0] ?? '';
}

function featureOf(row: JsonObject): string {
  return textIn(row, 'featureName') || textIn(row, 'name');
}

function bySortOrder(a: JsonObject, b: JsonObject): number {
  return Number(member(a, 'sortOrder') ?? 0) - Number(member(b, 'sortOrder') ?? 0);
}

function strategyFrom(row: JsonObject, linked: ReadonlyMap<string, readonly number[]>): UnleashStrategy {
  const parameters = member(row, 'parameters');
  const segments = member(row, 'segments');
  return {
    name: textIn(row, 'name') || textIn(row, 'strategyName'),
    disabled: member(row, 'disabled') === true,
    parameters: isObject(parameters) ? parameters : {},
    constraints: objectsIn(row, 'constraints'),
    segments: isList(segments)
      ? segments.filter((id): id is number => typeof id === 'number')
      : (linked.get(textIn(row, 'id')) ?? []),
    variants: objectsIn(row, 'variants'),
  };
}

/** Older exports tell apart which strategy asks for which segment. */
function segmentLinks(document: JsonObject): ReadonlyMap<string, readonly number[]> {
  const links = new Map<string, number[]>();
  for (const row of objectsIn(document, 'featureStrategySegments')) {
    const [strategy, segment] = [textIn(row, 'featureStrategyId'), member(row, 'segmentId')];
    if (typeof segment === 'number') links.set(strategy, [...(links.get(strategy) ?? []), segment]);
  }
  return links;
}

function segmentsIn(document: JsonObject): UnleashExport['segments'] {
  const segments = new Map<number, { name: string; constraints: readonly JsonObject[] | null }>();
  for (const row of objectsIn(document, 'segments')) {
    const id = member(row, 'id');
    if (typeof id !== 'number') continue;
    const constraints = isList(member(row, 'constraints')) ? objectsIn(row, 'constraints') : null;
    segments.set(id, { name: textIn(row, 'name'), constraints });
  }
  return segments;
}

export function objectsIn(object: JsonObject, name: string): readonly JsonObject[] {
  const list = member(object, name);
  return isList(list) ? list.filter(isObject) : [];
}

export function textIn(object: JsonObject, name: string, fallback = ''): string {
  const value = member(object, name);
  return typeof value === 'string' ? value : fallback;
}

export function textsIn(object: JsonObject, name: string): readonly string[] {
  const list = member(object, name);
  return isList(list) ? list.filter((item): item is string => typeof item === 'string') : [];
}
