import { exclusion, includesAll, selection } from '../eligibility.ts';
import { type FactFailure, type Facts, isFailure } from '../facts.ts';
import { lacks, needs } from '../plan/needs.ts';
import type { CompiledFlag } from '../program/flag.ts';
import { Program, type ProgramParts } from '../program/program.ts';
import type { EvaluationRequest } from '../request.ts';
import type { Evaluation, FlagResult } from '../result.ts';
import { decide } from './decide.ts';
import { EvaluationState } from './evaluation-state.ts';
import { places } from './places.ts';
import { giveBack, lend } from './subjects.ts';
import { SILENT, type Trace } from './trace.ts';

/**
 * Evaluates every flag that takes part in the request. Synchronous and pure: the same arguments give the same answer.
 * `facts` is the answer to `planFacts` for this Program and request; `null` when nothing is stored or was needed.
 */
export function evaluate(program: Program, request: EvaluationRequest, facts: Facts | null = null): Evaluation {
  return evaluateTelling(Program.partsOf(program), request, facts, SILENT);
}

/** `evaluate`, telling `trace` how each result came about. */
export function evaluateTelling(
  program: ProgramParts,
  request: EvaluationRequest,
  facts: Facts | null,
  trace: Trace,
): Evaluation {
  const subjects = lend();
  try {
    return evaluateFlags(program, request, facts, new EvaluationState(program, request, facts, trace, subjects));
  } finally {
    giveBack(subjects);
  }
}

function evaluateFlags(
  program: ProgramParts,
  request: EvaluationRequest,
  facts: Facts | null,
  state: EvaluationState,
): Evaluation {
  const { flags } = program;
  const failures = loadFailures(program, facts);
  const all = includesAll(program, request);
  const selected = all ? null : selection(program, request);
  // As long as it gets where every flag takes part: growing it would take as long as deciding some flags.
  const results = places<FlagResult>(all ? flags.length : 0) as FlagResult[];
  let count = 0;
  let errors = program.cyclic.length > 0 && program.cyclic.some((flag) => exclusion(flag, request) === null); // E138
  for (const flag of flags) {
    if (!all) {
      if (exclusion(flag.definition, request) !== null) continue; // E141
      if (selected !== null && !selected.has(flag.position)) continue;
    }
    if (state.mappingFailed && flag.needs.refersToGroups) errors = true; // E159
    const result = evaluateFlag(flag, request, state, failures);
    state.trace.flag(flag, result);
    if (result.failed) errors = true;
    if (program.anyDependency && flag.configuration.version !== 'unsupported') state.record(flag.position, result); // E144
    results[count++] = result;
  }
  if (failures !== null && failures.stickyKeys !== null) errors = true; // E162
  return { results, errors };
}

function evaluateFlag(
  flag: CompiledFlag,
  request: EvaluationRequest,
  state: EvaluationState,
  failures: LoadFailures | null,
): FlagResult {
  if (flag.missingDependency) return flag.results.missingDependency(); // E24
  const failure = failures === null ? null : failureOf(flag, request, state, failures);
  return failure === null ? decide(flag, state) : flag.results.failed(failure.code, failure.description);
}

/** What failed to load and therefore fails flags. */
interface LoadFailures {
  readonly stickyKeys: FactFailure | null;
  readonly facts: FactFailure | null;
  readonly cohorts: FactFailure | null;
  readonly elsewhere: FactFailure | null;
}

function loadFailures(program: ProgramParts, facts: Facts | null): LoadFailures | null {
  if (facts === null && program.cohortsFailure === null) return null;
  const stickyKeys = facts !== null && isFailure(facts.stickyKeys) ? facts.stickyKeys : null;
  const person = facts !== null && isFailure(facts.person) ? facts.person : null;
  const groups = facts !== null && isFailure(facts.groups) ? facts.groups : null;
  const cohorts = program.cohortsFailure;
  const elsewhere = facts?.elsewhere ?? null;
  const loaded = person ?? groups;
  if (stickyKeys === null && loaded === null && cohorts === null && elsewhere === null) return null;
  return { stickyKeys, facts: loaded, cohorts, elsewhere };
}

/** E158, E160: what could not be loaded fails the flags that needed it. */
function failureOf(
  flag: CompiledFlag,
  request: EvaluationRequest,
  state: EvaluationState,
  failures: LoadFailures,
): FactFailure | null {
  const { version } = flag.configuration;
  if (version === 'unsupported') return null; // fails by itself (E171)
  if (version === 1 && failures.stickyKeys !== null && flag.definition.experienceContinuity) return failures.stickyKeys;
  if (failures.elsewhere !== null && lacks(flag, request, state.groups)) return failures.elsewhere;
  if (failures.facts !== null && needs(flag.needs, request, state.groups)) return failures.facts;
  return failures.cohorts !== null && flag.needs.testsCohorts ? failures.cohorts : null;
}
