export { BoundedFactSource } from './bounded-facts.ts';
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './embedded/embedded-postgres.ts';
export { runningPostgresUrl } from './embedded/server-url.ts';
export type { FlagOutcome } from './import/definitions-import.ts';
export { type ImportOptions, type ImportReport, ProjectWriter } from './import/project-writer.ts';
export { type MemoryProject, MemoryStore } from './memory/memory-store.ts';
export { belongsToPostHog, type MigrateOptions, migrate, PostHogDatabaseError } from './migrate.ts';
export type {
  DefinitionSource,
  FactSource,
  LoadOptions,
  Project,
  ProjectDefinitions,
  StoreLog,
  StoreSide,
} from './ports.ts';
export { mayBeOlder, type Position } from './position.ts';
export { PostgresDefinitionSource, type PostgresDefinitionSourceOptions } from './postgres/definition-source.ts';
export type { Executor } from './postgres/executor.ts';
export { PostgresFactSource, type PostgresFactSourceOptions } from './postgres/fact-source.ts';
export { type ChangeNotices, type ChangeNoticesOptions, listenForChanges } from './postgres/change-notices.ts';
export { findSchema, type FoundSchema } from './postgres/found-schema.ts';
export { type ListedProject, listProjects } from './postgres/project-list.ts';
export type { PoolState, StatementEvent } from './postgres/pool-events.ts';
export { createRouter, type Router } from './postgres/router.ts';
export {
  type PoolLimits,
  type PoolName,
  poolNames,
  poolUrls,
  type RouterSettings,
  urlsFromEnvironment,
} from './postgres/router-settings.ts';
export { parseRedisUrl } from './redis/redis-connection.ts';
export { RedisError, type RedisErrorKind } from './redis/redis-error.ts';
export { SharedDefinitions, type SharedDefinitionsOptions } from './redis/shared-definitions.ts';
export * from './statements.ts';
export type { StaticMembers, StoredFacts, StoredGroup, StoredPerson, StoredStickyKey } from './stored-facts.ts';
