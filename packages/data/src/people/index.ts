export { type FlagCallCount, flagCallDay } from './flag-calls.ts';
export type {
  CommittedBatch,
  OperationOutcome,
  PeopleStore,
  PeopleStoreOptions,
  RepeatCause,
  TableOwner,
  WaitingOperation,
} from './people-store.ts';
export { openPeopleStore } from './postgres-people-store.ts';
