/** Which stored facts a request needs. The data layer answers it in one round trip. */
export interface FactPlan {
  readonly teamId: number;
  readonly distinctId: string;
  /** The property keys to fetch (the array is the same object for every request of one Program). */
  readonly person: { readonly keys: readonly string[]; readonly createdAt: boolean } | null;
  /** Groups named by the request; `key` is the text to look up (D57). */
  readonly groups: readonly GroupPlan[];
  /** Static cohorts to test for membership of the person. */
  readonly staticCohorts: readonly number[];
  readonly stickyKeys: StickyKeyPlan | null;
}

export interface GroupPlan {
  readonly index: number;
  readonly key: string;
  readonly keys: readonly string[];
}

/** Experience continuity: which overrides to read, and which to store first (E154–E157). */
export interface StickyKeyPlan {
  /** Also read the overrides of this id's person; the distinct id's person wins. */
  readonly anonDistinctId: string | null;
  /**
   * Store `hashKey` for every resolved person and every one of these flags without a row, provided that at least one of
   * the flags has no row for any of the persons (D50). `null`: write nothing.
   */
  readonly write: { readonly flagKeys: readonly string[]; readonly hashKey: string } | null;
}
