import type { Published } from './clients.ts';
import { missingTools } from './prepare.ts';

/** Languages or clients, with commas between them; those in JavaScript are always tried, unless only the named ones are wanted. */
const named = (process.env['HALYARD_CLIENTS'] ?? '').split(',');
const always: readonly string[] = process.env['HALYARD_CLIENTS_ONLY'] === 'true' ? [] : ['js'];

/** Why a client is not tried now; undefined: it is. */
export function reasonToSkip({ name, language }: Published): string | undefined {
  if (![...named, ...always].some((wanted) => wanted === language || wanted === name))
    return `NOT RUN: HALYARD_CLIENTS does not name ${language}`;
  const missing = missingTools(language);
  return missing.length === 0 ? undefined : `NOT RUN: ${missing.join(' and ')} cannot be found`;
}
