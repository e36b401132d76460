import { type Conversation, loadFacts } from '@halyard/data/conversation';
import { isObject, type JsonObject, jsonText, type JsonValue } from '@halyard/json';
import {
  compile,
  type DefinitionProblem,
  type Definitions,
  evaluate,
  explainFlag,
  explanationText,
  type FactPlan,
  type Facts,
  type FlagExplanation,
  fromLocalEvaluation,
  NOTHING_STORED,
  planFacts,
} from '@halyard/engine';
import { describedResult, evaluationText } from './answer.ts';
import { begin } from './conversations.ts';
import { addProgram, programOf, removeProgram } from './programs.ts';
import { type HostRequest, numberOf, parseLoad, parseObject, parseRequest, required, stringOf } from './request.ts';
import { type HostStore, storeOf } from './stores.ts';

/**
 * Compiles definitions. The call holds either `definitions`, as `loadProject` reads them, or a `document` as the
 * local-evaluation endpoint serves it; with a document also `team_id`, and `stored` when its flag filters name their
 * target by id, as in the database. Answer: the number under which they are loaded.
 */
export function loadDefinitions(text: string): string {
  const call = parseLoad(text);
  const definitions = Object.hasOwn(call, 'definitions')
    ? (call['definitions'] as unknown as Definitions)
    : fromDocument(call);
  return String(addProgram(compile(definitions), definitions));
}

function fromDocument(call: JsonObject): Definitions {
  const teamId = call['team_id'];
  const document = required(call, 'document');
  const definitions = fromLocalEvaluation(document, typeof teamId === 'number' ? { teamId } : {});
  return {
    ...definitions,
    // `fromLocalEvaluation` has checked that it is a list.
    ...(call['stored'] === true ? { flags: (document as JsonObject)['flags'] as readonly JsonValue[] } : {}),
    ...(call['references'] as Partial<Definitions> | undefined),
  };
}

/** What the flags of loaded definitions refer to, as JSON: `{"cohorts": true, "groupTypes": false}`. The call: their number. */
export function referencesOf(text: string): string {
  return jsonText(programOf(Number(text)).program.refersTo);
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
 * Evaluates, or begins the conversation that loads the stored facts first. The call: a `HostRequest`. Answer: as `evaluationText`, or
 * as `begin`.
 */
export function step(text: string): string {
  const request = parseRequest(text);
  const { program, seen } = programOf(request.program);
  return withFacts(request, (facts) => evaluationText(evaluate(program, request, facts), seen));
}

/** What the characters of an answer mean, as a JSON list. The call: `{"program": 1, "codes": "…"}`. */
export function describeResults(text: string): string {
  const call = parseObject(text);
  const { seen } = programOf(numberOf(call, 'program'));
  const wanted = new Set(stringOf(call, 'codes'));
  const described = seen.filter((result) => result !== undefined).map(describedResult);
  return jsonText(described.filter((result) => wanted.has(stringOf(result, 'code'))));
}

/**
 * Explains one flag like `step`: the call has `flag` besides, and the answer is at last `=` and the explanation as JSON, which has it
 * for people as `text`.
 */
export function explainStep(text: string): string {
  const request = parseRequest(text) as HostRequest & { readonly flag: string };
  const { program } = programOf(request.program);
  return withFacts(request, (facts) => `=${jsonText(explanation(explainFlag(program, request.flag, request, facts)))}`);
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

/** Answers with the stored facts of a request; `null`: it needs none. */
function withFacts(request: HostRequest, answer: (facts: Facts | null) => string): string {
  const { store } = request;
  if (store === undefined) return answer(NOTHING_STORED);
  const plan = planFacts(programOf(request.program).program, request);
  return plan === null ? answer(null) : begin(answerWithStored(store, plan, answer));
}

function* answerWithStored(store: HostStore, plan: FactPlan, answer: (facts: Facts) => string): Conversation<string> {
  return answer(yield* loadFacts(storeOf(store), plan, { isolated: store.isolated === true }));
}

function explanation(explained: FlagExplanation): JsonValue {
  const { result } = explained;
  return {
    ...explained,
    result: result === null ? null : describedResult(result),
    text: explanationText(explained),
  } as unknown as JsonValue;
}
