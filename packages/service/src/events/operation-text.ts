import type { Operation, PersonOperation } from '@halyard/people';
import { type JsonValue, jsonText, parseJson } from '@halyard/json';

/** Values nest as deep as requests may (I22), and a few levels lie around them here. */
const MAX_DEPTH = 140;

/**
 * Operations as text, for the way from one thread to another: it keeps numbers as they were written (I22), which a copy of objects does not.
 */
export function operationsText(operations: readonly Operation[]): string {
  return jsonText(
    operations.map(
      ({ uuid, time, person, groupTypes, group }): JsonValue => [
        uuid,
        time,
        person === null ? null : personValue(person),
        groupTypes,
        group === null ? null : [group.type, group.key, [...group.set].map(([key, value]) => [key, value])],
      ],
    ),
  );
}

function personValue({ distinctId, isPersonEvent, set, setOnce, unset, merge }: PersonOperation): JsonValue {
  return [
    distinctId,
    isPersonEvent,
    [...set].map(([key, value]) => [key, value]),
    [...setOnce].map(([key, value]) => [key, value]),
    unset,
    merge === null ? null : [merge.source, merge.evenIdentified, merge.isIdentify],
  ];
}

type Members = readonly (readonly [string, JsonValue])[];
type PersonRow = [string, boolean, Members, Members, readonly string[], [string, boolean, boolean] | null];
type OperationRow = [string | null, number, PersonRow | null, readonly string[], [string, string, Members] | null];

/** The operations of such a text. */
export function parseOperations(text: string): Operation[] {
  const rows = parseJson(text, { maxDepth: MAX_DEPTH }) as unknown as OperationRow[];
  return rows.map(([uuid, time, person, groupTypes, group]) => ({
    uuid,
    time,
    person: person === null ? null : personOf(person),
    groupTypes,
    group: group === null ? null : { type: group[0], key: group[1], set: new Map(group[2]) },
  }));
}

function personOf([distinctId, isPersonEvent, set, setOnce, unset, merge]: PersonRow): PersonOperation {
  return {
    distinctId,
    isPersonEvent,
    set: new Map(set),
    setOnce: new Map(setOnce),
    unset,
    merge: merge === null ? null : { source: merge[0], evenIdentified: merge[1], isIdentify: merge[2] },
  };
}
