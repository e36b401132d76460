import type { FactPlan, Facts } from '@halyard/engine';
import {
  factsFromRow,
  factsStatement,
  failedFacts,
  lacksStickyKey,
  mergeStickyKeys,
  type Row,
  type Statement,
  StoreError,
  stickyKeysFailure,
  stickyKeysStatement,
  stickyRowsOf,
} from '@halyard/data/statements';
import { shapeOf } from './shapes.ts';
import { rowsOf, type StepResults } from './steps.ts';

/** Writes are tried this often when a person is deleted under them (D41). */
const WRITE_ATTEMPTS = 3;
const LONGEST_PAUSE_MS = 300;

/**
 * The facts of a plan as far as the results so far tell them. The host keeps the state: it calls with all results of a
 * request again, so nothing is remembered here that a lost call could leave behind.
 *
 * @throws {StepNeeded}
 */
export function factsFor(plan: FactPlan, store: number, results: StepResults | undefined): Facts {
  try {
    const statement = factsStatement(plan, shapeOf(store, 'persons reader', results));
    const rows = statement === null ? [] : rowsOf(results, { step: 'facts', pool: 'persons reader', statement });
    const read = factsFromRow(plan, rows[0]);
    const write = plan.stickyKeys?.write ?? null;
    // No person, or nothing missing: no write (D50).
    if (write === null || read.stickyRows === null || !lacksStickyKey(write, read.stickyRows)) return read.facts;
    return withWrittenKeys(plan, read.facts, store, results);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return failedFacts(plan, error);
  }
}

function withWrittenKeys(plan: FactPlan, read: Facts, store: number, results: StepResults | undefined): Facts {
  try {
    const statement = stickyKeysStatement(plan, shapeOf(store, 'persons writer', results));
    if (statement === null) return read;
    const [row] = written(statement, results);
    return { ...read, stickyKeys: mergeStickyKeys(stickyRowsOf(row?.['sticky_keys'] ?? null) ?? []) };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return { ...read, stickyKeys: stickyKeysFailure };
  }
}

/** The rows of the first write that did not fail for a person deleted under it. */
function written(statement: Statement, results: StepResults | undefined): readonly Row[] {
  for (let attempt = 1; ; attempt += 1) {
    const pauseMs = attempt === 1 ? 0 : Math.min(100 ** (attempt - 1), LONGEST_PAUSE_MS);
    try {
      return rowsOf(results, { step: `sticky keys ${attempt}`, pool: 'persons writer', statement, pauseMs });
    } catch (error) {
      const personGone = error instanceof StoreError && error.kind === 'foreign_key';
      if (!personGone || attempt === WRITE_ATTEMPTS) throw error;
    }
  }
}
