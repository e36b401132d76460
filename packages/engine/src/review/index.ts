/** What a definition and an explanation mean to people: sentences, what changes, what an author hardly meant, the words of a verdict. */
export { type FlagWarning, flagWarnings, type PropertyKnowledge, type WarningCode } from './flag-warnings.ts';
export { flagChanges } from './flag-changes.ts';
export { flagSentence } from './flag-sentence.ts';
export { type Names, namesOf } from './names.ts';
export { type FlagProblem, flagProblem } from './flag-problem.ts';
export { OPERATOR_NAMES } from './operator-names.ts';
export { type FlagValues, flagValues } from './flag-values.ts';
export { CONDITION_WORDS, EXCLUSION_WORDS, seenText } from '../explain/words.ts';
export { type OperandProblem, operandProblem } from '../operand-problem.ts';
export { readDate } from '../read-date.ts';
export { tryPattern, type TriedPattern } from './try-pattern.ts';
