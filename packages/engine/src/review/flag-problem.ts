import type { JsonValue } from '@halyard/json';
import { isOutside, parseFlag } from '../definitions/flag.ts';
import { DefinitionError } from '../definitions/reader.ts';

export interface FlagProblem {
  /** Where in the flag, such as `filters.rules[0].value`. */
  readonly path: string;
  readonly message: string;
  /** The flag stays part of every answer and fails (E171); otherwise it is left out (E9). */
  readonly failing: boolean;
}

/** Why a flag cannot be evaluated; `null`: it can, as far as it alone tells. */
export function flagProblem(flag: JsonValue): FlagProblem | null {
  try {
    if (isOutside(flag)) return null;
    const { filters } = parseFlag(flag);
    if (filters.version !== 'unsupported') return null;
    const [, path = 'filters', message = filters.problem] = /^(filters\S*) (.*)$/s.exec(filters.problem) ?? [];
    return { path, message: `${path}: ${message}`, failing: true };
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    return { path: error.path, message: error.message, failing: false };
  }
}
