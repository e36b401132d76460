/** What is asked of a database beside requests for flags, without a driver: for hosts that bring their own connections. */
export type { Row, Statement } from '../statements/statement.ts';
export type { Batches } from './batches.ts';
export { importBatches } from './import-batches.ts';
export { type Migration, migrationBatches } from './migration-batches.ts';
export { recentPeople } from './recent-people.ts';
