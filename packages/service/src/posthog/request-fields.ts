import type { Runtime } from '../http/client-runtime.ts';
import { ExactNumber, isObject, type JsonObject, type JsonValue, textOf } from '@halyard/json';
import { Failure } from './wire/failure.ts';

/** The known fields of a `/flags` body (H40), checked. Undefined: absent or null. */
export interface RequestFields {
  readonly token: string | undefined;
  readonly distinctId: string | undefined;
  readonly groups: JsonObject | undefined;
  readonly personProperties: JsonObject | undefined;
  readonly groupProperties: Readonly<Record<string, JsonObject>> | undefined;
  readonly anonDistinctId: string | undefined;
  readonly deviceId: string | undefined;
  readonly flagKeys: readonly string[] | undefined;
  readonly disableFlags: boolean;
  readonly evaluationContexts: readonly string[] | undefined;
  readonly runtime: Runtime | undefined;
  /** The address is not the user's (H131). */
  readonly geoipDisable: boolean;
  /** IANA name, for cookieless days. */
  readonly timezone: string | undefined;
  readonly cookielessExtra: string | undefined;
  /** Internal requests only (H150). */
  readonly overrideFlags: JsonObject | undefined;
}

/**
 * Reads the fields of a body: any of a field's names, the first present one in the order of H40 (H41 (R)); null
 * counts as absent; a wrong type is a failure that names the field. Unknown fields are left alone.
 */
export function readFields(body: JsonObject): RequestFields | Failure {
  const read = new FieldReader(body);
  const personProperties = read.object('person_properties', '$properties');
  const runtime = read.string('evaluation_runtime');
  const fields: RequestFields = {
    token: read.string('token', 'api_key', '$token'),
    distinctId: read.distinctId(),
    groups: read.object('groups', '$groups'),
    personProperties,
    groupProperties: read.objectOfObjects('group_properties', '$group_properties'),
    anonDistinctId: read.string('anon_distinct_id', '$anon_distinct_id'),
    deviceId: read.string('device_id', '$device_id') || deviceProperty(personProperties),
    flagKeys: read.strings('flag_keys', 'flag_keys_to_evaluate'),
    disableFlags: read.boolean('disable_flags') ?? false,
    evaluationContexts: read.strings('evaluation_contexts', 'evaluation_environments'),
    runtime: runtime === undefined ? undefined : namedRuntime(runtime),
    geoipDisable: read.boolean('geoip_disable') ?? false,
    timezone: read.string('timezone'),
    cookielessExtra: read.string('cookieless_hash_extra'),
    overrideFlags: read.object('override_flags_definitions'),
  };
  // Read by nobody yet, but a wrong type is the caller's mistake all the same.
  read.string('ip_address');
  return read.failure ?? fields;
}

/** Longest distinct id that is taken whole, in bytes; a longer one keeps its first 200 characters (H45). */
const MAX_DISTINCT_ID = 200;

/** Reads one field after the other; the first wrong type is kept in `failure`. */
class FieldReader {
  failure: Failure | undefined = undefined;
  readonly #body: JsonObject;

  constructor(body: JsonObject) {
    this.#body = body;
  }

  string(...names: readonly [string, ...string[]]): string | undefined {
    const value = this.#value(names);
    return value === undefined || typeof value === 'string' ? value : this.#wrong(names, 'a string');
  }

  boolean(...names: readonly [string, ...string[]]): boolean | undefined {
    const value = this.#value(names);
    return value === undefined || typeof value === 'boolean' ? value : this.#wrong(names, 'true or false');
  }

  object(...names: readonly [string, ...string[]]): JsonObject | undefined {
    const value = this.#value(names);
    return value === undefined || isObject(value) ? value : this.#wrong(names, 'an object');
  }

  strings(...names: readonly [string, ...string[]]): readonly string[] | undefined {
    const value = this.#value(names);
    if (value === undefined) return undefined;
    return isStrings(value) ? value : this.#wrong(names, 'a list of strings');
  }

  objectOfObjects(...names: readonly [string, ...string[]]): Readonly<Record<string, JsonObject>> | undefined {
    const value = this.#value(names);
    if (value === undefined) return undefined;
    return isObject(value) && Object.values(value).every(isObject)
      ? (value as Readonly<Record<string, JsonObject>>)
      : this.#wrong(names, 'an object of objects');
  }

  distinctId(): string | undefined {
    const names = ['distinct_id', '$distinct_id'] as const;
    const value = this.#value(names);
    if (value === undefined) return undefined;
    if (typeof value === 'string') return truncated(value);
    if (typeof value === 'number' || value instanceof ExactNumber) return truncated(textOf(value));
    return this.#wrong(names, 'a string or a number');
  }

  #value(names: readonly string[]): JsonValue | undefined {
    for (const name of names) {
      if (!Object.hasOwn(this.#body, name)) continue;
      const value = this.#body[name];
      if (value !== null) return value;
    }
    return undefined;
  }

  #wrong(names: readonly string[], expected: string): undefined {
    const name = names.find((candidate) => Object.hasOwn(this.#body, candidate) && this.#body[candidate] !== null);
    this.failure ??= new Failure('field_type', `The field "${name}" must be ${expected}.`);
    return undefined;
  }
}

function isStrings(value: JsonValue): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** A UTF-16 unit is at most three bytes of UTF-8, so short ids need no count. */
function truncated(id: string): string {
  if (id.length * 3 <= MAX_DISTINCT_ID || Buffer.byteLength(id) <= MAX_DISTINCT_ID) return id;
  let end = 0;
  for (let characters = 0; characters < MAX_DISTINCT_ID && end < id.length; characters++) {
    end += (id.codePointAt(end) as number) > 0xffff ? 2 : 1; // end < length
  }
  return id.slice(0, end);
}

function deviceProperty(properties: JsonObject | undefined): string | undefined {
  if (properties === undefined || !Object.hasOwn(properties, '$device_id')) return undefined;
  const value = properties.$device_id;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Any case; an unknown word counts as `all` (E168). */
function namedRuntime(word: string): Runtime {
  const lower = word.toLowerCase();
  return lower === 'client' || lower === 'server' ? lower : 'all';
}
