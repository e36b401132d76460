// What a process that serves flags is built from: the service, the conformance doors and the benchmarks import this entry.
export {
  belongsToPostHog,
  classifyError,
  CookielessDays,
  createRouter,
  type DefinitionSource,
  type EmbeddedPostgres,
  errorClass,
  type Executor,
  type FactSource,
  type FoundSchema,
  type ImportReport,
  isAway,
  type KeyRow,
  type KeyScope,
  KeyWriter,
  keyScopes,
  LabelTakenError,
  type ListedProject,
  MemoryStore,
  migrate,
  type PoolLimits,
  type PoolState,
  PostHogDatabaseError,
  type ProjectRow,
  ProjectWriter,
  QuotaLists,
  RedisConnection,
  type Router,
  routerDefaults,
  type RouterSettings,
  runningPostgresUrl,
  startEmbeddedPostgres,
  type StatementEvent,
  type StoredFacts,
  StoreError,
  type StoreErrorKind,
  UnknownPersonError,
  UsageCounters,
  type UsageKind,
} from '@halyard/data';
export {
  compile,
  DefinitionError,
  type DefinitionProblem,
  type Definitions,
  type Evaluation,
  type EvaluationRequest,
  evaluate,
  explainFlag,
  explanationText,
  type FactPlan,
  type Facts,
  type FlagExplanation,
  type FlagResult,
  type Reason,
  type TypedResult,
  fromLocalEvaluation,
} from '@halyard/engine';
export { flagSentence, namesOf } from '@halyard/engine/review';
export {
  type CommittedBatch,
  type FlagCallCount,
  flagCallDay,
  openPeopleStore,
  type OperationOutcome,
  type PeopleStore,
  type PeopleStoreOptions,
  type RepeatCause,
  type TableOwner,
  type WaitingOperation,
} from '@halyard/data/people';
export type { KeyGrant, PersonalGrant, RemoteConfig } from '@halyard/data/conversation';
export { isBillable } from './billable.ts';
export { CompiledProject, type LoadedFacts } from './compiled-project.ts';
export { POSITION_HEADER } from './position-header.ts';
export { type OpenProjects, openProjects } from './open-projects.ts';
export type { LocalDefinitions } from './projects/local-definitions.ts';
export type { FreshnessChange } from './projects/freshness-report.ts';
export { TooManyUnknownTokens } from './projects/lookup-rate.ts';
export type { RemoteConfigs } from './projects/remote-configs.ts';
export type { RegistryMetrics } from './projects/project-registry.ts';
export { Turns } from './turns.ts';
