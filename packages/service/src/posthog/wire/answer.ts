import type { Evaluation } from 'halyard/host';
import { renderedFor } from './rendered.ts';
import type { Shape } from './shape.ts';

/** An evaluated request, ready to be written. */
export interface Answer {
  readonly shape: Shape;
  readonly evaluation: Evaluation;
  /** Identity under which the rendered outcomes are kept. */
  readonly program: object;
  readonly requestId: string;
  /** Milliseconds since the epoch. */
  readonly evaluatedAt: number;
  readonly minimalFlagCalledEvents: boolean;
  /** Members of the configuration with a comma in front, or ''. */
  readonly config: string;
}

/** The result of a request for which nothing was evaluated. */
export const noFlags: Evaluation = { results: [], errors: false };

/** The body of an answer in its shape (H57, H60–H62). */
export function answerText(answer: Answer): string {
  const { errors, results } = answer.evaluation;
  const rendered = renderedFor(answer.program);
  const end = `"requestId":"${answer.requestId}","evaluatedAt":${answer.evaluatedAt}`;
  switch (answer.shape) {
    case 'v2': {
      const minimal = answer.minimalFlagCalledEvents ? ',"minimalFlagCalledEvents":true' : '';
      const text = rendered.records.appendTo(`{"errorsWhileComputingFlags":${errors},"flags":{`, results);
      return `${text}},${end}${minimal}${answer.config}}`;
    }
    case 'legacy': {
      const values = rendered.values.appendTo(`{"errorsWhileComputingFlags":${errors},"featureFlags":{`, results);
      const both = rendered.payloads.appendTo(`${values}},"featureFlagPayloads":{`, results);
      return `${both}},${end}${answer.config}}`;
    }
    case 'decide-1':
      return `${rendered.keysOn.appendTo('{"featureFlags":[', results)}],${end}${answer.config}}`;
    case 'decide-2':
      return `${rendered.valuesOn.appendTo('{"featureFlags":{', results)}},${end}${answer.config}}`;
  }
}
