import { exclusion } from '../eligibility.ts';
import { evaluateTelling } from '../evaluate/evaluate.ts';
import type { Facts } from '../facts.ts';
import { Program, type ProgramParts } from '../program/program.ts';
import type { EvaluationRequest } from '../request.ts';
import type { Explanation, FlagExplanation, MissingFlag } from './explanation.ts';
import { type Recorded, Recording } from './recording.ts';

/** Evaluates like `evaluate` and says how each answer came about. */
export function explain(program: Program, request: EvaluationRequest, facts: Facts | null = null): Explanation {
  const parts = Program.partsOf(program);
  const recording = new Recording();
  const { errors } = evaluateTelling(parts, request, facts, recording);
  return { flags: recording.flags.map((recorded) => explanationOf(parts, request, recorded)), errors };
}

/** Explains one flag; one that takes no part is explained by why it does not. */
export function explainFlag(
  program: Program,
  key: string,
  request: EvaluationRequest,
  facts: Facts | null = null,
): FlagExplanation {
  const found = explain(program, request, facts).flags.find((flag) => flag.key === key);
  return found ?? absenceOf(Program.partsOf(program), key, request);
}

function explanationOf(
  program: ProgramParts,
  { distinctId }: EvaluationRequest,
  { flag, ...told }: Recorded,
): FlagExplanation {
  return {
    key: flag.info.key,
    distinctId,
    ...told,
    dependsOn: flag.targets.map((position) => program.keys[position] as string),
    ...(flag.missingDependency ? { missing: missingFlags(program, flag.position) } : {}),
  };
}

function absenceOf(program: ProgramParts, key: string, request: EvaluationRequest): FlagExplanation {
  const { distinctId } = request;
  const nothing = { key, distinctId, result: null, conditions: [], dependsOn: [] } as const;
  const flag = program.byKey.get(key);
  if (flag !== undefined) return { ...nothing, excluded: exclusion(flag.definition, request) ?? 'unknown' };
  const problem = program.problems.find((one) => one.flagKey === key);
  if (problem !== undefined) return { ...nothing, excluded: 'malformed', problem };
  if (program.cyclic.some((cyclic) => cyclic.key === key)) return { ...nothing, excluded: 'cycle' };
  return { ...nothing, excluded: program.inactive.has(key) ? 'inactive' : 'unknown' };
}

/** What is missing for the flag at this position and for all that it depends on. */
function missingFlags(
  { unknownTargets, targets, problems, keys }: ProgramParts,
  position: number,
): readonly MissingFlag[] {
  const missing: MissingFlag[] = [];
  // A set is walked in the order in which it grows.
  const behind = new Set([position]);
  for (const at of behind) {
    for (const id of unknownTargets.get(at) ?? []) {
      const key = problems.find((problem) => problem.flagId === id)?.flagKey;
      missing.push({ id, ...(key === undefined ? {} : { key }), askedBy: keys[at] as string });
    }
    for (const target of targets[at] ?? []) behind.add(target);
  }
  return missing;
}
