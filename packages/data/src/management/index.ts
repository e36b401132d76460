export type { Row, Statement } from '../statements/statement.ts';
export { StoreError } from '../store-error.ts';
export { Transactions, type TransactionOptions, type Work } from './transactions.ts';
export * from './account-statements.ts';
