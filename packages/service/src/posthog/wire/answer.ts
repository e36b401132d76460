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

/** From here on rendering all results for the first time takes more than some milliseconds. */
const MANY = 1_000;

export function hasMany({ evaluation }: Answer): boolean {
  return evaluation.results.length > MANY;
}

/** Renders what `answerText` will need, in pieces: it need not be done in one go when there are many results. */
export function* prepareAnswer({ shape, evaluation: { results }, program }: Answer): Generator<void, void, void> {
  const rendered = renderedFor(program);
  switch (shape) {
    case 'v3':
      yield* rendered.typedRecords.prepare(results);
      break;
    case 'v2':
      yield* rendered.records.prepare(results);
      break;
    case 'legacy':
      yield* rendered.values.prepare(results);
      yield* rendered.payloads.prepare(results);
      break;
    case 'decide-1':
      yield* rendered.keysOn.prepare(results);
      break;
    case 'decide-2':
      yield* rendered.valuesOn.prepare(results);
  }
}

/** The body of an answer in its shape (H57, H60–H62, H64). */
export function answerText(answer: Answer): string {
  const { errors, results } = answer.evaluation;
  const rendered = renderedFor(answer.program);
  const end = `"requestId":"${answer.requestId}","evaluatedAt":${answer.evaluatedAt}`;
  switch (answer.shape) {
    case 'v3':
    case 'v2': {
      const minimal = answer.minimalFlagCalledEvents ? ',"minimalFlagCalledEvents":true' : '';
      const records = answer.shape === 'v3' ? rendered.typedRecords : rendered.records;
      const text = records.appendTo(`{"errorsWhileComputingFlags":${errors},"flags":{`, results);
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
