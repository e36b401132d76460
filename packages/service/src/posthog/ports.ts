import type { Evaluation, EvaluationRequest } from 'halyard/host';

/** Where the service finds the project of a token. */
export interface Projects {
  /**
   * The project with this public token, at its newest known revision; null when there is none.
   * A known project should come back without a promise: that keeps a request without stored facts synchronous.
   * Throws or rejects when the store cannot say (`wire/store-failure.ts` maps it to a status).
   *
   * @param address who asks, for the rate of look-ups in vain (H95a)
   */
  byToken(token: string, address?: string): Project | null | Promise<Project | null>;
}

/** One project at one revision of its definitions. */
export interface Project {
  readonly teamId: number;
  /** Identity of the compiled definitions; whatever is rendered from them is kept under it. */
  readonly program: object;
  /** H57: written only when true. */
  readonly minimalFlagCalledEvents?: boolean | undefined;
  /** Synchronous unless stored facts are needed. */
  evaluate(request: EvaluationRequest): Evaluation | Promise<Evaluation>;
}
