/** What a definition means to people: its sentence, what changes in it, and what its author hardly meant. */
export { type FlagWarning, flagWarnings, type PropertyKnowledge, type WarningCode } from './flag-warnings.ts';
export { flagChanges } from './flag-changes.ts';
export { flagSentence } from './flag-sentence.ts';
export { type Names, namesOf } from './names.ts';
export { type FlagProblem, flagProblem } from './flag-problem.ts';
export { OPERATOR_NAMES } from './operator-names.ts';
export { type FlagValues, flagValues } from './flag-values.ts';
