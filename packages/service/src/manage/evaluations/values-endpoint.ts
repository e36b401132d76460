import { isList, isObject, type JsonValue, member } from '@halyard/json';
import { findFlagId, readFlag } from '@halyard/manage';
import { read } from '../flags/run.ts';
import { anyObject } from '../flags/shapes.ts';
import { endpoint, ok } from '../frame/endpoint.ts';

/** Values that a filter on a flag may ask for (M101). */
export const flagValuesEndpoint = endpoint({
  method: 'get',
  place: 'project',
  path: '/flag_value/values/',
  access: { scopes: ['feature_flag:read'] },
  changes: 'nothing',
  summary: 'Values that a flag may have',
  query: { key: 'Id of the flag.' },
  answers: { 200: anyObject },
  handle: async (call) => {
    const { filters } = await read(call, function* load(context) {
      return yield* readFlag(context, yield* findFlagId(context, call.query.get('key') ?? ''));
    });
    const multivariate = member(filters, 'multivariate');
    const variants = isObject(multivariate) ? member(multivariate, 'variants') : undefined;
    const keys = isList(variants) ? variants.map((variant) => (isObject(variant) ? member(variant, 'key') : null)) : [];
    const names: readonly (JsonValue | undefined)[] = [true, false, ...keys];
    return ok({ results: names.map((name) => ({ name: name ?? null })), refreshing: false });
  },
});
