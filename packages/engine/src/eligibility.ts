import type { FlagDefinition } from './definitions/flag.ts';
import type { ProgramParts } from './program/program.ts';
import type { EvaluationRequest } from './request.ts';

const SURVEY_PREFIX = 'survey-targeting-';

/** Why an active flag takes no part in a request (E164). */
export type Exclusion = 'survey_flags_only' | 'runtime' | 'contexts';

/** E164: whether the request leaves this active flag out, and why; `null` when it takes part. */
export function exclusion(flag: FlagDefinition, request: EvaluationRequest): Exclusion | null {
  if (request.onlySurveyFlags === true && !flag.key.startsWith(SURVEY_PREFIX)) return 'survey_flags_only';
  if (flag.runtime !== null && request.runtime !== flag.runtime && request.runtime !== 'all') return 'runtime'; // E167
  const asked = request.evaluationContexts;
  if (asked === undefined || asked.length === 0 || flag.contexts.length === 0) return null; // E169
  return flag.contexts.some((context) => asked.includes(context)) ? null : 'contexts';
}

/** Whether every active flag takes part in the request, which is so for most requests. */
export function includesAll(program: ProgramParts, request: EvaluationRequest): boolean {
  return !program.anyRestricted && request.onlySurveyFlags !== true && request.flagKeys === undefined;
}

/** E142: the named flags and all they depend on, also through inactive ones, by position; `null` when the request names none. */
export function selection(program: ProgramParts, request: EvaluationRequest): ReadonlySet<number> | null {
  if (request.flagKeys === undefined) return null;
  const selected = new Set<number>();
  const open: number[] = [];
  for (const key of request.flagKeys) {
    const flag = program.byKey.get(key);
    if (flag !== undefined) open.push(flag.position);
  }
  for (let position = open.pop(); position !== undefined; position = open.pop()) {
    if (selected.has(position)) continue;
    selected.add(position);
    open.push(...(program.targets[position] ?? []));
  }
  return selected;
}
