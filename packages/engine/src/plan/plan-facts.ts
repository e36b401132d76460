import { exclusion, includesAll, selection } from '../eligibility.ts';
import { GroupContext } from '../groups.ts';
import type { CompiledFlag } from '../program/flag.ts';
import { Program, type ProgramParts } from '../program/program.ts';
import type { EvaluationRequest } from '../request.ts';
import type { FactPlan, GroupPlan, StickyKeyPlan } from './fact-plan.ts';
import { needs, saysAll } from './needs.ts';

const NO_KEYS: readonly string[] = [];

/** Says which stored facts a request needs; `null` when it can be answered without any (E151–E156). */
export function planFacts(compiled: Program, request: EvaluationRequest): FactPlan | null {
  const program = Program.partsOf(compiled);
  const stickyPossible = program.continuityKeys.length > 0;
  if (includesAll(program, request) && !stickyPossible && !mayNeedFacts(program, request)) return null;

  const flags = takingPart(program, request);
  const groups = new GroupContext(program.groupTypes, request, null);
  const needsFacts =
    request.onlyUseOverridePersonProperties !== true && flags.some((flag) => needs(flag.needs, request, groups));
  const stickyKeys = stickyPossible ? planStickyKeys(program, flags, request) : null;
  if (!needsFacts && stickyKeys === null) return null;
  const { teamId } = program;
  const { distinctId } = request;
  if (!needsFacts) {
    return { teamId, distinctId, person: null, groups: [], staticCohorts: [], stickyKeys };
  }
  return {
    teamId,
    distinctId,
    person: { keys: program.personKeys, createdAt: program.readsCreatedAt },
    groups: planGroups(program, groups),
    staticCohorts: union(flags, (flag) => flag.needs.staticCohorts),
    stickyKeys,
  };
}

/** A cheap test over all flags at once; `true` may still turn out to need nothing. */
function mayNeedFacts(program: ProgramParts, request: EvaluationRequest): boolean {
  if (request.onlyUseOverridePersonProperties === true) return false;
  const { unionNeeds } = program;
  if (unionNeeds.always) return true;
  if (!saysAll(request, unionNeeds.personKeys)) return true;
  return unionNeeds.groups && request.groups !== undefined;
}

function takingPart(program: ProgramParts, request: EvaluationRequest): readonly CompiledFlag[] {
  if (includesAll(program, request)) return program.flags;
  const selected = selection(program, request);
  return program.flags.filter(
    (flag) => exclusion(flag.definition, request) === null && (selected === null || selected.has(flag.position)),
  );
}

/** Groups that the request names and filters may read. A group whose properties nobody reads needs no look-up. */
function planGroups(program: ProgramParts, groups: GroupContext): readonly GroupPlan[] {
  const plans: GroupPlan[] = [];
  for (const index of program.groupTypes?.keys() ?? []) {
    const key = groups.key(index);
    const keys = program.groupKeys.get(index) ?? NO_KEYS;
    if (key !== null && keys.length > 0) plans.push({ index, key, keys });
  }
  return plans;
}

function union(flags: readonly CompiledFlag[], ids: (flag: CompiledFlag) => readonly number[]): readonly number[] {
  return [...new Set(flags.flatMap(ids))];
}

/** E154–E156: the look-up is made when some eligible flag's outcome can depend on the hash. */
function planStickyKeys(
  program: ProgramParts,
  flags: readonly CompiledFlag[],
  request: EvaluationRequest,
): StickyKeyPlan | null {
  const depends = flags.some(
    ({ configuration }) => configuration.version === 1 && configuration.continuity && configuration.dependsOnHash,
  );
  if (!depends) return null;
  const anonDistinctId = request.anonDistinctId === '' ? null : (request.anonDistinctId ?? null);
  const writes =
    anonDistinctId !== null && request.skipWrites !== true && request.onlyUseOverridePersonProperties !== true;
  return { anonDistinctId, write: writes ? { flagKeys: program.continuityKeys, hashKey: anonDistinctId } : null };
}
