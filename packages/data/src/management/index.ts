export { storableJson } from '../import/storable-json.ts';
export type { ImportReport } from '../import/import-batches.ts';
export type { Row, Statement } from '../statements/statement.ts';
export { StoreError } from '../store-error.ts';
export { isDatabaseText, isInteger32 } from '../stored-text.ts';
export { randomText } from '../keys/random-text.ts';
export { digestOf, storedSecret, type StoredSecret } from '../keys/stored-secret.ts';
export * from './approval-statements.ts';
export * from './change-statements.ts';
export * from './cohort-statements.ts';
export * from './early-access-statements.ts';
export * from './flag-batch-statements.ts';
export * from './flag-list-statement.ts';
export * from './flag-statements.ts';
export * from './flag-use-statements.ts';
export * from './history-statements.ts';
export * from './label-statements.ts';
export * from './person-statements.ts';
export * from './rate-statements.ts';
export * from './schedule-statements.ts';
export * from './suggest-statements.ts';
export * from './traffic-statements.ts';
export { Transactions, type TransactionOptions, type Work } from './transactions.ts';
export * from './account-statements.ts';
export {
  ChangedMeanwhile,
  hasExperimentsStatement,
  type StoredCode,
  storedCode,
  type StoredFlag,
  writeCode,
} from './stored-code.ts';
export { newestPropertyKeys, type PropertyKeys } from './property-keys.ts';
export * from './api-key-statements.ts';
export * from './project-statements.ts';
export * from './session-statements.ts';
export * from './user-statements.ts';
export { directWriteProblems } from './direct-writes.ts';
export { UnknownOutcomeError } from './unknown-outcome-error.ts';
export { UnwritableError } from './unwritable-error.ts';
