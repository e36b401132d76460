/** What an author of a definition hardly meant (K14); none of it keeps a flag from being evaluated. */
export type WarningCode =
  | 'condition_never_decides'
  | 'filter_twice'
  | 'filter_never_true'
  | 'pattern_does_not_compile'
  | 'property_unknown'
  | 'variant_unreachable'
  | 'variant_not_declared'
  | 'shares_overridden'
  | 'shares_not_100'
  | 'nobody_let_in'
  | 'everybody_from_the_start'
  | 'payload_of_no_value'
  | 'payload_looks_secret'
  | 'users_redistributed';

export interface FlagWarning {
  readonly code: WarningCode;
  /** Where in the flag, such as `filters.groups[1]`. */
  readonly path: string;
  readonly message: string;
}
