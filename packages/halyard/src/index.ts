export type { StoredFacts, StoredGroup, StoredPerson } from '@halyard/data';
export type { DefinitionProblem, FlagExplanation, FlagResult, Reason } from '@halyard/engine';
export type { JsonValue } from '@halyard/json';
export type { EvaluationContext } from './context.ts';
export { Flags } from './flags.ts';
export { createHalyard, FactsNeededError, Halyard, type HalyardOptions } from './halyard.ts';
export type { PostgresSource } from './postgres-project.ts';
export type { PropertiesInput, PropertyInput } from './properties.ts';
export type { DefinitionsDocument, DefinitionsUrl } from './sources.ts';
