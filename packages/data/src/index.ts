export { BoundedFactSource } from './bounded-facts.ts';
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './embedded/embedded-postgres.ts';
export { runningPostgresUrl } from './embedded/server-url.ts';
export { errorClass } from './error-class.ts';
export type { FlagOutcome } from './import/definitions-import.ts';
export { type ImportOptions, type ImportReport, ProjectWriter } from './import/project-writer.ts';
export {
  type KeyRow,
  type KeyScope,
  KeyWriter,
  keyScopes,
  LabelTakenError,
  type MadeKey,
  type ProjectRow,
  UnknownPersonError,
} from './keys/key-writer.ts';
export { type MemoryProject, MemoryStore } from './memory/memory-store.ts';
export { belongsToPostHog, type MigrateOptions, migrate, PostHogDatabaseError } from './migrate.ts';
export type {
  DefinitionSource,
  FactSource,
  KeySource,
  LoadOptions,
  Project,
  ProjectDefinitions,
  StoreLog,
  StoreSide,
} from './ports.ts';
export { type PoolName, poolNames } from './pool-names.ts';
export { mayBeOlder, type Position } from './position.ts';
export type { Executor } from './postgres/executor.ts';
export { PostgresStore, type PostgresStoreOptions } from './postgres/postgres-store.ts';
export { type ChangeNotices, type ChangeNoticesOptions, listenForChanges } from './postgres/change-notices.ts';
export type { FoundSchema } from './conversation/find-schema.ts';
export type { ListedProject } from './conversation/list-projects.ts';
export type { PagedPerson } from './conversation/page-persons.ts';
export type { PoolState, StatementEvent } from './postgres/pool-events.ts';
export { createRouter, type Router } from './postgres/router.ts';
export {
  defaultSettings as routerDefaults,
  type PoolLimits,
  poolUrls,
  type RouterSettings,
  urlsFromEnvironment,
} from './postgres/router-settings.ts';
export { CookielessDays } from './redis/cookieless-days.ts';
export { QuotaLists, type QuotaListsOptions } from './redis/quota-lists.ts';
export { parseRedisUrl, RedisConnection } from './redis/redis-connection.ts';
export { RedisError, type RedisErrorKind } from './redis/redis-error.ts';
export { SharedDefinitions, type SharedDefinitionsOptions } from './redis/shared-definitions.ts';
export { UsageCounters, type UsageCountersOptions, type UsageKind } from './redis/usage-counters.ts';
export { classifyError, isAway } from './conversation/classify-error.ts';
export type { Row, Statement, StatementValue } from './statements/statement.ts';
export { StoreError, type StoreErrorKind } from './store-error.ts';
export type { StaticMembers, StoredFacts, StoredGroup, StoredPerson, StoredStickyKey } from './stored-facts.ts';
