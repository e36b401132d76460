import type { Program, ProgramFlag } from './compile/program.ts';
import { exclusion, includesAll, selection } from './eligibility.ts';
import type { Recorder } from './explain/recorder.ts';
import { type FactFailure, type Facts, isFailure } from './facts.ts';
import { GroupContext } from './groups.ts';
import type { JsonObject } from '@halyard/json';
import { needs } from './plan-facts.ts';
import type { EvaluationRequest } from './request.ts';
import type { Evaluation, FlagResult } from './result.ts';
import { type Run, SEEDED_FALSE } from './run.ts';

const NOTHING: JsonObject = Object.freeze({});

/** What failed to load and therefore fails flags. */
interface LoadFailures {
  readonly stickyKeys: FactFailure | null;
  readonly facts: FactFailure | null;
  readonly cohorts: FactFailure | null;
}

/**
 * Evaluates every flag that takes part in the request. Synchronous and pure: the same arguments give the same answer.
 * `facts` is the answer to `planFacts` for this Program and request; `null` when nothing is stored or was needed.
 */
export function evaluate(
  program: Program,
  request: EvaluationRequest,
  facts: Facts | null = null,
  recorder: Recorder | null = null,
): Evaluation {
  begin(program, request, facts, recorder);
  try {
    return evaluateFlags(program, request, facts, recorder);
  } finally {
    end(program.run);
  }
}

function evaluateFlags(
  program: Program,
  request: EvaluationRequest,
  facts: Facts | null,
  recorder: Recorder | null,
): Evaluation {
  const { run, flags } = program;
  const failures = loadFailures(program, facts);
  const all = includesAll(program, request);
  const selected = all ? null : selection(program, request);
  const results: FlagResult[] = [];
  let errors = program.cyclic.length > 0 && program.cyclic.some((flag) => exclusion(flag, request) === null); // E138
  for (let i = 0; i < flags.length; i++) {
    const flag = flags[i] as ProgramFlag;
    if (!all) {
      if (exclusion(flag.definition, request) !== null) {
        run.recorded[flag.position] = SEEDED_FALSE; // E141
        continue;
      }
      if (selected !== null && !selected.has(flag.position)) continue;
    }
    if (run.mappingFailed && flag.needs.refersToGroups) errors = true; // E159
    if (recorder !== null) recorder.flag(flag.info.key);
    const result = evaluateFlag(flag, request, run, failures);
    if (result.failed) errors = true;
    if (recorder !== null) recorder.result(result);
    if (program.anyDependency) run.recorded[flag.position] = flag.evaluator === null ? SEEDED_FALSE : result; // E144
    results.push(result);
  }
  if (failures !== null && failures.stickyKeys !== null) errors = true;
  return { results, errors };
}

function evaluateFlag(
  flag: ProgramFlag,
  request: EvaluationRequest,
  run: Run,
  failures: LoadFailures | null,
): FlagResult {
  if (flag.missingDependency) return flag.results.missingDependency(); // E24
  if (flag.evaluator === null) {
    const { filters } = flag.definition;
    const problem = filters.version === 'unsupported' ? filters.problem : '';
    return flag.results.failed('flag_data_parsing_error', `Failed to parse flag data: ${problem}`); // E171
  }
  const failure = failures === null ? null : failureOf(flag, request, run, failures);
  return failure === null ? flag.evaluator.evaluate(run) : flag.results.failed(failure.code, failure.description);
}

/** E158, E160: what could not be loaded fails the flags that needed it. */
function failureOf(
  flag: ProgramFlag,
  request: EvaluationRequest,
  run: Run,
  failures: LoadFailures,
): FactFailure | null {
  if (failures.stickyKeys !== null && flag.definition.experienceContinuity) return failures.stickyKeys;
  if (failures.facts !== null && needs(flag, request, run.groups ?? NO_GROUPS)) return failures.facts;
  return failures.cohorts !== null && flag.needs.testsCohorts ? failures.cohorts : null;
}

const NO_GROUPS = new GroupContext(new Map(), { distinctId: '', now: 0 }, null);

function loadFailures(program: Program, facts: Facts | null): LoadFailures | null {
  if (facts === null && program.cohortsFailure === null) return null;
  const stickyKeys = facts !== null && isFailure(facts.stickyKeys) ? facts.stickyKeys : null;
  const person = facts !== null && isFailure(facts.person) ? facts.person : null;
  const groups = facts !== null && isFailure(facts.groups) ? facts.groups : null;
  const cohorts = program.cohortsFailure;
  if (stickyKeys === null && person === null && groups === null && cohorts === null) return null;
  return { stickyKeys, facts: person ?? groups, cohorts };
}

/** Takes the request in. Whatever belongs to facts and groups is at rest already: `end` has seen to that. */
function begin(program: Program, request: EvaluationRequest, facts: Facts | null, recorder: Recorder | null): void {
  const { run } = program;
  run.stamp++;
  run.now = request.now;
  run.recorder = recorder;
  run.overrides = request.personProperties ?? NOTHING;
  run.distinctId = request.distinctId;
  run.personSubject.set(request.distinctId);
  const { deviceId, anonDistinctId } = request;
  run.deviceId = deviceId === undefined || deviceId === '' ? null : deviceId;
  if (run.deviceId !== null) run.deviceSubject.set(run.deviceId);
  run.anonDistinctId = anonDistinctId === undefined || anonDistinctId === '' ? null : anonDistinctId;
  if (run.anonDistinctId !== null) run.anonSubject.set(run.anonDistinctId);
  if (facts !== null) takeFacts(program, request, facts);
  if (request.groups !== undefined || request.groupProperties !== undefined) {
    run.groups = new GroupContext(program.groupTypes, request, facts);
  }
  // Inactive flags read as false for those that depend on them (E141); flags left out by `flagKeys` are never read.
  if (program.anyDependency) run.recorded.fill(SEEDED_FALSE);
}

function takeFacts(program: Program, request: EvaluationRequest, facts: Facts): void {
  const { run } = program;
  if (!isFailure(facts.stickyKeys)) run.stickyKeys = facts.stickyKeys;
  if (request.onlyUseOverridePersonProperties === true) return;
  run.personUnknown = isFailure(facts.person);
  run.person = isFailure(facts.person) ? null : facts.person;
  run.stored = run.person === null ? null : run.person.properties;
  run.cohortsPrepared = !run.personUnknown && program.cohortsFailure === null;
}

/** Lets go of the request's data, so that a Program at rest keeps nobody's properties alive. */
function end(run: Run): void {
  run.recorder = null;
  run.overrides = NOTHING;
  run.person = null;
  run.stored = null;
  run.personUnknown = false;
  run.cohortsPrepared = false;
  run.groups = null;
  run.stickyKeys = null;
}
