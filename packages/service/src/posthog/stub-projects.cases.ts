import type { JsonValue } from '@halyard/json';
import type { Evaluation, EvaluationRequest, FlagResult } from 'halyard/host';
import type { Project, Projects } from './ports.ts';

/** Results made by hand, for tests of what the service does around an evaluation. */
export const outcomes = {
  on: outcome(0, 'new-cart', { enabled: true, payload: '{"columns":2}', reason: ['condition_match', 0] }),
  variant: outcome(1, 'price-test', { enabled: true, variant: 'low', reason: ['condition_match', 1] }),
  off: outcome(2, 'team-banner', { enabled: false, reason: ['no_group_type', 0] }),
  failed: outcome(3, 'needs-cohort', {
    enabled: false,
    failed: true,
    reason: ['database_unavailable', null, 'database unavailable'],
  }),
} satisfies Record<string, FlagResult>;

interface OutcomeParts {
  readonly enabled: boolean;
  readonly variant?: string;
  readonly payload?: JsonValue;
  readonly failed?: boolean;
  readonly reason: readonly [code: string, index: number | null, description?: string];
}

export function outcome(id: number, key: string, parts: OutcomeParts): FlagResult {
  const [code, conditionIndex, description] = parts.reason;
  return {
    id,
    flag: { id: 40 + id, key, version: id, hasExperiment: parts.variant !== undefined, configVersion: 1 },
    enabled: parts.enabled,
    variant: parts.variant ?? null,
    value: parts.variant ?? parts.enabled,
    payload: parts.payload,
    reason: { code, conditionIndex, description: description ?? null },
    failed: parts.failed ?? false,
  };
}

export const TOKEN = 'phc_stub';

/** A project that gives the same results to everybody and remembers what it was asked. */
export class StubProject implements Project {
  readonly teamId = 7;
  readonly program = {};
  readonly requests: EvaluationRequest[] = [];
  readonly #answer: () => Evaluation | Promise<Evaluation>;

  constructor(
    answer: () => Evaluation | Promise<Evaluation> = () => ({
      results: [outcomes.on, outcomes.variant, outcomes.off],
      errors: false,
    }),
  ) {
    this.#answer = answer;
  }

  evaluate(request: EvaluationRequest): Evaluation | Promise<Evaluation> {
    this.requests.push(request);
    return this.#answer();
  }
}

export function projectsWith(project: Project): Projects {
  return { byToken: (token) => (token === TOKEN ? project : null) };
}
