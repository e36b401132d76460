import { isList, isObject, type JsonObject, type JsonValue, jsonText, member } from '@halyard/json';
import { cut, idText, isBlank } from '../text.ts';

/** An event as an SDK sent it, whatever the protocol. Its texts are not yet fit for a database (I22). */
export interface SdkEvent {
  readonly name: string;
  readonly distinctId: string;
  readonly properties: JsonObject;
  /** `$set` and `$set_once`, of the event and of its properties (I25). */
  readonly set: JsonObject;
  readonly setOnce: JsonObject;
  readonly unset: readonly string[];
  /** In lower case; null when the SDK sent none. */
  readonly uuid: string | null;
  /** What stands for a missing uuid: the exact text of an event that has a timestamp (I152). */
  readonly text: string | null;
  /** When it happened, in ms since 1970 (I120). */
  readonly time: number;
}

const mostCharacters = 200;
const noMembers: JsonObject = {};

/**
 * The name and the ids of a v0 event (I25), null without name or id (I26).
 *
 * @param nameless what an event without a name counts as (I10); null: it counts as nothing
 */
export function readV0Event(
  event: JsonValue,
  nameless: string | null,
  timeOf: (event: JsonObject, properties: JsonObject) => number,
): SdkEvent | null {
  if (!isObject(event)) return null;
  const given = member(event, 'properties') ?? null;
  const properties = given === null ? noMembers : given;
  const name = member(event, 'event') ?? nameless;
  if (!isObject(properties) || typeof name !== 'string' || isBlank(name)) return null;
  const distinctId = distinctIdOf(event, properties);
  if (distinctId === undefined) return null;
  const uuid = uuidOf(member(event, 'uuid'));
  return {
    name: cut(name, mostCharacters),
    distinctId,
    properties,
    set: { ...objectOf(properties, '$set'), ...objectOf(event, '$set') },
    setOnce: { ...objectOf(properties, '$set_once'), ...objectOf(event, '$set_once') },
    unset: unsetOf(properties),
    uuid,
    text: uuid === null && member(event, 'timestamp') !== undefined ? jsonText(event) : null,
    time: timeOf(event, properties),
  };
}

function distinctIdOf(event: JsonObject, properties: JsonObject): string | undefined {
  const places = [member(event, 'distinct_id'), member(event, '$distinct_id'), member(properties, 'distinct_id')];
  const ids = places.filter((id) => id !== undefined && id !== null).map(idText);
  const id = ids.find((text) => !isBlank(text));
  return id === undefined ? undefined : cut(id, mostCharacters);
}

/** A member that is an object; anything else counts as an empty one (I70). */
export function objectOf(object: JsonObject, key: string): JsonObject {
  const value = member(object, key);
  return isObject(value) ? value : noMembers;
}

/** Keys to be removed (I25): a list of them, or the keys of an object. */
export function unsetOf(properties: JsonObject): readonly string[] {
  const unset = member(properties, '$unset');
  if (isList(unset)) return unset.filter((key) => typeof key === 'string');
  return isObject(unset) ? Object.keys(unset) : [];
}

const UUID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/;

/** A uuid with its dashes, in lower case; null for anything else (I26). */
export function uuidOf(value: JsonValue | undefined): string | null {
  if (typeof value !== 'string') return null;
  const text = value.trim().toLowerCase();
  if (!UUID.test(text)) return null;
  const digits = text.replaceAll('-', '');
  return [0, 8, 12, 16, 20].map((start, i) => digits.slice(start, [8, 12, 16, 20, 32][i])).join('-');
}
