import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { type JsonObject, jsonText } from '@halyard/json';
import {
  type Changes,
  claimGroupTypes,
  type EventPath,
  type EventRequest,
  foldTeam,
  type Folded,
  groupName,
  type Inflate,
  type Inflated,
  type Operation,
  type PersonRef,
  type Received,
  receive,
  reduceEvents,
  type ReduceSettings,
  Refusal,
  type StoredDistinctId,
  type StoredGroup,
  type StoredPerson,
} from './index.ts';
import type { PeopleState } from './people-state.cases.ts';

export const TEAM = 7;
export const NOW = Date.UTC(2026, 10, 30, 9);

/** Stands for the tables of one team: what the store does with `Changes`, row by row. */
export class MemoryPeople {
  readonly persons = new Map<string, StoredPerson & { readonly uuid: string }>();
  readonly distinctIds = new Map<string, StoredDistinctId>();
  readonly groupTypes = new Map<string, number>();
  readonly groups = new Map<string, StoredGroup>();
  readonly ingested = new Set<string>();
  /** Of persons: cohorts, and sticky keys by flag key. */
  readonly memberships = new Map<string, Set<number>>();
  readonly stickyKeys = new Map<string, Map<string, string>>();
  /** Flags with continuity. */
  continuityFlags: readonly string[] = [];
  #nextId = 1;

  /** Makes a person's row. */
  insert(uuid: string, properties: JsonObject, isIdentified: boolean, createdAt: number, version: number): string {
    const id = String(this.#nextId++);
    this.persons.set(id, { id, uuid, ...counted(properties), isIdentified, createdAt, version });
    return id;
  }

  /** One batch, as one transaction. */
  apply(operations: readonly Operation[]): Folded {
    for (const [type, index] of claimGroupTypes(operations, this.groupTypes)) this.groupTypes.set(type, index);
    const folded = foldTeam(TEAM, operations, this);
    for (const { uuid } of operations) if (uuid !== null) this.ingested.add(uuid);
    this.#write(folded.changes);
    return folded;
  }

  #write(changes: Changes): void {
    const made = changes.newPersons.map((row) =>
      this.insert(row.uuid, row.properties, row.isIdentified, row.createdAt, row.version),
    );
    const idOf = (ref: PersonRef): string => ('stored' in ref ? ref.stored : (made[ref.created] as string));
    for (const { distinctId, person, version, revives } of changes.attached) {
      if (this.distinctIds.has(distinctId) !== revives) throw new Error(`${distinctId} is there, or is not`);
      this.distinctIds.set(distinctId, { personId: idOf(person), version });
    }
    for (const source of changes.stickyKeys) {
      const target = idOf(source.into);
      if ('hashKey' in source) for (const flag of this.continuityFlags) this.#addKey(target, flag, source.hashKey);
      else for (const [flag, key] of this.stickyKeys.get(source.merged) ?? []) this.#addKey(target, flag, key);
    }
    for (const { id, into, steps } of changes.merged) {
      const target = idOf(into);
      for (const [distinctId, row] of this.distinctIds)
        if (row.personId === id && !changes.attached.some((other) => other.distinctId === distinctId))
          this.distinctIds.set(distinctId, { personId: target, version: (row.version ?? 0) + steps });
      const cohorts = new Set([...(this.memberships.get(target) ?? []), ...(this.memberships.get(id) ?? [])]);
      if (cohorts.size > 0) this.memberships.set(target, cohorts);
      for (const table of [this.persons, this.memberships, this.stickyKeys]) table.delete(id);
    }
    for (const { id, set, unset, isIdentified, createdAt, version } of changes.changedPersons) {
      const row = this.persons.get(id);
      if (row === undefined) throw new Error(`person ${id} is gone`);
      const left = Object.entries(row.properties).filter(([key]) => !unset.includes(key));
      const properties = { ...Object.fromEntries(left), ...set };
      this.persons.set(id, { ...row, ...counted(properties), isIdentified, createdAt, version });
    }
    for (const { index, key, set, createdAt, version } of changes.groups) {
      const properties = { ...this.groups.get(groupName(index, key))?.properties, ...set };
      this.groups.set(groupName(index, key), { ...counted(properties), createdAt, version });
    }
  }

  #addKey(person: string, flag: string, key: string): void {
    const keys = this.stickyKeys.get(person) ?? new Map<string, string>();
    this.stickyKeys.set(person, keys.has(flag) ? keys : keys.set(flag, key));
  }

  /** All rows, in an order of their own. */
  state(): PeopleState {
    const persons = [...this.persons.values()].map((row) => {
      const ids = this.idsOf(row.id);
      return {
        ids,
        uuid: row.uuid,
        properties: row.properties,
        isIdentified: row.isIdentified,
        createdAt: row.createdAt,
        version: row.version ?? 0,
        idVersions: Object.fromEntries(ids.map((id) => [id, this.distinctIds.get(id)?.version ?? 0])),
        stickyKeys: Object.fromEntries(this.stickyKeys.get(row.id) ?? []),
        cohorts: [...(this.memberships.get(row.id) ?? [])].sort((a, b) => a - b),
      };
    });
    const groups = [...this.groups].map(([name, { properties, createdAt, version }]) => {
      const [index = '', key = ''] = name.split(/:(.*)/s);
      return { index: Number(index), key, properties, createdAt, version };
    });
    return { persons, types: Object.fromEntries(this.groupTypes), groups };
  }

  /** Live distinct ids of a person, sorted. */
  idsOf(person: string): string[] {
    return [...this.distinctIds].flatMap(([id, { personId }]) => (personId === person ? [id] : [])).sort();
  }
}

function counted(properties: JsonObject): { properties: JsonObject; keys: number; bytes: number } {
  return { properties, keys: Object.keys(properties).length, bytes: Buffer.byteLength(jsonText(properties)) };
}

/** What an HTTP request brings, a v0 batch unless said otherwise. */
export interface Sent {
  readonly path?: EventPath;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly unpackedBytes?: number;
  readonly events?: number;
}

export function requestOf(body: string | Uint8Array, sent: Sent = {}): EventRequest {
  return {
    path: sent.path ?? 'v0',
    body: Buffer.from(body as Uint8Array),
    query: new URLSearchParams(sent.query ?? ''),
    header: (name) => sent.headers?.[name],
    now: NOW,
    limits: {
      ...(sent.unpackedBytes !== undefined && { unpackedBytes: sent.unpackedBytes }),
      ...(sent.events !== undefined && { events: sent.events }),
    },
  };
}

/** Drives `receive` as the service does, but at once. */
export function received(request: EventRequest): Received | Refusal {
  const reading = receive(request);
  let step = reading.next();
  while (step.done !== true) step = reading.next(inflated(step.value));
  return step.value;
}

function inflated({ format, bytes, limit }: Inflate): Inflated {
  try {
    const options = { maxOutputLength: limit };
    switch (format) {
      case 'gzip':
        return gunzipSync(bytes, options);
      case 'deflate':
        return inflateSync(bytes, options);
      case 'br':
        return brotliDecompressSync(bytes, options);
      case 'zstd':
        return 'unknown_format';
    }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too_large' : 'broken';
  }
}

/** What events of one v0 batch become. Throws what would be refused. */
export function reduced(events: readonly unknown[], settings: ReduceSettings = {}): ReturnType<typeof reduceEvents> {
  return reducedText(JSON.stringify(events), settings);
}

/** The same for the JSON text of a list of events. */
export function reducedText(events: string, settings: ReduceSettings = {}): ReturnType<typeof reduceEvents> {
  const text = `{"api_key":"phc_example","batch":${events}}`;
  const outcome = received(requestOf(text));
  if (outcome instanceof Refusal) throw new Error(`${outcome.status}: ${outcome.message}`);
  return reduceEvents(outcome.events, settings);
}
