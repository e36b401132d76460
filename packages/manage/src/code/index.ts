/** Flags as code: the text of definitions, what would change, and the types of flags. */
export { ChangedMeanwhile, StoreError, type StoredCode } from '@halyard/data/management';
export { CodeStore } from './code-store.ts';
export { CodeError, type CodeProblem, type Place, problemLines } from './code-problem.ts';
export { type CodeFile, folderFiles, SCHEMA_FILE, wholeDocument } from './code-files.ts';
export { type CodeFormat, codeFile } from './code-text.ts';
export { flagTypes, type TypeLanguage } from './flag-types.ts';
export { type KnownProperties, type LintFinding, lintCode, lintStored } from './lint.ts';
export { planChanges, type Plan, type PlannedChange } from './plan.ts';
export { definitionsFrom, type LeftOut, type ProjectCode, projectCode } from './project-code.ts';
export { type CodeText, judge, keyOfFile, type ReadCode, readCode } from './read-code.ts';
export { LARGEST_FILE } from './read-source.ts';
export { codeSchema } from './schema.ts';
export { NotTaken } from './write-plan.ts';
export { isUnleash, readUnleash, UnleashError } from './unleash/read-unleash.ts';
export { translateUnleash, type UnleashTranslation } from './unleash/unleash-definitions.ts';
