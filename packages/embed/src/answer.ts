import { type JsonObject, jsonText } from '@halyard/json';
import { DefinitionError, type Evaluation, type FlagResult } from '@halyard/engine';

/** Below this, code points are left for the marks of an answer. */
const FIRST_CODE = 32;
const FIRST_SURROGATE = 0xd800;
const SURROGATES = 0x800;
const LAST_CODE = 0x10ffff;

const codes: string[] = [];

/** One character for a result's id: valid in UTF-8, never a control character. */
export function codeOf(id: number): string {
  return (codes[id] ??= makeCode(id));
}

function makeCode(id: number): string {
  const point = id + FIRST_CODE < FIRST_SURROGATE ? id + FIRST_CODE : id + FIRST_CODE + SURROGATES;
  if (point > LAST_CODE) throw new RangeError('the definitions have more outcomes than an answer can name');
  return String.fromCodePoint(point);
}

/** `0`, or `1` when flags could not be computed, and then one character per flag. */
export function evaluationText({ results, errors }: Evaluation, seen: (FlagResult | undefined)[]): string {
  let text = errors ? '1' : '0';
  for (const result of results) {
    seen[result.id] = result;
    text += codes[result.id] ?? codeOf(result.id);
  }
  return text;
}

/** A result as the host builds its own objects from; payload and description only where there are any. */
export function describedResult(result: FlagResult): JsonObject {
  const { flag, reason, payload } = result;
  return {
    code: codeOf(result.id),
    id: flag.id,
    key: flag.key,
    version: flag.version,
    hasExperiment: flag.hasExperiment,
    enabled: result.enabled,
    variant: result.variant,
    ...(payload === undefined ? {} : { payload }),
    reason: reason.code,
    conditionIndex: reason.conditionIndex,
    description: reason.description,
    failed: result.failed,
  };
}

/** Turns what a function throws into an answer, so that nothing is ever thrown across to the host. */
export function guarded(run: (text: string) => string): (text: string) => string {
  return (text) => {
    try {
      return run(text);
    } catch (error) {
      return `!${jsonText(describedError(error))}`;
    }
  };
}

function describedError(error: unknown): JsonObject {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const path = error instanceof DefinitionError ? { path: error.path } : {};
  return { name: error instanceof DefinitionError ? 'DefinitionError' : error.name, message: error.message, ...path };
}
