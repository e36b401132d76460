import type { RequestRecord } from './request-record.ts';

/**
 * What became of the stored keys of experience continuity, in the reference's words (H231); undefined: no flag of the answer has it.
 */
export function stickyKeyStatus({
  loaded,
  continuityFlags,
}: Pick<RequestRecord, 'loaded' | 'continuityFlags'>): 'found' | 'empty' | 'error' | 'skipped' | undefined {
  if (continuityFlags === undefined || continuityFlags === 0) return undefined;
  const keys = loaded?.facts.stickyKeys ?? null;
  if (keys === null) return 'skipped';
  if (!(keys instanceof Map)) return 'error';
  return keys.size > 0 ? 'found' : 'empty';
}
