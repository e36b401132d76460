export type {
  FlagCall,
  GroupOperation,
  MergeRequest,
  Operation,
  PersonOperation,
  Warning,
} from './events/operation.ts';
export { type Reduced, reduceEvents, type ReduceSettings } from './events/operations.ts';
export type {
  AttachedId,
  ChangedPerson,
  Changes,
  GroupChange,
  MergedPerson,
  NewPerson,
  PersonRef,
  StickyKeySource,
} from './fold/changes.ts';
export {
  type Folded,
  type FoldedOperation,
  foldTeam,
  type Outcome,
  type WantedRows,
  wantedRows,
} from './fold/fold.ts';
export { claimGroupTypes } from './fold/groups-fold.ts';
export { DEFAULT_LIMITS, type HolderLimits } from './fold/limits.ts';
export type { MergeOutcome } from './fold/people-fold.ts';
export { groupName, type StoredDistinctId, type StoredGroup, type StoredPerson, type TeamRows } from './fold/rows.ts';
export { acceptedAnswer, type EventAnswer, laterAnswer, refusedAnswer } from './request/answer.ts';
export { type EventPath, type EventRequest, eventPath, type RequestLimits } from './request/event-request.ts';
export { receive } from './request/receive.ts';
export type { Entry, Received } from './request/received.ts';
export { Refusal } from './request/refusal.ts';
export type { SdkEvent } from './request/sdk-event.ts';
export type { Inflate, Inflated, Unpacking } from './request/unpack.ts';
