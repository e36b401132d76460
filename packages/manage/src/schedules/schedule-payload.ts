import { isList, isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import type { Flag, FlagFields } from '../flags/flag.ts';
import { Refusal } from '../refusal.ts';

const refused = (detail: string, code = 'invalid_input'): Refusal => Refusal.invalid(code, detail, 'payload');

/**
 * What a scheduled change does to a flag as it is then (M136).
 *
 * @throws {Refusal} for a payload that does nothing that there is
 */
export function scheduledChanges(payload: JsonObject, { filters }: Pick<Flag, 'filters'>): Partial<FlagFields> {
  const operation = member(payload, 'operation');
  const value = member(payload, 'value') ?? null;
  switch (operation) {
    case 'update_status':
      if (typeof value !== 'boolean') throw refused('The value of update_status must be true or false.');
      return { active: value };
    case 'add_release_condition':
      return { filters: { groups: [...listOf(filters, 'groups'), ...groupsOf(value)] } };
    case 'update_variants':
      return { filters: variantsOf(value, filters) };
    default:
      throw refused('The operation must be update_status, add_release_condition or update_variants.', 'invalid_choice');
  }
}

function groupsOf(value: JsonValue): readonly JsonValue[] {
  const groups = isObject(value) ? member(value, 'groups') : undefined;
  if (isList(groups) && groups.length > 0) return groups;
  throw refused('The value of add_release_condition must hold a list of groups.');
}

function variantsOf(value: JsonValue, filters: JsonObject): JsonObject {
  const variants = isObject(value) ? member(value, 'variants') : undefined;
  if (!isObject(value) || !isList(variants))
    throw refused('The value of update_variants must hold a list of variants.');
  const payloads = member(value, 'payloads');
  const multivariate = member(filters, 'multivariate');
  return {
    multivariate: { ...(isObject(multivariate) ? multivariate : {}), variants },
    ...(payloads === undefined ? {} : { payloads }),
  };
}

function listOf(object: JsonObject, name: string): readonly JsonValue[] {
  const list = member(object, name);
  return isList(list) ? list : [];
}
