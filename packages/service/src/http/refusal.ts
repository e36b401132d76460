/** Why the listener answers a request that it does not hand on; each protocol has its own words for it. */
export type Refusal =
  | 'target_invalid'
  | 'host_ambiguous'
  | 'body_too_large'
  | 'events_too_large'
  | 'body_unreadable'
  | 'overloaded'
  | 'request_timeout';
