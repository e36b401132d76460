import { compile } from './compile/compile.ts';
import type { Definitions } from './definitions/types.ts';
import { evaluate } from './evaluate/evaluate.ts';
import type { Facts, PersonFacts } from './facts.ts';
import type { JsonObject, JsonValue } from '@halyard/json';
import type { EvaluationRequest } from './request.ts';
import type { Evaluation, FlagResult } from './result.ts';

/** What tests leave unsaid about an evaluation. */
export const NOON = Date.UTC(2026, 0, 1, 12);

/** A flag row with what tests rarely care about filled in. */
export function flag(key: string, filters: JsonObject, row: JsonObject = {}): JsonObject {
  return { id: 1, key, active: true, filters, ...row };
}

/** A flag with one condition for everybody. */
export function everyone(key: string, row: JsonObject = {}): JsonObject {
  return flag(key, { groups: [{ properties: [], rollout_percentage: 100 }] }, row);
}

export function person(key: string, value: JsonValue, operator = 'exact'): JsonObject {
  return { key, value, operator, type: 'person' };
}

/** A filter on the flag of that id. */
export function dependsOn(id: number, value: JsonValue): JsonObject {
  return { key: String(id), value, operator: 'flag_evaluates_to', type: 'flag' };
}

export function inCohort(id: JsonValue, operator = 'in'): JsonObject {
  return { key: 'id', value: id, operator, type: 'cohort' };
}

export function definitions(flags: readonly JsonValue[], rest: Partial<Definitions> = {}): Definitions {
  return { teamId: 1, flags, cohorts: [], groupTypeMapping: {}, ...rest };
}

export function request(rest: Partial<EvaluationRequest> = {}): EvaluationRequest {
  return { distinctId: 'user-1', now: NOON, ...rest };
}

/** Facts about a person who is known; nothing else is stored. */
export function facts(properties: JsonObject = {}, rest: Partial<PersonFacts> = {}): Facts {
  return {
    person: { properties, staticCohorts: new Set(), ...rest },
    groups: new Map(),
    stickyKeys: null,
  };
}

export const FAILURE = { failed: true, code: 'database_unavailable', description: 'database unavailable' } as const;

export function run(
  given: readonly JsonValue[] | Definitions,
  asked: Partial<EvaluationRequest> = {},
  stored: Facts | null = null,
): Evaluation {
  const all = Array.isArray(given) ? definitions(given as readonly JsonValue[]) : (given as Definitions);
  return evaluate(compile(all), request(asked), stored);
}

export function result(evaluation: Evaluation, key: string): FlagResult {
  const found = evaluation.results.find((candidate) => candidate.flag.key === key);
  if (found === undefined) throw new Error(`no result for ${key}`);
  return found;
}

/** `value code index` of one flag, which is what most tests are about. */
export function outcome(evaluation: Evaluation, key: string): string {
  const { value, reason } = result(evaluation, key);
  return `${value} ${reason.code} ${reason.conditionIndex ?? 'none'}`;
}
