import type { FilterDefinition } from '../definitions/filter.ts';
import type { PropertyTest } from '../operators/property-test.ts';
import type { GroupProperty, PersonProperty } from './property.ts';

/**
 * A filter of a condition other than one on a cohort, ready to be tested. The filters of a condition are a chain: evaluation reads
 * definitions far more often than the processor's nearest memory holds them, and a list is two more objects to fetch.
 */
export type CompiledFilter = PersonFilter | GroupFilter | FlagFilter;

/** Tests a person property, also inside a cohort, where every property is a person's (E127). */
export interface PersonFilter {
  readonly kind: 'person';
  readonly definition: FilterDefinition;
  readonly property: PersonProperty;
  readonly matches: PropertyTest;
  /** Place of the value that it tests among those that one evaluation looks up: the property's own number. */
  readonly place: number;
  readonly next: CompiledFilter | null;
}

/** Tests a group property; `property` is `null` when no group type index is named (E8, E86). */
export interface GroupFilter {
  readonly kind: 'group';
  readonly definition: FilterDefinition;
  readonly property: GroupProperty | null;
  readonly matches: PropertyTest;
  /** Place of the value that it tests; one of its own without a property. */
  readonly place: number;
  readonly next: CompiledFilter | null;
}

/** Asks about the value of another flag (E135). */
export interface FlagFilter {
  readonly kind: 'flag';
  readonly definition: FilterDefinition;
  /** Position of the flag it asks about; -1 when there is none. */
  readonly target: number;
  /** That flag's key, or else what the definition calls it. */
  readonly targetKey: string;
  /** The value that passes, `true` standing for anything but `false`; `null` when none does. */
  readonly wanted: boolean | string | null;
  readonly next: CompiledFilter | null;
}
