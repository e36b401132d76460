import { type JsonObject, type JsonValue, parseTokens, RepeatedMember, sourceText } from '@halyard/json';
import { DefinitionError, listAt } from '../definitions/reader.ts';
import { ClosedObject, isWhole } from './closed-object.ts';
import { checkNumbers, sizeOf } from './configuration-text.ts';
import type { FiltersV2, ReturnType, RuleDefinition } from './definition.ts';
import { parseRule } from './parse-rule.ts';
import { typedValueAt } from './typed-value.ts';

/** Bytes without white space outside strings: the reference's MAX_FEATURE_FLAG_FILTER_SIZE_BYTES (E175). */
const LARGEST = 512 * 1024;
const MOST_RULES = 100;
const MEMBERS = ['version', 'return_type', 'default_value', 'rules', 'aggregation_group_type_index'];
const PLACE = 'filters';

/**
 * Reads the `filters` of configuration version 2 from the text they were read from, for numbers and repeated members are judged as
 * they are written (E175).
 *
 * @throws DefinitionError for a document that is malformed, too large or says something that is not supported: the flag fails (E171)
 */
export function parseRules(filters: JsonObject): FiltersV2 {
  const text = sourceText(filters);
  if (sizeOf(text) > LARGEST) throw new DefinitionError(PLACE, `are larger than ${LARGEST} bytes`);
  const document = new ClosedObject(tokensOf(text), PLACE);
  refuseGroups(document);
  document.onlyHas(MEMBERS);
  const returnType = document.word<ReturnType>('return_type', ['boolean', 'string', 'number', 'object']);
  return {
    version: 2,
    returnType,
    defaultValue: defaultOf(document, returnType),
    rules: rulesOf(document, returnType),
  };
}

function tokensOf(text: string): JsonValue {
  let tokens: JsonValue;
  try {
    tokens = parseTokens(text);
  } catch (error) {
    if (!(error instanceof RepeatedMember)) throw error;
    throw new DefinitionError(PLACE, `are ambiguous: ${error.message}`);
  }
  checkNumbers(tokens, PLACE);
  return tokens;
}

/** Rules for groups are known and not supported; no other value may stand there, not even `null` (E172, E185a). */
function refuseGroups(document: ClosedObject): void {
  const key = 'aggregation_group_type_index';
  if (!document.has(key)) return;
  if (isWhole(document.get(key))) document.fail(key, 'names a group type: not supported');
  document.fail(key, 'must be left out');
}

function defaultOf(document: ClosedObject, returnType: ReturnType): JsonValue {
  const value = document.get('default_value');
  return value === null ? null : typedValueAt(value, returnType, document.at('default_value'));
}

function rulesOf(document: ClosedObject, returnType: ReturnType): readonly RuleDefinition[] {
  const path = document.at('rules');
  const given = listAt(document.get('rules'), path);
  if (given.length > MOST_RULES) throw new DefinitionError(path, `are ${given.length}, more than ${MOST_RULES}`);
  const ids = new Set<string>();
  return given.map((item, i) => {
    const rule = parseRule(item, returnType, `${path}[${i}]`);
    const id = rule.id.toLowerCase();
    if (ids.has(id)) throw new DefinitionError(`${path}[${i}].id`, 'is the id of a rule before');
    ids.add(id);
    return rule;
  });
}
