import { SchemaGaps, schemaStatement } from './schema-gaps.ts';
import type { Statement } from '../statements/statement.ts';
import type { Work } from './transactions.ts';

/** What speaks against writing PostHog's tables directly. */
export interface DirectWriteProblems {
  /** Flags and their history cannot be written: nothing can. Each as a sentence that names the table. */
  readonly fatal: readonly string[];
  /** What else cannot be, each as a sentence that names it (M203). */
  readonly other: readonly string[];
  /** What PostHog would ask for before some changes, and nobody asks for here; a sentence, or null. */
  readonly approvals: string | null;
}

/** Policies by which PostHog holds changes of flags up until somebody approves, where this role may read them: a row `readable`. */
const approvalsStatement: Statement = {
  text: `select has_table_privilege(to_regclass('posthog_approvalpolicy'), 'select')::text as readable`,
  values: [],
};
const policiesStatement: Statement = {
  text: `select count(*)::text as policies from posthog_approvalpolicy where enabled and action_key like 'feature\\_flag.%'`,
  values: [],
};

/** Looks whether PostHog's tables can be written directly (M202, M203). Nothing is written. */
export function* directWriteProblems(): Work<DirectWriteProblems> {
  const gaps = new SchemaGaps(yield schemaStatement);
  return { fatal: gaps.flagProblems, other: gaps.otherProblems, approvals: yield* approvals() };
}

function* approvals(): Work<string | null> {
  const [table] = yield approvalsStatement;
  if (table?.['readable'] !== 'true') return null;
  const [row] = yield policiesStatement;
  const policies = Number(row?.['policies'] ?? 0);
  if (policies === 0) return null;
  return `Approvals are not asked for: posthog_approvalpolicy has ${policies} enabled for flags, and changes are written at once.`;
}
