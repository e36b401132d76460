import {
  compile,
  type DefinitionProblem,
  type Definitions,
  evaluate,
  explainFlag,
  type Facts,
  type FlagExplanation,
  fromLocalEvaluation,
  type JsonObject,
  type JsonValue,
  jsonText,
  planFacts,
} from '@halyard/engine';
import { describedResult, evaluationText } from './answer.ts';
import { factsOrStep, type HostStep } from './facts.ts';
import { addProgram, programOf, removeProgram } from './programs.ts';
import { type HostRequest, isObject, numberOf, parseObject, parseRequest, required, stringOf } from './request.ts';

/**
 * Compiles definitions. The call: `{"document": …, "team_id": 1}`, where the document is one as the local-evaluation endpoint
 * serves it, or the project as `definitionsFromRow` reads it. Answer: the number under which they are loaded.
 */
export function loadDefinitions(text: string): string {
  const call = parseObject(text);
  const teamId = call['team_id'];
  const document = required(call, 'document');
  const definitions = fromLocalEvaluation(document, typeof teamId === 'number' ? { teamId } : {});
  return String(addProgram(compile(definitions), definitions));
}

/** Forgets definitions. The call: their number. Answer: nothing. */
export function unload(text: string): string {
  removeProgram(Number(text));
  return '';
}

/** What was left out of definitions and why, as a JSON list. The call: their number. */
export function problemsOf(text: string): string {
  const { program, definitions } = programOf(Number(text));
  return jsonText(program.problems.map((problem) => located(problem, definitions)));
}

/**
 * Evaluates, or says what to ask a database first. The call: a `HostRequest`. Answer: as `evaluationText`, or `?` and the
 * step as JSON; the host runs its statement and calls again with all results so far.
 */
export function step(text: string): string {
  const request = parseRequest(text);
  const { program, seen } = programOf(request.program);
  if (request.store === undefined) return evaluationText(evaluate(program, request), seen);
  const facts = factsFor(request);
  if (facts !== null && 'step' in facts) return stepText(facts);
  return evaluationText(evaluate(program, request, facts), seen);
}

/** What the characters of an answer mean, as a JSON list. The call: `{"program": 1, "codes": "…"}`. */
export function describeResults(text: string): string {
  const call = parseObject(text);
  const { seen } = programOf(numberOf(call, 'program'));
  const wanted = new Set(stringOf(call, 'codes'));
  const described = seen.filter((result) => result !== undefined).map(describedResult);
  return jsonText(described.filter((result) => wanted.has(stringOf(result, 'code'))));
}

/** Explains one flag like `step`: the call has `flag` besides, and the answer is `=` and the explanation as JSON. */
export function explainStep(text: string): string {
  const request = parseRequest(text) as HostRequest & { readonly flag: string };
  const { program } = programOf(request.program);
  const facts = request.store === undefined ? null : factsFor(request);
  if (facts !== null && 'step' in facts) return stepText(facts);
  return `=${jsonText(explanation(explainFlag(program, request.flag, request, facts)))}`;
}

/** A problem with its path from the top of the document down. */
function located(problem: DefinitionProblem, { flags }: Definitions): JsonObject {
  const named = (row: JsonValue | undefined) =>
    isObject(row) && row['key'] === problem.flagKey && (problem.flagId === undefined || row['id'] === problem.flagId);
  const ofFlag = problem.cohortId === undefined && !problem.path.startsWith('cohort ');
  const index = ofFlag ? flags.findLastIndex(named) : -1;
  const place = problem.path === '' ? '' : `.${problem.path}`;
  return { ...problem, path: index < 0 ? problem.path : `flags[${index}]${place}` };
}

function factsFor(request: HostRequest): Facts | HostStep | null {
  const plan = planFacts(programOf(request.program).program, request);
  return plan === null ? null : factsOrStep(plan, request);
}

function stepText({ statement, ...rest }: HostStep): string {
  return `?${JSON.stringify({ ...rest, ...statement })}`;
}

function explanation(explained: FlagExplanation): JsonValue {
  const { result } = explained;
  return { ...explained, result: result === null ? null : describedResult(result) } as unknown as JsonValue;
}
