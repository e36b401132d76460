/** What an import asks a database, without a driver: for hosts that bring their own connections. */
export type { Row, Statement } from '../statements/statement.ts';
export type { Batches } from './batches.ts';
export { importBatches } from './import-batches.ts';
