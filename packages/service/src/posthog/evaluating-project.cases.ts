import type { JsonValue } from '@halyard/json';
import { compile, type Definitions, evaluate, type EvaluationRequest } from 'halyard/host';
import type { Project } from './ports.ts';

/** A project that really evaluates these flags, with nothing stored about anybody; it remembers what it was asked. */
export function evaluatingProject(
  flags: readonly JsonValue[],
  rest: Partial<Definitions> = {},
): Project & { readonly requests: readonly EvaluationRequest[] } {
  const program = compile({ teamId: 7, flags, cohorts: [], groupTypeMapping: {}, ...rest });
  const requests: EvaluationRequest[] = [];
  return {
    teamId: 7,
    program,
    requests,
    evaluate(request) {
      requests.push(request);
      return evaluate(program, request, { person: null, groups: new Map(), stickyKeys: null });
    },
  };
}

/** A flag row for everybody, unless it says otherwise. */
export function flagRow(id: number, key: string, row: Readonly<Record<string, JsonValue>> = {}): JsonValue {
  return { id, key, active: true, filters: { groups: [{ properties: [], rollout_percentage: 100 }] }, ...row };
}
