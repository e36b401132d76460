import { type Batches, importBatches } from '@halyard/data/import';
import { type Definitions, fromLocalEvaluation } from '@halyard/engine';
import { isList, isObject, jsonText, type JsonValue, parseDefinitions } from '@halyard/json';
import { batchesAnswer } from './batches.ts';
import { parseObject, required, stringOf } from './request.ts';

/**
 * Writes a document as the local-evaluation endpoint serves it into a project; the host runs each batch inside one transaction. The
 * call: `{"document", "token", "removeOthers", "answers"}`, the document as text, `answers` with the rows of each batch so far. Answer: `?`
 * and the next batch, or `=` and what became of each flag.
 */
export function importDocument(text: string): string {
  const call = parseObject(text);
  const definitions = fromLocalEvaluation(parseDefinitions(stringOf(call, 'document')));
  const options = { token: stringOf(call, 'token'), removeOthers: call['removeOthers'] === true };
  return batchesAnswer(reported(importBatches(definitions, options)), call['answers']);
}

function* reported(work: ReturnType<typeof importBatches>): Batches<JsonValue> {
  const { teamId, created, flags, cohorts, refusedCohorts } = yield* work;
  return { teamId, created, flags, cohorts, refusedCohorts } as unknown as JsonValue;
}

/**
 * Stored definitions as the document that `importDocument` reads. The call: what `load` takes. Answer: `=` and the document; flags that
 * ask about other flags name them by key, as the endpoint does.
 */
export function exportDocument(text: string): string {
  const call = parseObject(text);
  if (Object.hasOwn(call, 'document')) return `=${jsonText(required(call, 'document'))}`;
  const { timezone, propertyMatchingVersion, flags, cohorts, groupTypeMapping } = required(
    call,
    'definitions',
  ) as unknown as Definitions;
  const keys = new Map(flags.flatMap((flag) => (isObject(flag) ? [[idText(flag['id']), flag['key']] as const] : [])));
  return `=${jsonText({
    flags: flags.map((flag) => withTargetKeys(flag, keys)),
    group_type_mapping: groupTypeMapping as unknown as JsonValue,
    cohorts: cohorts as unknown as JsonValue,
    ...(timezone === undefined ? {} : { timezone }),
    ...(propertyMatchingVersion === undefined ? {} : { property_matching_version: propertyMatchingVersion }),
  })}`;
}

/** As a filter names its target. */
function idText(id: JsonValue | undefined): string {
  return typeof id === 'number' ? String(id) : '';
}

function withTargetKeys(value: JsonValue, keys: ReadonlyMap<string, JsonValue | undefined>): JsonValue {
  if (isList(value)) return value.map((element) => withTargetKeys(element, keys));
  if (!isObject(value)) return value;
  const changed: Record<string, JsonValue> = {};
  for (const [name, member] of Object.entries(value)) {
    // Payloads and the like are the owner's own.
    changed[name] = ['filters', 'groups', 'properties'].includes(name) ? withTargetKeys(member, keys) : member;
  }
  if (value['type'] !== 'flag' || typeof value['key'] !== 'string') return changed;
  return { ...changed, key: keys.get(value['key']) ?? value['key'] };
}
