export { skipWithoutRedis, startRedis, type TestRedis } from './redis-server.ts';
export { connectClient } from '../postgres/client-config.ts';
export { type CountingProxy, startCountingProxy, type WireCounts } from './counting-proxy.ts';
export { ask } from './ask.ts';
export { findProgram, onBuildServer } from './programs.ts';
export { holdTransaction } from './hold.ts';
export { skipWithoutPgBouncer, startPgBouncer, type TestPgBouncer } from './pgbouncer.ts';
export { type ReplicatedPostgres, startReplica } from './replica.ts';
export { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
export {
  createTestDatabase,
  startThrowawayPostgres,
  type TestDatabase,
  type ThrowawayPostgres,
} from './throwaway-postgres.ts';
export { waitUntil } from './wait-until.ts';
