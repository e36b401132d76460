export {
  createTestDatabase,
  startThrowawayPostgres,
  type TestDatabase,
  type ThrowawayPostgres,
} from './throwaway-postgres.ts';
