export { bulkArchive, bulkDelete, bulkKeys, bulkUpdateTags } from './bulk.ts';
export { copyFlag, type CopyOutcome, type CopyWish, readCopyWish } from './copy-flags.ts';
export { createFlag } from './create-flag.ts';
export { dependentFlags } from './dependents.ts';
export { dependentsIn } from './dependents-in.ts';
export { findFlagId } from './find-flag-id.ts';
export type { Flag, FlagFields } from './flag.ts';
export { countSubjects, judgeCondition } from './judge-condition.ts';
export {
  definitionRow,
  type DraftKnowledge,
  draftWarnings,
  judgeDraft,
  type JudgedDraft,
} from './judge-draft.ts';
export { type LifecycleAction, runLifecycleAction } from './lifecycle.ts';
export { type FlagPage, listFlags, matchingIds } from './list-flags.ts';
export type { ListParameters } from './list-query.ts';
export { readFlag } from './read-flag.ts';
export { countedSince, renderFlags, renderOne } from './render-flag.ts';
export { maskedFilters, maskedPayload } from './secret-payloads.ts';
export { type FlagStatus, statusOf, type StatusReport } from './status.ts';
export { updateFlag } from './update-flag.ts';
