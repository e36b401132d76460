import { classifyError, type Row, type Statement, type StoreError } from '@halyard/data/statements';
import type { JsonObject } from '@halyard/json';

export type PoolName = 'persons reader' | 'persons writer' | 'non-persons reader';

/** What the host has to do next; it calls again with the result under `step`. */
export interface HostStep {
  readonly step: string;
  readonly pool: PoolName;
  readonly statement: Statement;
  /** Milliseconds to wait before, at most; the host picks a random part of it. */
  readonly pauseMs?: number;
}

/** The rows of a statement, every column as text, or how it failed. */
export type StepResult =
  | { readonly rows: readonly Row[] }
  | { readonly error: { readonly code: string | null; readonly message: string; readonly lost: boolean } };

export type StepResults = Readonly<Record<string, StepResult>>;

/** Thrown where a result is missing that the host has to fetch first. */
export class StepNeeded extends Error {
  readonly step: HostStep;

  constructor(step: HostStep) {
    super(`the step "${step.step}" comes first`);
    this.step = step;
  }
}

/**
 * The rows of a step that the host has taken.
 *
 * @throws {StepNeeded} when it has not
 * @throws {StoreError} when its statement failed
 */
export function rowsOf(results: StepResults | undefined, step: HostStep): readonly Row[] {
  const result = results !== undefined && Object.hasOwn(results, step.step) ? results[step.step] : undefined;
  if (result === undefined) throw new StepNeeded(step);
  if ('rows' in result) return result.rows;
  const { code, message, lost } = result.error;
  throw classifyError(Object.assign(new Error(message), code === null ? {} : { code }), step.pool, lost);
}

/** Turns a missing step into the answer that asks for it: `?` and the step as JSON. */
export function answerOrStep(answer: () => string): string {
  try {
    return answer();
  } catch (error) {
    if (!(error instanceof StepNeeded)) throw error;
    const { statement, ...rest } = error.step;
    return `?${JSON.stringify({ ...rest, ...statement })}`;
  }
}

/** A store's failure for the host, which turns it into an error of its own. */
export function storeFailure(error: StoreError): JsonObject {
  return {
    name: 'StoreError',
    message: error.message.slice(error.pool.length + 2),
    pool: error.pool,
    code: error.code,
  };
}
