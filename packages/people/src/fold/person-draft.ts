import { compareUtf8, type JsonValue } from '@halyard/json';
import { isKept } from '../events/lifted.ts';
import type { PersonOperation } from '../events/operation.ts';
import { SUPPRESSED_KEYS } from '../events/suppressed-keys.ts';
import { memberBytes, sameValue } from '../members.ts';
import type { ChangedPerson, NewPerson } from './changes.ts';
import { Holder } from './holder.ts';
import type { HolderLimits } from './limits.ts';
import type { StoredPerson } from './rows.ts';

const hour = 3_600_000;

/** What an event did to a person's properties. `too_many_keys` changed the others. */
export type PropertyOutcome = 'changed' | 'unchanged' | 'suppressed' | 'person_too_large' | 'too_many_keys';

/** A person while a batch is folded. */
export class PersonDraft {
  /** The row; null for a person that the batch makes. */
  readonly stored: StoredPerson | null;
  /** Of a new person. */
  readonly uuid: string;
  isIdentified: boolean;
  createdAt: number;
  /** What the sticky keys of a new person are made of (I91); null: it gets none. */
  hashKey: string | null = null;
  readonly #properties: Holder;
  /** The largest version of the rows that went into this person; null: there were none. */
  #version: number | null;
  #isMerged = false;
  #into: PersonDraft | null = null;
  /** Persons that were merged into this one, in order. */
  readonly #absorbed: PersonDraft[] = [];
  #lastEvent: number = Number.NEGATIVE_INFINITY;

  constructor(origin: StoredPerson | { readonly uuid: string; readonly createdAt: number }) {
    this.stored = 'id' in origin ? origin : null;
    this.uuid = 'id' in origin ? '' : origin.uuid;
    this.isIdentified = this.stored?.isIdentified ?? false;
    this.createdAt = origin.createdAt;
    this.#version = this.stored === null ? null : (this.stored.version ?? 0);
    this.#properties = new Holder(this.stored);
  }

  /** The person that this one is by now. */
  get survivor(): PersonDraft {
    return this.#into === null ? this : this.#into.survivor;
  }

  /** How many merges lie between this person and its survivor. */
  get steps(): number {
    return this.#into === null ? 0 : 1 + this.#into.steps;
  }

  sawEvent(time: number): void {
    this.#lastEvent = Math.max(this.#lastEvent, time);
  }

  /** Applies an event's properties (I72), unless they are no reason to write (I74). */
  apply(operation: PersonOperation, limits: HolderLimits, isNew: boolean): PropertyOutcome {
    const changes = this.#changesOf(operation);
    if (changes.size === 0) return 'unchanged';
    if (!isNew && !operation.isPersonEvent && !this.#isReason(operation)) return 'suppressed';
    switch (this.#properties.change(changes, limits)) {
      case 'bytes':
        return 'person_too_large';
      case 'keys':
        return 'too_many_keys';
      case 'done':
        return 'changed';
    }
  }

  #changesOf({ set, setOnce, unset }: PersonOperation): Map<string, JsonValue | undefined> {
    const changes = new Map<string, JsonValue | undefined>();
    for (const [key, value] of setOnce) if (this.#isUnset(key, value)) changes.set(key, value);
    for (const [key, value] of set) {
      if (sameValue(this.#properties.get(key), value)) changes.delete(key);
      else changes.set(key, value);
    }
    for (const key of unset) {
      if (this.#properties.get(key) === undefined) changes.delete(key);
      else changes.set(key, undefined);
    }
    return changes;
  }

  /** Whether `$set_once` sets a key: it is absent, or null so far. */
  #isUnset(key: string, value: JsonValue): boolean {
    const old = this.#properties.get(key);
    return old === undefined || (old === null && value !== null);
  }

  #isReason({ set, setOnce, unset }: PersonOperation): boolean {
    for (const [key, value] of set) {
      const old = this.#properties.get(key);
      if (old === undefined || (!SUPPRESSED_KEYS.has(key) && !sameValue(old, value))) return true;
    }
    for (const [key, value] of setOnce) if (!SUPPRESSED_KEYS.has(key) && this.#isUnset(key, value)) return true;
    return unset.some((key) => this.#properties.get(key) !== undefined);
  }

  /** Takes another person in (I86), as many of its properties as fit (I77). */
  absorb(source: PersonDraft, limits: HolderLimits): 'whole' | 'person_too_large' {
    const missing = [...source.#properties.entries()].filter(([key]) => this.#properties.get(key) === undefined);
    const fitting = this.#fitting(missing, limits);
    this.#properties.change(new Map(fitting), { keys: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY });
    this.createdAt = Math.min(this.createdAt, source.createdAt);
    this.isIdentified = true;
    this.#isMerged = true;
    this.sawEvent(source.#lastEvent);
    if (source.#version !== null) this.#version = Math.max(this.#version ?? 0, source.#version);
    source.#into = this;
    this.#absorbed.push(source);
    return fitting.length === missing.length ? 'whole' : 'person_too_large';
  }

  #fitting(members: [string, JsonValue][], limits: HolderLimits): [string, JsonValue][] {
    let { keys, bytes } = this.#properties.room(limits);
    keys -= members.length;
    for (const [key, value] of members) bytes -= memberBytes(key, value);
    if (keys >= 0 && bytes >= 0) return members;
    const dropped = new Set<string>();
    for (const [key, value] of members.filter(([name]) => !isKept(name)).sort(([a], [b]) => compareUtf8(a, b))) {
      if (keys >= 0 && bytes >= 0) break;
      dropped.add(key);
      keys++;
      bytes += memberBytes(key, value);
    }
    return members.filter(([key]) => !dropped.has(key));
  }

  /** Where keys come from that the person has not, as if its merges happened one by one: the first for a flag stays (I87). */
  stickyKeySources(): ({ merged: string } | { hashKey: string })[] {
    const own = this.hashKey === null ? [] : [{ hashKey: this.hashKey }];
    const others = this.#absorbed.flatMap((source) => [
      ...(source.stored === null ? [] : [{ merged: source.stored.id }]),
      ...source.stickyKeySources(),
    ]);
    return [...own, ...others];
  }

  /** The row of a new person (I71, I76). */
  asNew(): NewPerson {
    return {
      uuid: this.uuid,
      properties: this.#properties.whole(),
      isIdentified: this.isIdentified,
      createdAt: this.createdAt,
      version: this.#version === null ? 0 : this.#version + 1,
      lastSeenAt: this.#lastHour(),
    };
  }

  /** What is to be written of a stored person; null when its row is as it should be. */
  asChanged(): ChangedPerson | null {
    const { stored } = this;
    if (stored === null) return null;
    const { set, unset, isEmpty } = this.#properties.difference();
    const isSame = isEmpty && !this.#isMerged && this.isIdentified === stored.isIdentified;
    if (isSame && this.createdAt === stored.createdAt) return null;
    return {
      id: stored.id,
      set,
      unset,
      isIdentified: this.isIdentified,
      createdAt: this.createdAt,
      version: (this.#version ?? 0) + 1,
      lastSeenAt: this.#lastHour(),
    };
  }

  #lastHour(): number {
    return Math.floor(this.#lastEvent / hour) * hour;
  }
}
