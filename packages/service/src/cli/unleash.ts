import type { JsonObject } from '@halyard/json';
import { readUnleash, translateUnleash, UnleashError, type UnleashTranslation } from '@halyard/manage/code';
import { oneLine, UserError } from './problem-line.ts';

export interface UnleashFlags {
  /** As /flags/definitions serves flags. */
  readonly document: JsonObject;
  /** For people: what can be taken over and what cannot. */
  readonly report: string;
  /** Features that cannot be expressed. */
  readonly leftOut: number;
}

/**
 * An export of Unleash as definitions.
 *
 * @throws {UserError} when the file does not say enough
 */
export function unleashFlags(document: JsonObject, file: string, environment: string | undefined): UnleashFlags {
  const translation = translated(document, file, environment);
  const leftOut = translation.features.filter(({ leftOut: reason }) => reason !== null);
  const taken = translation.features.length - leftOut.length;
  const lines = [
    `${file}: ${translation.features.length} features of Unleash: ${taken} can be taken over, ${leftOut.length} cannot`,
    ...leftOut.map(({ name, leftOut: reason }) => `  left out: ${oneLine(name)}: ${oneLine(reason ?? '')}`),
    'Users change sides: shares are drawn by another hash here. Values of IN are compared without regard to case.',
  ];
  return {
    document: translation.document,
    report: `${lines.join('\n')}\n`,
    leftOut: leftOut.length,
  };
}

function translated(document: JsonObject, file: string, environment: string | undefined): UnleashTranslation {
  try {
    return translateUnleash(readUnleash(document, environment));
  } catch (error) {
    if (error instanceof UnleashError) throw new UserError(`${file}: ${error.message}`);
    throw error;
  }
}
