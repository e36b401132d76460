/**
 * The statements and how to read their rows, without a driver: for hosts that bring their own connection. Every column
 * comes back as text.
 */
export { classifyError, isAway } from './postgres/classify-error.ts';
export { documentsOf, groupTypesOf, projectFromRow, type ProjectRow } from './postgres/definitions-from-rows.ts';
export {
  cohortsStatement,
  flagsStatement,
  groupTypesRevisionStatement,
  groupTypesStatement,
  mainRevisionStatement,
  projectStatement,
} from './postgres/definitions-statement.ts';
export { failedFacts, factsFromRow, type RowFacts, stickyRowsOf } from './postgres/facts-from-row.ts';
export { factsStatement } from './postgres/facts-statement.ts';
export type { PersonsShape } from './postgres/persons-shape.ts';
export { type MainShape, type Shape, shapeFromRow, shapeStatement } from './postgres/schema-shape.ts';
export type { Row, Statement, StatementValue } from './postgres/statement.ts';
export { stickyKeysStatement } from './postgres/sticky-keys-statement.ts';
export { lacksStickyKey, mergeStickyKeys, type StickyKeyRow } from './sticky-keys.ts';
export { factFailure, StoreError, type StoreErrorKind, stickyKeysFailure } from './store-error.ts';
