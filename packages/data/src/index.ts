export { MemoryStore, type MemoryProject } from './memory/memory-store.ts';
export type { DefinitionSource, FactSource, JsonCodec, Project, ProjectDefinitions, StoreLog } from './ports.ts';
export { factsFromRow, failedFacts, type RowFacts, stickyRowsOf } from './postgres/facts-from-row.ts';
export { factsStatement } from './postgres/facts-statement.ts';
export type { PersonsShape } from './postgres/persons-shape.ts';
export type { Row, Statement, StatementValue } from './postgres/statement.ts';
export { stickyKeysStatement } from './postgres/sticky-keys-statement.ts';
export { factFailure, StoreError, type StoreErrorKind } from './store-error.ts';
export type { StaticMembers, StoredFacts, StoredGroup, StoredPerson, StoredStickyKey } from './stored-facts.ts';
