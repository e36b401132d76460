import { type JsonObject, type JsonValue, member, parseJson } from '@halyard/json';
import { constraintFilters, NotExpressible } from './constraint.ts';
import { objectsIn, textIn, textsIn, type UnleashFeature } from './read-unleash.ts';
import { refuseStickiness } from './strategy.ts';

/** The variants of a feature, which are the flag's here. */
export interface TranslatedVariants {
  readonly multivariate: JsonObject | null;
  readonly payloads: Record<string, JsonValue>;
  /** Users who get a certain variant: filters, and which. */
  readonly overrides: readonly { readonly filters: readonly JsonObject[]; readonly variant: string }[];
}

/**
 * Variants of strategies count where a strategy has some, else those of the feature.
 *
 * @throws {NotExpressible} where they are not the same for everybody
 */
export function translateVariants({ strategies, variants }: UnleashFeature): TranslatedVariants {
  const lists = strategies.map((strategy) => (strategy.variants.length > 0 ? strategy.variants : variants));
  const [list = variants, ...others] = lists;
  if (others.some((other) => JSON.stringify(other) !== JSON.stringify(list))) {
    throw new NotExpressible('strategies with different variants');
  }
  if (list.length === 0) return { multivariate: null, payloads: {}, overrides: [] };
  const weights = list.map((variant) => member(variant, 'weight'));
  const total = weights.reduce<number>((sum, weight) => sum + (typeof weight === 'number' ? weight : Number.NaN), 0);
  if (!(total > 0)) throw new NotExpressible('variants whose weights are no numbers');
  if (list.length > 1) for (const variant of list) refuseStickiness(textIn(variant, 'stickiness'));
  const payloads: Record<string, JsonValue> = {};
  for (const variant of list) {
    const payload = payloadOf(member(variant, 'payload'));
    if (payload !== null) payloads[textIn(variant, 'name')] = payload;
  }
  return {
    multivariate: {
      variants: list.map((variant, at) => ({
        key: textIn(variant, 'name'),
        rollout_percentage: (Number(weights[at]) * 100) / total,
      })),
    },
    payloads,
    overrides: list.flatMap((variant) =>
      objectsIn(variant, 'overrides').map((override) => ({
        variant: textIn(variant, 'name'),
        filters: constraintFilters({
          contextName: textIn(override, 'contextName'),
          operator: 'IN',
          values: textsIn(override, 'values'),
        }).filters,
      })),
    ),
  };
}

/** A payload as JSON in a text. */
function payloadOf(payload: JsonValue | undefined): string | null {
  if (payload === undefined || payload === null || typeof payload !== 'object') return null;
  const [type, value] = [textIn(payload as JsonObject, 'type'), textIn(payload as JsonObject, 'value')];
  if (type !== 'json' && type !== 'number') return JSON.stringify(value);
  try {
    parseJson(value);
    return value;
  } catch {
    throw new NotExpressible(`a payload of the type ${type} that is none`);
  }
}
