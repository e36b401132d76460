import { type JsonObject, type JsonValue, parseDefinitions } from '@halyard/json';
import { compile } from '../compile/compile.ts';
import { fromLocalEvaluation } from '../definitions/local-evaluation.ts';
import { evaluate } from '../evaluate/evaluate.ts';
import type { Facts } from '../facts.ts';
import type { EvaluationRequest } from '../request.ts';
import type { FlagResult } from '../result.ts';
import { everyone, facts, flag, request, result } from '../scenario.cases.ts';

/** A UUID that differs by its number. */
export function uuid(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

export function configuration(rules: readonly JsonValue[], more: JsonObject = {}): JsonObject {
  return { version: 2, return_type: 'string', default_value: 'default', rules, ...more };
}

export function release(more: JsonObject = {}, predicates: readonly JsonValue[] = []): JsonObject {
  return { id: uuid(1), rule_type: 'targeted_release', targeting: { properties: predicates }, value: 'on', ...more };
}

const ROLLOUT = {
  rollout_percentage: 50,
  on_rollout_miss: 'return_default',
  assignment_algorithm: 'sha1_60_v1',
  seed: 'seed',
};

export function rollout(more: JsonObject = {}, predicates: readonly JsonValue[] = []): JsonObject {
  return { ...release({ id: uuid(2) }, predicates), rule_type: 'percentage_rollout', ...ROLLOUT, ...more };
}

export function experiment(more: JsonObject = {}, predicates: readonly JsonValue[] = []): JsonObject {
  return {
    id: uuid(3),
    rule_type: 'experiment',
    targeting: { properties: predicates },
    experiment_id: null,
    paused: false,
    ...ROLLOUT,
    rollout_percentage: 100,
    variants: [
      { key: 'control', weight: 50, value: 'blue' },
      { key: 'test', weight: 50, value: 'green' },
    ],
    ...more,
  };
}

export function without(object: JsonObject, key: string): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
}

/** The result of a flag of these rules, beside a flag of conditions that has to stay as it is. */
export function decided(
  filters: JsonObject | string,
  asked: Partial<EvaluationRequest> = {},
  stored: Facts | null = facts(),
): FlagResult {
  const text = typeof filters === 'string' ? filters : JSON.stringify(filters);
  const evaluation = evaluate(
    compile(
      fromLocalEvaluation(
        parseDefinitions(
          `{"flags":[{"id":1,"key":"ruled","active":true,"filters":${text}},${JSON.stringify(everyone('other', { id: 2 }))}]}`,
        ),
      ),
    ),
    request(asked),
    stored,
  );
  if (result(evaluation, 'other').value !== true) throw new Error('a flag beside the rules is not what it was');
  const ruled = result(evaluation, 'ruled');
  if (evaluation.errors !== ruled.failed) throw new Error('the errors flag says something else');
  return ruled;
}

/** `code index value`, as the typed record has it. */
export function typedOutcome({ typed, failed, reason }: FlagResult): string {
  if (typed === undefined) return `${failed ? 'failed' : 'untyped'} ${reason.code}`;
  return `${typed.reason.code} ${typed.reason.conditionIndex ?? 'none'} ${JSON.stringify(typed.value)}`;
}

/** Why the configuration cannot be used. */
export function problemOf(filters: JsonObject | string): string {
  const { failed, enabled, typed, value, variant, payload, reason, flag: info } = decided(filters);
  if (!failed) return 'it can be used';
  if (enabled || typed !== undefined || value !== false || variant !== null || payload !== undefined) {
    throw new Error('somebody is let in');
  }
  if (reason.code !== 'flag_data_parsing_error') throw new Error(`another code: ${reason.code}`);
  return `${info.configVersion}: ${reason.description?.replace('Failed to parse flag data: ', '') ?? ''}`;
}

/** A flag row of rules, for tests with other flags around it. */
export function ruledFlag(key: string, rules: readonly JsonValue[], row: JsonObject = {}): JsonObject {
  return flag(key, configuration(rules), row);
}
