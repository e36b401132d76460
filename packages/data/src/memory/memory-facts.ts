import type { JsonObject, JsonValue } from '@halyard/json';
import type { FactPlan, Facts, GroupPlan, PersonFacts, StickyKeyPlan } from '@halyard/engine';
import { cookielessSentinel, lacksStickyKey, mergeStickyKeys, type StickyKeyRow } from '../sticky-keys.ts';
import { canBeStored } from '../stored-text.ts';
import type { StoredFacts, StoredPerson } from '../stored-facts.ts';

interface Person {
  readonly properties: JsonObject;
  readonly createdAt: string;
  readonly staticCohorts: Set<number>;
  /** Flag key → hash key. */
  readonly stickyKeys: Map<string, string>;
}

/** The facts of one project, in memory: same answers as PostgreSQL's, new sticky keys included. */
export class MemoryFacts {
  readonly #persons = new Map<string, Person>();
  readonly #groups = new Map<string, JsonObject>();

  /** @param now the creation time of persons that do not state theirs, RFC 3339 */
  constructor(stored: StoredFacts, now: string) {
    for (const person of stored.persons ?? []) this.#addPerson(person, now);
    for (const group of stored.groups ?? []) this.#groups.set(groupName(group.index, group.key), group.properties);
    for (const { cohortId, distinctIds } of stored.staticMembers ?? []) {
      for (const distinctId of distinctIds) this.#persons.get(distinctId)?.staticCohorts.add(cohortId);
    }
    for (const { distinctId, flagKey, hashKey } of stored.stickyKeys ?? []) {
      this.#persons.get(distinctId)?.stickyKeys.set(flagKey, hashKey);
    }
  }

  #addPerson({ distinctIds, properties, createdAt = '' }: StoredPerson, now: string): void {
    const person: Person = {
      properties,
      createdAt: createdAt === '' ? now : createdAt,
      staticCohorts: new Set(),
      stickyKeys: new Map(),
    };
    for (const distinctId of distinctIds) this.#persons.set(distinctId, person);
  }

  read(plan: FactPlan): Facts {
    return {
      person: plan.person === null && plan.staticCohorts.length === 0 ? null : this.#person(plan),
      groups: this.#groupFacts(plan.groups),
      stickyKeys: plan.stickyKeys === null ? null : this.#stickyKeys(plan.distinctId, plan.stickyKeys),
    };
  }

  #person(plan: FactPlan): PersonFacts | null {
    const person = this.#persons.get(plan.distinctId);
    if (person === undefined) return null;
    return {
      properties: pick(person.properties, plan.person?.keys ?? []),
      ...(plan.person?.createdAt === true ? { createdAt: person.createdAt } : {}),
      staticCohorts: new Set(plan.staticCohorts.filter((id) => person.staticCohorts.has(id))),
    };
  }

  #groupFacts(plans: readonly GroupPlan[]): ReadonlyMap<number, JsonObject> {
    const found = new Map<number, JsonObject>();
    for (const { index, key, keys } of plans) {
      const properties = this.#groups.get(groupName(index, key));
      if (properties !== undefined) found.set(index, pick(properties, keys));
    }
    return found;
  }

  #stickyKeys(distinctId: string, { anonDistinctId, write }: StickyKeyPlan): ReadonlyMap<string, string> {
    const own = this.#persons.get(distinctId);
    const other = anonDistinctId === null ? undefined : this.#persons.get(anonDistinctId);
    const persons = [...new Set([own, other])].filter((person) => person !== undefined);
    const rows = () => persons.flatMap((person) => rowsOf(person, person === own));
    if (write !== null && canBeWritten(write.hashKey) && lacksStickyKey(write, rows())) {
      for (const person of persons) addMissing(person, write.flagKeys, write.hashKey);
    }
    return mergeStickyKeys(rows());
  }
}

function canBeWritten(hashKey: string): boolean {
  return canBeStored(hashKey) && hashKey !== cookielessSentinel;
}

function rowsOf(person: Person, own: boolean): StickyKeyRow[] {
  const rows: StickyKeyRow[] = [];
  for (const [flagKey, hashKey] of person.stickyKeys) {
    if (hashKey !== cookielessSentinel) rows.push({ own, flagKey, hashKey });
  }
  return rows;
}

/** The first key stays for ever; only the sentinel may be replaced (D53, D66). */
function addMissing(person: Person, flagKeys: readonly string[], hashKey: string): void {
  for (const flagKey of flagKeys) {
    const stored = person.stickyKeys.get(flagKey);
    if (stored === undefined || stored === cookielessSentinel) person.stickyKeys.set(flagKey, hashKey);
  }
}

function groupName(index: number, key: string): string {
  return `${index} ${key}`;
}

/** Own properties only; defined rather than assigned, so that `__proto__` is a name like any other. */
function pick(properties: JsonObject, keys: readonly string[]): JsonObject {
  const picked: Record<string, JsonValue> = {};
  for (const key of keys) {
    if (!Object.hasOwn(properties, key)) continue;
    const value = properties[key];
    if (value === undefined) continue;
    Object.defineProperty(picked, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return picked;
}
