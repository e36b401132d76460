/**
 * Conversations with a store, without a driver: for hosts that bring their own connections. They yield statements and take rows, of
 * which every column comes as text.
 */
export { classifyError } from './classify-error.ts';
export type { Row, Statement, StatementValue } from '../statements/statement.ts';
export { StoreError } from '../store-error.ts';
export { loadFacts } from './load-facts.ts';
export { loadProject, projectRevision } from './load-project.ts';
export { loadReferences } from './load-references.ts';
export { Store } from './store.ts';
export { type Answer, type Ask, type Conversation, type Wish } from './wish.ts';
