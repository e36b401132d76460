import { isObject, type JsonValue, member } from '@halyard/json';
import { isOutside, parseFlag } from '../definitions/flag.ts';
import type { FiltersV1 } from '../definitions/filters-v1.ts';
import { DefinitionError } from '../definitions/reader.ts';
import type { FiltersV2 } from '../rules/definition.ts';
import { sharesOf } from './shares.ts';

/** Everything that a flag can give, as SDKs hand it out. */
export interface FlagValues {
  readonly key: string;
  /** What the flag is for; empty where nobody says. */
  readonly description: string;
  /** `false`, `true` and variants, each once, in this order. */
  readonly values: readonly (boolean | string)[];
  /** Payloads of these, with JSON in texts read as SDKs read it. */
  readonly payloads: readonly JsonValue[];
}

/** The values of a flag (E10, E18, E51, E53, E187); `null`: it cannot be evaluated. */
export function flagValues(flag: JsonValue): FlagValues | null {
  try {
    if (isOutside(flag)) return null;
    const { key, filters } = parseFlag(flag);
    const name = isObject(flag) ? member(flag, 'name') : undefined;
    const described = { key, description: typeof name === 'string' ? name : '' };
    switch (filters.version) {
      case 1:
        return { ...described, values: valuesOf(filters), payloads: payloadsOf(filters) };
      case 2:
        return { ...described, ...typedValues(filters) };
      case 'unsupported':
        return null;
    }
  } catch (error) {
    if (error instanceof DefinitionError) return null;
    throw error;
  }
}

function valuesOf({ variants, enrollment, superCondition, holdout }: FiltersV1): (boolean | string)[] {
  const left = 100 - sharesOf(variants).reduce((sum, { share }) => sum + share, 0);
  // Thirds leave a hair's breadth that SDKs would call true and nobody means.
  const isPlain = variants.length === 0 || enrollment || superCondition !== null || left > 0.01;
  const held = holdout === null || holdout.exclusion <= 0 ? [] : [`holdout-${holdout.id}`];
  return [false, ...(isPlain ? [true] : []), ...new Set([...variants.map(({ key }) => key), ...held])];
}

function payloadsOf({ payloads }: FiltersV1): JsonValue[] {
  return Object.values(payloads ?? {}).map(readPayload);
}

function readPayload(payload: JsonValue): JsonValue {
  if (typeof payload !== 'string') return payload;
  try {
    return JSON.parse(payload) as JsonValue;
  } catch {
    return payload;
  }
}

function typedValues({ defaultValue, rules, returnType }: FiltersV2): Pick<FlagValues, 'values' | 'payloads'> {
  const given = rules.flatMap((rule) =>
    rule.type === 'experiment' ? rule.variants.map(({ value }) => value) : [rule.value],
  );
  const all = [defaultValue, ...given];
  if (returnType === 'boolean') return { values: [false, true], payloads: [] };
  const texts = all.filter((value) => typeof value === 'string');
  // `null` is the caller's default, which older answers show as off.
  const isOff = defaultValue === null;
  if (returnType === 'string') return { values: [...(isOff ? [false] : []), ...new Set(texts)], payloads: [] };
  return { values: isOff ? [false, true] : [true], payloads: all.filter((value) => value !== null) };
}
