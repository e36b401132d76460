/** What makes a flag ask for stored data (E151). */
export interface FlagNeeds {
  /** It asks whatever the request says: it aggregates by group, or tests cohorts. */
  readonly always: boolean;
  /** It asks unless all of these are in the person overrides. */
  readonly personKeys: readonly string[];
  /** It asks when the request has a usable key of that group type and the override lacks the property. */
  readonly groupFilters: readonly { readonly index: number; readonly key: string }[];
  readonly testsCohorts: boolean;
  /** Person properties that the cohorts it tests look at, nested ones included. */
  readonly cohortKeys: readonly string[];
  /** Cohorts with stored membership, nested ones included. */
  readonly staticCohorts: readonly number[];
  /** Some condition or the flag level names a group type (E159). */
  readonly refersToGroups: boolean;
}
