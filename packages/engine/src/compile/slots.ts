import { PersonSlot } from '../person-slot.ts';

/** The person properties that a Program's filters read, one slot a name, and the group properties by type index. */
export class Slots {
  readonly #person = new Map<string, PersonSlot>();
  readonly #group = new Map<number, Set<string>>();

  person(key: string): PersonSlot {
    let slot = this.#person.get(key);
    if (slot === undefined) {
      slot = new PersonSlot(key);
      this.#person.set(key, slot);
    }
    return slot;
  }

  noteGroupKey(index: number, key: string): void {
    const keys = this.#group.get(index);
    if (keys === undefined) this.#group.set(index, new Set([key]));
    else keys.add(key);
  }

  /** Every property that may have to be loaded for a person, sorted. `distinct_id` is always known (E146). */
  personKeys(): string[] {
    const keys = new Set<string>();
    for (const slot of this.#person.values()) for (const key of slot.sources) keys.add(key);
    keys.delete('distinct_id');
    return [...keys].sort();
  }

  /** Group type index → every property that may have to be loaded for such a group, sorted. */
  groupKeys(): Map<number, readonly string[]> {
    return new Map([...this.#group].map(([index, keys]) => [index, [...keys].sort()]));
  }
}
