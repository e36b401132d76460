import { GroupProperty, PersonProperty } from '../program/property.ts';

/** Gives every property that a Program's filters read its place, one a name, and in groups one a group type and name. */
export class Slots {
  readonly #person = new Map<string, PersonProperty>();
  readonly #group = new Map<number, Map<string, GroupProperty>>();
  #count = 0;

  /** How many places there are. */
  get count(): number {
    return this.#count;
  }

  person(key: string): PersonProperty {
    const known = this.#person.get(key);
    if (known !== undefined) return known;
    const property = new PersonProperty(this.#count++, key);
    this.#person.set(key, property);
    return property;
  }

  group(index: number, key: string): GroupProperty {
    const properties = this.#group.get(index) ?? new Map<string, GroupProperty>();
    this.#group.set(index, properties);
    const known = properties.get(key);
    if (known !== undefined) return known;
    const property = new GroupProperty(this.#count++, index, key);
    properties.set(key, property);
    return property;
  }

  /** The place of a group filter without a group type index (E86). */
  unresolved(): number {
    return this.#count++;
  }

  /** Every property that may have to be loaded for a person, sorted. `distinct_id` is always known (E146). */
  personKeys(): string[] {
    const keys = new Set<string>();
    for (const property of this.#person.values()) for (const key of property.sources) keys.add(key);
    keys.delete('distinct_id');
    return [...keys].sort();
  }

  /** Group type index → every property that may have to be loaded for such a group, sorted. */
  groupKeys(): Map<number, readonly string[]> {
    return new Map([...this.#group].map(([index, properties]) => [index, [...properties.keys()].sort()]));
  }
}
