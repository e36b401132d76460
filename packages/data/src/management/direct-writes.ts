import { SchemaGaps, schemaStatement } from './schema-gaps.ts';
import type { Work } from './transactions.ts';

/** What speaks against writing PostHog's tables directly. */
export interface DirectWriteProblems {
  /** Flags and their history cannot be written: nothing can. Each as a sentence that names the table. */
  readonly fatal: readonly string[];
  /** What else cannot be, each as a sentence that names it (M203). */
  readonly other: readonly string[];
}

/** Looks whether PostHog's tables can be written directly (M202, M203). Nothing is written. */
export function* directWriteProblems(): Work<DirectWriteProblems> {
  const gaps = new SchemaGaps(yield schemaStatement);
  return { fatal: gaps.flagProblems, other: gaps.otherProblems };
}
