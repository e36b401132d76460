export type {
  PoolLimits,
  PoolName,
  RouterSettings,
  StatementEvent,
  StaticMembers,
  StoredFacts,
  StoredGroup,
  StoredPerson,
  StoredStickyKey,
  StoreErrorKind,
  StoreLog,
} from '@halyard/data';
export type {
  BucketExplanation,
  ConditionExplanation,
  DefinitionProblem,
  Exclusion,
  FilterExplanation,
  FlagExplanation,
  FlagInfo,
  FlagResult,
  MissingFlag,
  Reason,
  RuleExplanation,
  RuleType,
  TypedResult,
} from '@halyard/engine';
export type { ExactNumber, JsonObject, JsonValue } from '@halyard/json';
export type { EvaluationContext } from './context.ts';
export { Flags } from './flags.ts';
export { createHalyard, FactsNeededError, Halyard } from './halyard.ts';
export type { DefinitionsHost } from './host-definitions.ts';
export type { CommonOptions, FromDefinitions, FromHost, HalyardOptions } from './options.ts';
export type { PostgresSource } from './postgres-project.ts';
export type { PropertiesInput, PropertyInput, ToJson } from './properties.ts';
export type { DefinitionsDocument, DefinitionsFile, DefinitionsUrl } from './sources.ts';
