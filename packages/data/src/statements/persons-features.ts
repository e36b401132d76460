/** What the persons tables of this database have and lack (D30). */
export interface PersonsFeatures {
  /** `posthog_person.is_deleted` exists: its rows may be tombstones. */
  readonly personTombstones: boolean;
  /** `posthog_persondistinctid.is_deleted` exists. */
  readonly distinctIdTombstones: boolean;
  /** We may lock person rows, which takes a privilege that a mere reader of the table lacks. */
  readonly canLockPersons: boolean;
}
