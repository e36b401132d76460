import { ExactNumber, type JsonValue, member } from '@halyard/json';
import { type Members, sizeOf } from '../members.ts';
import { mayMerge, unmergeable } from '../person-ids.ts';
import type { Received } from '../request/received.ts';
import { objectOf, type SdkEvent } from '../request/sdk-event.ts';
import { cut, idText, isLonger, storableText, storableValue } from '../text.ts';
import { eventUuid } from './event-uuid.ts';
import { liftedProperties } from './lifted.ts';
import type { FlagCall, GroupOperation, MergeRequest, Operation, PersonOperation, Warning } from './operation.ts';

/** What becomes of the events of a request, before anything is looked up. */
export interface Reduced {
  /** In the order in which they apply. */
  readonly operations: readonly Operation[];
  readonly flagCalls: readonly FlagCall[];
  readonly warnings: readonly Warning[];
  /** How many events have no effect on persons and groups because they say so (I61), or for another reason (I62, I63). */
  readonly personless: number;
  readonly ignored: number;
}

export interface ReduceSettings {
  /** Keys that are never stored, a star at the end for all that begin so (I192). */
  readonly ignoreProperties?: readonly string[];
  /** Most bytes of `$set` and `$set_once` of an event (I190). Default 256 KiB. */
  readonly eventBytes?: number;
}

const PERSON_EVENTS = new Set(['$identify', '$set', '$create_alias', '$merge_dangerously']);

/** What a personless event may not be (I61). */
const NEED_A_PERSON = new Set(['$identify', '$create_alias', '$merge_dangerously', '$groupidentify']);

/** Events that are not about persons (I62). */
const NOT_ABOUT_PERSONS = new Set([
  '$exception',
  '$$heatmap',
  '$snapshot',
  '$performance_event',
  '$$client_ingestion_warning',
  '$groupidentify',
]);

const FLAG_CALLED = '$feature_flag_called';
const COOKIELESS_ID = '$posthog_cookieless';

/** What distinct ids are cut to (I25, I82), and what columns and keys hold at most (I102, I190). */
const longestId = 200;
const longestName = 400;

const defaultEventBytes = 256 * 1024;

/** Reduces events to what they may change (I60–I63, I70, I80, I100, I102, I110). */
export function reduceEvents(events: Received['events'], settings: ReduceSettings = {}): Reduced {
  const operations: Operation[] = [];
  const flagCalls: FlagCall[] = [];
  const warnings: Warning[] = [];
  let personless = 0;
  let ignored = 0;
  const warn = (warning: Warning): void => void warnings.push(warning);
  for (const event of events) {
    const uuid = event.uuid ?? (event.text === null ? null : eventUuid(event.text));
    if (event.name === FLAG_CALLED) flagCalls.push(...flagCallOf(event, uuid));
    if (isPersonless(event, warn)) {
      if (NEED_A_PERSON.has(event.name)) warn('personless_person_event');
      personless++;
      continue;
    }
    const isGroup = event.name === '$groupidentify';
    const person = concernsPerson(event) ? personOperation(event, settings, warn) : null;
    const group = isGroup ? groupOperation(event, settings, warn) : null;
    const groupTypes = person !== null || isGroup ? groupTypesOf(event, group, warn) : [];
    if (person === null && group === null && groupTypes.length === 0) ignored++;
    else operations.push({ uuid, time: event.time, person, groupTypes, group });
  }
  return { operations, flagCalls, warnings, personless, ignored };
}

/** I27, I61. */
function isPersonless({ properties, distinctId }: SdkEvent, warn: (warning: Warning) => void): boolean {
  if (member(properties, '$cookieless_mode') === true || distinctId === COOKIELESS_ID) return true;
  const profile = member(properties, '$process_person_profile');
  if (profile !== undefined && typeof profile !== 'boolean') warn('malformed_process_person_profile');
  return profile === false;
}

/** I62, I63. */
function concernsPerson({ name, properties, distinctId }: SdkEvent): boolean {
  if (NOT_ABOUT_PERSONS.has(name) || unmergeable(distinctId)) return false;
  return name !== FLAG_CALLED || member(properties, '$process_person_profile') === true;
}

function personOperation(event: SdkEvent, settings: ReduceSettings, warn: (warning: Warning) => void): PersonOperation {
  const lifted = liftedProperties(event.properties);
  const allSet = new Map<string, JsonValue>(Object.entries(event.set));
  const allOnce = new Map<string, JsonValue>(Object.entries(event.setOnce));
  for (const [key, initialKey, value] of lifted) {
    if (!allSet.has(key)) allSet.set(key, value);
    if (value !== null && !allOnce.has(initialKey)) allOnce.set(initialKey, value);
  }
  let set = kept(allSet, settings, warn);
  let setOnce = kept(allOnce, settings, warn);
  if (sizeOf(set) + sizeOf(setOnce) > (settings.eventBytes ?? defaultEventBytes)) {
    warn('event_too_large');
    set = new Map<string, JsonValue>();
    setOnce = set;
  }
  return {
    distinctId: storableText(event.distinctId),
    isPersonEvent: PERSON_EVENTS.has(event.name),
    set,
    setOnce,
    unset: event.unset.map(storableText),
    merge: mergeOf(event, warn),
  };
}

/** I80, I82. */
function mergeOf({ name, properties, distinctId }: SdkEvent, warn: (warning: Warning) => void): MergeRequest | null {
  const isIdentify = name === '$identify';
  const isAlias = name === '$create_alias' || name === '$merge_dangerously';
  const asked = isIdentify
    ? member(properties, '$anon_distinct_id')
    : isAlias
      ? member(properties, 'alias')
      : undefined;
  if (asked === undefined || (isAlias && !isTruthy(asked))) return null;
  const source = idText(asked);
  if (!mayMerge(source) || !mayMerge(distinctId)) {
    warn('illegal_distinct_id');
    return null;
  }
  const storable = storableText(cut(source, longestId));
  if (storable === storableText(distinctId)) return null;
  return { source: storable, evenIdentified: name === '$merge_dangerously', isIdentify };
}

/** I102. */
function groupOperation(
  { properties }: SdkEvent,
  settings: ReduceSettings,
  warn: (warning: Warning) => void,
): GroupOperation | null {
  const type = groupText(member(properties, '$group_type'));
  const key = groupText(member(properties, '$group_key'));
  if (type === undefined || key === undefined) return null;
  if (isLonger(type, longestName) || isLonger(key, longestName)) {
    warn('name_too_long');
    return null;
  }
  const set = kept(new Map(Object.entries(objectOf(properties, '$group_set'))), settings, warn);
  if (sizeOf(set) <= (settings.eventBytes ?? defaultEventBytes)) return { type, key, set };
  warn('event_too_large');
  return { type, key, set: new Map() };
}

/** I100. */
function groupTypesOf(
  { properties }: SdkEvent,
  group: GroupOperation | null,
  warn: (warning: Warning) => void,
): readonly string[] {
  const named = Object.keys(objectOf(properties, '$groups')).map(storableText);
  const types = new Set(group === null ? named : [...named, group.type]);
  return [...types].filter((type) => {
    if (type === '') return false;
    const isFitting = !isLonger(type, longestName);
    if (!isFitting) warn('name_too_long');
    return isFitting;
  });
}

/** A group's type or key: text, a number or true; anything else is none (I102). */
function groupText(value: JsonValue | undefined): string | undefined {
  if (value === undefined || !isTruthy(value)) return undefined;
  const isScalar = typeof value !== 'object' || value instanceof ExactNumber;
  return isScalar ? storableText(idText(value)) : undefined;
}

/** I110. A call that names no flag counts nothing. */
function flagCallOf({ properties, time }: SdkEvent, uuid: string | null): FlagCall[] {
  const flagKey = member(properties, '$feature_flag');
  if (typeof flagKey !== 'string' || flagKey === '' || isLonger(flagKey, longestName)) return [];
  const response = member(properties, '$feature_flag_response') ?? null;
  return [
    {
      uuid,
      time,
      flagKey: storableText(flagKey),
      value: response === null ? '(none)' : storableText(idText(response)),
      isError: (member(properties, '$feature_flag_error') ?? null) !== null,
    },
  ];
}

/** What may be stored of properties (I22, I190, I192). */
function kept(members: Members, settings: ReduceSettings, warn: (warning: Warning) => void): Map<string, JsonValue> {
  const fit = new Map<string, JsonValue>();
  for (const [key, value] of members) {
    if (isIgnored(key, settings.ignoreProperties ?? [])) continue;
    if (isLonger(key, longestName)) warn('key_too_long');
    else fit.set(storableText(key), storableValue(value));
  }
  return fit;
}

function isIgnored(key: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => (pattern.endsWith('*') ? key.startsWith(pattern.slice(0, -1)) : key === pattern));
}

/** As JavaScript has it: all but null, false, zero and the empty text. */
function isTruthy(value: JsonValue): boolean {
  return value instanceof ExactNumber ? value.value !== 0 : Boolean(value);
}
