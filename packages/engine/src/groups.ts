import { type Facts, isFailure } from './facts.ts';
import { ExactNumber, isObject, type JsonObject, type JsonValue, member, textOf } from '@halyard/json';
import type { EvaluationRequest } from './request.ts';

/** Group types by index, or `null` when the mapping could not be loaded (E159). */
export type GroupTypes = ReadonlyMap<number, string> | null;

/** E66: the text of a usable group key, a non-empty string or any number; `null` for every other value. */
export function usableKey(key: JsonValue | undefined): string | null {
  if (typeof key === 'string') return key === '' ? null : key;
  return typeof key === 'number' || key instanceof ExactNumber ? textOf(key) : null;
}

/** What one request says about groups, with the stored properties of the groups it names. */
export class GroupContext {
  readonly #types: GroupTypes;
  readonly #groups: JsonObject;
  readonly #overrides: JsonObject;
  readonly #stored: ReadonlyMap<number, JsonObject>;
  readonly #failed: boolean;
  /** The request names a usable key of some group type. */
  readonly hasKey: boolean;
  /** E159: some usable key, or some override other than an unusable `$group_key`. */
  readonly hasContext: boolean;

  constructor(types: GroupTypes, request: EvaluationRequest, facts: Facts | null) {
    this.#types = types;
    this.#groups = request.groups ?? {};
    this.#overrides = request.groupProperties ?? {};
    this.#failed = facts !== null && isFailure(facts.groups);
    this.#stored = facts === null || isFailure(facts.groups) ? new Map() : facts.groups;
    this.hasKey = Object.keys(this.#groups).some((type) => usableKey(this.#groups[type]) !== null);
    this.hasContext = this.hasKey || Object.keys(this.#overrides).some((type) => this.#saysSomething(type));
  }

  /** Text of the usable key for a group type index; `null` when there is none (E66). */
  key(index: number): string | null {
    const type = this.#types?.get(index);
    return type === undefined ? null : usableKey(member(this.#groups, type));
  }

  /** Merged property of the group of that index (E150); `undefined` when it is not set. */
  property(index: number | null, key: string): JsonValue | undefined {
    const type = index === null ? undefined : this.#types?.get(index);
    if (type === undefined) return undefined;
    if (key === '$group_key' && Object.hasOwn(this.#groups, type)) return this.#groups[type];
    const overrides = member(this.#overrides, type);
    if (isObject(overrides) && Object.hasOwn(overrides, key)) return overrides[key];
    const stored = this.#stored.get(index as number);
    return stored === undefined ? undefined : member(stored, key);
  }

  /** The request itself sets that property of the group (E151). */
  hasOverride(index: number, key: string): boolean {
    const type = this.#types?.get(index);
    if (type === undefined) return false;
    if (key === '$group_key' && Object.hasOwn(this.#groups, type)) return true;
    const overrides = member(this.#overrides, type);
    return isObject(overrides) && Object.hasOwn(overrides, key);
  }

  /** E88: whether an absent property of that group means "unknown" and not "not set". */
  isUnknown(index: number | null): boolean {
    if (!this.hasContext || index === null) return false;
    const type = this.#types?.get(index);
    if (type === undefined) return true;
    return this.#failed && usableKey(member(this.#groups, type)) !== null;
  }

  #saysSomething(type: string): boolean {
    const overrides = member(this.#overrides, type);
    if (!isObject(overrides)) return false;
    return Object.keys(overrides).some((key) => key !== '$group_key' || usableKey(overrides[key]) !== null);
  }
}

/** A request that says nothing about groups. */
export const NO_GROUPS: GroupContext = new GroupContext(new Map(), { distinctId: '', now: 0 }, null);
