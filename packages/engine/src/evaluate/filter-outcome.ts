import type { Outcome } from '../operators/outcome.ts';

/** E143: the flag that the filter asks about failed, so the condition goes on as if the filter had passed. */
export const ASSUMED = 3;

export type FilterOutcome = Outcome | typeof ASSUMED;
