import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { personUuid } from './events/event-uuid.ts';
import { NOW } from './memory-people.cases.ts';
import type { PeopleState } from './people-state.cases.ts';

/*
 * Persons and groups as the rules say, one event after the other: slow, without rows, batches or versions, and without a line of the
 * fold. Whatever else applies events is held against it.
 */

export interface PlainEvent {
  readonly event: string;
  readonly distinct_id: string;
  readonly uuid: string;
  readonly timestamp: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

interface Person {
  readonly uuidOf: string;
  readonly ids: Set<string>;
  properties: Map<string, unknown>;
  isIdentified: boolean;
  createdAt: number;
  keys: Map<string, string>;
}

interface Group {
  properties: Map<string, unknown>;
  createdAt: number;
}

/** I82, those of the generator. */
const listed = new Set(['undefined', 'null']);
/** I62. */
const impersonal = new Set(['$exception', '$groupidentify']);
/** I74. */
const personEvents = new Set(['$identify', '$set', '$create_alias', '$merge_dangerously']);
const unworthy = new Set(['$browser', '$os', '$os_name']);
/** I70. */
const liftedKeys = ['$browser', '$os', 'utm_source'];

export class PlainPeople {
  readonly #owners = new Map<string, Person>();
  readonly #groups = new Map<string, Group>();
  readonly #types = new Set<string>();
  readonly #seen = new Set<string>();
  readonly #continuityFlags: readonly string[];

  constructor(continuityFlags: readonly string[] = []) {
    this.#continuityFlags = continuityFlags;
  }

  send(event: PlainEvent): void {
    const { properties } = event;
    if (properties['$process_person_profile'] === false) return; // I61
    const isPersonal = !impersonal.has(event.event) && !listed.has(event.distinct_id); // I62, I63
    const isGroup = event.event === '$groupidentify';
    if ((!isPersonal && !isGroup) || this.#seen.has(event.uuid)) return; // I150
    this.#seen.add(event.uuid);
    for (const type of Object.keys(properties['$groups'] ?? {})) this.#types.add(type); // I100
    if (isPersonal) this.#personEvent(event);
    if (isGroup) this.#groupEvent(event);
  }

  #personEvent(event: PlainEvent): void {
    const { distinct_id: id, properties } = event;
    const source = sourceOf(event);
    let isNew = false;
    if (source === null) {
      isNew = !this.#owners.has(id);
      if (isNew) this.#make(id, event);
    } else {
      isNew = this.#merge(id, source, event);
    }
    const person = this.#owners.get(id)!;
    if (source !== null) person.isIdentified = true; // I85
    const set = new Map(Object.entries(properties['$set'] ?? {}));
    const once = new Map(Object.entries(properties['$set_once'] ?? {}));
    const seen: Record<string, unknown> = { ...properties };
    if (seen['$os'] === undefined && seen['$os_name'] !== undefined) seen['$os'] = seen['$os_name'];
    for (const key of liftedKeys) {
      const value = seen[key];
      if (value === undefined) continue;
      if (!set.has(key)) set.set(key, value);
      const initial = `$initial_${key.replace('$', '')}`;
      if (value !== null && !once.has(initial)) once.set(initial, value);
    }
    const unset = (properties['$unset'] ?? []) as string[];
    const old = person.properties;
    const fills = ([key, value]: [string, unknown]) => !old.has(key) || (old.get(key) === null && value !== null);
    const isReason =
      [...set].some(
        ([key, value]) => !old.has(key) || (!unworthy.has(key) && !isDeepStrictEqual(old.get(key), value)),
      ) ||
      [...once].some((entry) => !unworthy.has(entry[0]) && fills(entry)) ||
      unset.some((key) => old.has(key));
    if (!isNew && !personEvents.has(event.event) && !isReason) return; // I74
    person.properties = new Map([...old, ...[...once].filter(fills), ...set]); // I72
    for (const key of unset) person.properties.delete(key);
  }

  #make(id: string, event: PlainEvent): Person {
    const createdAt = Date.parse(event.timestamp);
    const person = {
      uuidOf: id,
      ids: new Set([id]),
      properties: new Map<string, unknown>(),
      isIdentified: false,
      createdAt,
      keys: new Map<string, string>(),
    };
    this.#owners.set(id, person);
    return person;
  }

  /** I83 to I87; whether a person was made. */
  #merge(target: string, source: string, event: PlainEvent): boolean {
    const from = this.#owners.get(source);
    const to = this.#owners.get(target);
    if (from === undefined && to === undefined) {
      const person = this.#make(target, event);
      this.#attach(source, person);
      if (event.event === '$identify') for (const flag of this.#continuityFlags) person.keys.set(flag, source); // I91
      return true;
    }
    if (from === undefined) this.#attach(source, to!);
    else if (to === undefined) this.#attach(target, from);
    else if (from !== to && (!from.isIdentified || event.event === '$merge_dangerously')) {
      to.properties = new Map([...from.properties, ...to.properties]);
      to.createdAt = Math.min(to.createdAt, from.createdAt);
      to.keys = new Map([...from.keys, ...to.keys]);
      for (const id of from.ids) this.#attach(id, to);
    }
    return false;
  }

  #attach(id: string, person: Person): void {
    person.ids.add(id);
    this.#owners.set(id, person);
  }

  /** I102, I103. */
  #groupEvent({ properties, timestamp }: PlainEvent): void {
    const [type, key] = [properties['$group_type'], properties['$group_key']];
    if (typeof type !== 'string' || (typeof key !== 'string' && typeof key !== 'number') || !key) return;
    this.#types.add(type);
    const time = Date.parse(timestamp);
    const name = JSON.stringify([type, String(key)]);
    const known = this.#groups.get(name);
    const group = known ?? { properties: new Map<string, unknown>(), createdAt: time };
    this.#groups.set(name, group);
    const changes = Object.entries(properties['$group_set'] ?? {}).filter(
      ([member, value]) => !isDeepStrictEqual(group.properties.get(member), value),
    );
    if (changes.length === 0) return;
    group.properties = new Map([...group.properties, ...changes]);
    group.createdAt = Math.min(group.createdAt, time);
  }

  /** Everything, in the form of `comparable`. */
  state(teamId: number): Comparable {
    return sorted({
      persons: [...new Set(this.#owners.values())].map((person) => ({
        ids: [...person.ids].sort(),
        uuid: personUuid(teamId, person.uuidOf),
        properties: entriesOf(Object.fromEntries(person.properties)),
        isIdentified: person.isIdentified,
        createdAt: person.createdAt,
        stickyKeys: entriesOf(Object.fromEntries(person.keys)),
      })),
      types: [...this.#types].sort(),
      groups: [...this.#groups].map(([name, { properties, createdAt }]) => {
        const [type = '', key = ''] = JSON.parse(name) as string[];
        return { type, key, properties: entriesOf(Object.fromEntries(properties)), createdAt };
      }),
    });
  }
}

/** I80, I82; null: no merge is asked for. */
function sourceOf({ event, distinct_id: id, properties }: PlainEvent): string | null {
  const asked =
    event === '$identify'
      ? properties['$anon_distinct_id']
      : event === '$create_alias' || event === '$merge_dangerously'
        ? properties['alias']
        : undefined;
  if (asked === undefined) return null;
  if (typeof asked !== 'string') throw new TypeError('the plain model merges by texts only');
  const source = asked;
  return listed.has(source) || source === id ? null : source;
}

export interface Comparable {
  readonly persons: readonly unknown[];
  readonly types: readonly string[];
  readonly groups: readonly unknown[];
}

/** Rows without versions, which count writes (I76), and without what depends on the order of inserts. */
export function comparable({ persons, types, groups }: PeopleState): Comparable {
  const typeOf = new Map(Object.entries(types).map(([type, index]) => [index, type]));
  return sorted({
    persons: persons.map(({ ids, uuid, properties, isIdentified, createdAt, stickyKeys }) => {
      return {
        ids: [...ids].sort(),
        uuid,
        properties: entriesOf(properties),
        isIdentified,
        createdAt,
        stickyKeys: entriesOf(stickyKeys),
      };
    }),
    types: Object.keys(types).sort(),
    groups: groups.map(({ index, key, properties, createdAt }) => {
      return { type: typeOf.get(index), key, properties: entriesOf(properties), createdAt };
    }),
  });
}

/** Members sorted by name, also one called `__proto__`. */
const entriesOf = (object: object): [string, unknown][] => Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));

function sorted({ persons, types, groups }: Comparable): Comparable {
  const byText = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  return { persons: [...persons].sort(byText), types, groups: [...groups].sort(byText) };
}

const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'undefined', 'null');
const value = fc.constantFrom<unknown>(1, 2, null, 'x', { deep: [1] });
const keys = fc.constantFrom(
  'p',
  'q',
  '$browser',
  '$initial_browser',
  'utm_source',
  '$initial_os',
  '__proto__',
  'toString',
);
const members = fc.array(fc.tuple(keys, value), { maxLength: 3 }).map((list) => Object.fromEntries(list));

const event = fc.record({
  event: fc.constantFrom(
    '$pageview',
    '$set',
    '$exception',
    '$groupidentify',
    '$groupidentify',
    '$identify',
    '$identify',
    '$create_alias',
    '$merge_dangerously',
    '$merge_dangerously',
  ),
  distinct_id: ids,
  timestamp: fc.integer({ min: 0, max: 9 }).map((day) => new Date(NOW - day * 86_400_000).toISOString()),
  properties: fc.record(
    {
      $set: members,
      $set_once: members,
      $unset: fc.array(keys, { maxLength: 2 }),
      $anon_distinct_id: ids,
      alias: ids,
      $browser: value,
      $os: value,
      $os_name: value,
      utm_source: value,
      $process_person_profile: fc.boolean(),
      $groups: fc.constantFrom({ team: 'x' }, { place: 'y', team: 'z' }),
      $group_type: fc.constantFrom('company', 'team'),
      $group_key: fc.constantFrom<string | number>('acme', 1),
      $group_set: members,
    },
    { requiredKeys: [] },
  ),
});

/** Events of a few people, some of which are sent again later. */
export const plainEvents: fc.Arbitrary<PlainEvent[]> = fc
  .array(fc.tuple(event, fc.option(fc.nat(20), { freq: 8 })), { minLength: 1, maxLength: 40 })
  .map((drawn) => {
    const sent: PlainEvent[] = [];
    for (const [fresh, again] of drawn) {
      const uuid = `0190a1b2-0000-7000-8000-${String(sent.length).padStart(12, '0')}`;
      sent.push((again === null ? undefined : sent[again]) ?? { ...fresh, uuid });
    }
    return sent;
  });

/** Where a sequence is cut into batches. */
export const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 20 });

export function* cutInto<Item>(items: readonly Item[], sizes: readonly number[]): Generator<Item[]> {
  for (let from = 0, i = 0; from < items.length; i += 1) {
    const size = sizes[i] ?? 5;
    yield items.slice(from, from + size);
    from += size;
  }
}
