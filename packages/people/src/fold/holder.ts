import type { JsonObject, JsonValue } from '@halyard/json';
import { memberBytes, sameValue } from '../members.ts';
import type { HolderLimits } from './limits.ts';

/** Properties of a person or group while a batch is folded: knows what they were, how many and how large they are. */
export class Holder {
  readonly #stored: JsonObject;
  readonly #members: Map<string, JsonValue>;
  readonly #touched = new Set<string>();
  #keys: number;
  #bytes: number;

  /** @param stored the row, or null for what is new; its counts are those of all its properties */
  constructor(stored: { readonly properties: JsonObject; readonly keys: number; readonly bytes: number } | null) {
    this.#stored = stored?.properties ?? {};
    this.#members = new Map(Object.entries(this.#stored));
    this.#keys = stored?.keys ?? 0;
    this.#bytes = stored?.bytes ?? 0;
  }

  get(key: string): JsonValue | undefined {
    return this.#members.get(key);
  }

  entries(): IterableIterator<[string, JsonValue]> {
    return this.#members.entries();
  }

  /**
   * Makes changes, undefined removing a key. Keys beyond the limit are left out; if all together would grow beyond the
   * limit of bytes, nothing is changed.
   */
  change(changes: ReadonlyMap<string, JsonValue | undefined>, limits: HolderLimits): 'done' | 'keys' | 'bytes' {
    const fitting: [string, JsonValue | undefined][] = [];
    let keys = this.#keys;
    let bytes = this.#bytes;
    let isShort = false;
    for (const [key, value] of changes) {
      const old = this.#members.get(key);
      if (old === undefined && value !== undefined && keys >= limits.keys) {
        isShort = true;
        continue;
      }
      keys += (value === undefined ? 0 : 1) - (old === undefined ? 0 : 1);
      bytes += (value === undefined ? 0 : memberBytes(key, value)) - (old === undefined ? 0 : memberBytes(key, old));
      fitting.push([key, value]);
    }
    if (bytes > limits.bytes && bytes > this.#bytes) return 'bytes';
    this.#keys = keys;
    this.#bytes = bytes;
    for (const [key, value] of fitting) {
      this.#touched.add(key);
      if (value === undefined) this.#members.delete(key);
      else this.#members.set(key, value);
    }
    return isShort ? 'keys' : 'done';
  }

  /** How many more keys and bytes there may be; negative where there are too many already. */
  room(limits: HolderLimits): { keys: number; bytes: number } {
    return { keys: limits.keys - this.#keys, bytes: limits.bytes - this.#bytes };
  }

  /** All properties, of what is new. */
  whole(): JsonObject {
    return Object.fromEntries(this.#members);
  }

  /** What differs from the row. */
  difference(): { set: JsonObject; unset: readonly string[]; isEmpty: boolean } {
    const set: [string, JsonValue][] = [];
    const unset: string[] = [];
    for (const key of this.#touched) {
      const old = Object.hasOwn(this.#stored, key) ? this.#stored[key] : undefined;
      const value = this.#members.get(key);
      if (sameValue(old, value)) continue;
      if (value === undefined) unset.push(key);
      else set.push([key, value]);
    }
    return { set: Object.fromEntries(set), unset, isEmpty: set.length === 0 && unset.length === 0 };
  }
}
