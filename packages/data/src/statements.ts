/**
 * The statements and how to read their rows, without a driver: for hosts that bring their own connection. Every column
 * comes back as text.
 */
export { classifyError, isAway } from './postgres/classify-error.ts';
export { documentsOf, groupTypesOf, projectFromRow, type ProjectRow } from './statements/definitions-from-rows.ts';
export {
  cohortsStatement,
  flagsStatement,
  groupTypesRevisionStatement,
  groupTypesStatement,
  mainRevisionStatement,
  projectStatement,
} from './statements/definitions-statement.ts';
export { failedFacts, factsFromRow, type RowFacts, stickyRowsOf } from './statements/facts-from-row.ts';
export { factsStatement } from './statements/facts-statement.ts';
export type { PersonsFeatures } from './statements/persons-features.ts';
export {
  type MainFeatures,
  type TableFeatures,
  tableFeaturesFromRow,
  tableFeaturesStatement,
} from './statements/table-features.ts';
export type { Row, Statement, StatementValue } from './statements/statement.ts';
export { stickyKeysStatement } from './statements/sticky-keys-statement.ts';
export { lacksStickyKey, mergeStickyKeys, type StickyKeyRow } from './sticky-keys.ts';
export { factFailure, StoreError, type StoreErrorKind, stickyKeysFailure } from './store-error.ts';
