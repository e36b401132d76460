import { type FactPlan, type Facts, parseJson } from '@halyard/engine';
import {
  classifyError,
  factsFromRow,
  factsStatement,
  failedFacts,
  lacksStickyKey,
  mergeStickyKeys,
  type PersonsShape,
  type Row,
  shapeFromRow,
  shapeStatement,
  type Statement,
  StoreError,
  stickyKeysFailure,
  stickyKeysStatement,
  stickyRowsOf,
} from '@halyard/data/statements';
import type { HostRequest, StepResult } from './request.ts';

export type PoolName = 'persons reader' | 'persons writer';

/** What the host has to do next; it calls again with the result under `step`. */
export interface HostStep {
  readonly step: string;
  readonly pool: PoolName;
  readonly statement: Statement;
  /** Milliseconds to wait before, at most; the host picks a random part of it. */
  readonly pauseMs?: number;
}

/** Writes are tried this often when a person is deleted under them (D41). */
const WRITE_ATTEMPTS = 3;
const LONGEST_PAUSE_MS = 300;

const shapes = new Map<string, PersonsShape>();

/**
 * The facts of a plan as far as the results so far tell them, or the next statement to run. The host keeps the state:
 * it calls with all results of this request again, so nothing is remembered here that a lost call could leave behind.
 */
export function factsOrStep(plan: FactPlan, request: HostRequest): Facts | HostStep {
  const results = request.results ?? {};
  try {
    const shape = shapeOrStep('persons reader', request);
    if ('step' in shape) return shape;
    const statement = factsStatement(plan, shape);
    const result = resultOf(results, 'facts');
    if (statement !== null && result === undefined) return { step: 'facts', pool: 'persons reader', statement };
    const row = result === undefined ? undefined : rowsOf(result, 'persons reader')[0];
    const read = factsFromRow(plan, row, parseJson);
    const write = plan.stickyKeys?.write ?? null;
    // No person, or nothing missing: no write (D50).
    if (write === null || read.stickyRows === null || !lacksStickyKey(write, read.stickyRows)) return read.facts;
    return writtenOrStep(plan, request, read.facts);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return failedFacts(plan, error);
  }
}

function writtenOrStep(plan: FactPlan, request: HostRequest, read: Facts): Facts | HostStep {
  try {
    const shape = shapeOrStep('persons writer', request);
    if ('step' in shape) return shape;
    const statement = stickyKeysStatement(plan, shape);
    if (statement === null) return read;
    const rows = attemptedOrStep(statement, request);
    if ('step' in rows) return rows;
    const stickyKeys = mergeStickyKeys(stickyRowsOf(rows[0]?.['sticky_keys'] ?? null) ?? []);
    return { ...read, stickyKeys };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return { ...read, stickyKeys: stickyKeysFailure };
  }
}

/** The rows of the first write that did not fail for a person deleted under it, or that write as a step. */
function attemptedOrStep(statement: Statement, request: HostRequest): readonly Row[] | HostStep {
  const results = request.results ?? {};
  for (let attempt = 1; ; attempt += 1) {
    const step = `sticky keys ${attempt}`;
    const result = resultOf(results, step);
    if (result === undefined) {
      const pauseMs = attempt === 1 ? 0 : Math.min(100 ** (attempt - 1), LONGEST_PAUSE_MS);
      return { step, pool: 'persons writer', statement, ...(pauseMs === 0 ? {} : { pauseMs }) };
    }
    try {
      return rowsOf(result, 'persons writer');
    } catch (error) {
      const personGone = error instanceof StoreError && error.kind === 'foreign_key';
      if (!personGone || attempt === WRITE_ATTEMPTS) throw error;
    }
  }
}

/** What the tables behind a pool look like; asked once per store and pool (D30). */
function shapeOrStep(pool: PoolName, request: HostRequest): PersonsShape | HostStep {
  const name = `${request.store} ${pool}`;
  const known = shapes.get(name);
  if (known !== undefined) return known;
  const step = `shape of ${pool}`;
  const result = resultOf(request.results ?? {}, step);
  if (result === undefined) return { step, pool, statement: shapeStatement };
  const shape = shapeFromRow(rowsOf(result, pool)[0]);
  shapes.set(name, shape);
  return shape;
}

function resultOf(results: Readonly<Record<string, StepResult>>, step: string): StepResult | undefined {
  return Object.hasOwn(results, step) ? results[step] : undefined;
}

function rowsOf(result: StepResult, pool: PoolName): readonly Row[] {
  if ('rows' in result) return result.rows;
  const { code, message, lost } = result.error;
  throw classifyError(Object.assign(new Error(message), code === null ? {} : { code }), pool, lost);
}
