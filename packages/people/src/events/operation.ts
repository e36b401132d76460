import type { Members } from '../members.ts';

/** What is left of an event that may change something (I60). Every text is fit for the database (I22). */
export interface Operation {
  /** By which a repeat is recognised (I150); null: nothing protects against one (I152). */
  readonly uuid: string | null;
  /** When the event happened, in ms since 1970 (I120). */
  readonly time: number;
  readonly person: PersonOperation | null;
  /** Group types that the event names, which get an index if one is free (I100). */
  readonly groupTypes: readonly string[];
  readonly group: GroupOperation | null;
}

export interface PersonOperation {
  readonly distinctId: string;
  /** Person events write whatever they change; others may be suppressed (I74). */
  readonly isPersonEvent: boolean;
  readonly set: Members;
  readonly setOnce: Members;
  readonly unset: readonly string[];
  readonly merge: MergeRequest | null;
}

/** Asks for the person of `source` to become the person of the event's own id (I80). */
export interface MergeRequest {
  readonly source: string;
  /** Whether an identified person is merged all the same (I84). */
  readonly evenIdentified: boolean;
  /** Whether `$identify` asks, which gives a new person sticky keys (I91). */
  readonly isIdentify: boolean;
}

export interface GroupOperation {
  readonly type: string;
  readonly key: string;
  readonly set: Members;
}

/** One `$feature_flag_called` (I110). */
export interface FlagCall {
  readonly uuid: string | null;
  readonly time: number;
  readonly flagKey: string;
  /** The response as text, `(none)` without one. */
  readonly value: string;
  readonly isError: boolean;
}

/** What an operator should hear of, without a name or a value of a client in it (I203). */
export type Warning =
  | 'already_identified'
  | 'event_too_large'
  | 'group_too_large'
  | 'illegal_distinct_id'
  | 'key_too_long'
  | 'malformed_process_person_profile'
  | 'name_too_long'
  | 'person_too_large'
  | 'personless_person_event'
  | 'too_many_group_types'
  | 'too_many_keys';
