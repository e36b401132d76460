import { storableJson, type Work } from '@halyard/data/management';
import { compile } from '@halyard/engine';
import { isList, isObject, type JsonObject, jsonText, member } from '@halyard/json';
import type { CommandContext } from '../command.ts';
import { checkCrossFields } from '../filters/cross-field.ts';
import { FilterProblems } from '../filters/place.ts';
import { checkReferences, cycleThrough } from '../filters/references.ts';
import { normalFilters } from '../filters/shape.ts';
import { patternsOf } from '../filters/walk.ts';
import { Refusal, refuseIf } from '../refusal.ts';

/** M52: compact, in bytes. */
const largest = 512 * 1024;

/** The flag whose filters are judged; `id` is `null` for one that is not there yet. */
export interface JudgedFlag {
  readonly id: number | null;
  readonly key: string;
  /** What it has now (M67). */
  readonly stored: JsonObject;
  /** IANA name of the project's time zone. */
  readonly timezone: string;
}

/**
 * Judges filters and brings them into the form that is stored: size, shape, what fits together, what is referred to (M60), and at last the
 * engine's own compiler.
 *
 * @throws {Refusal} with every problem of the first of these steps that finds any
 */
export function* judgeFilters(context: CommandContext, flag: JudgedFlag, filters: JsonObject): Work<JsonObject> {
  const text = jsonText(filters);
  if (Buffer.byteLength(text) > largest) {
    throw Refusal.invalid('max_length', `The filters of a flag may take up to ${largest / 1024} KiB.`, 'filters');
  }
  const problems = new FilterProblems();
  const normal = normalFilters(filters, problems);
  if (storableJson(normal) === null) {
    problems.structural('', 'invalid_characters', 'Text with NUL or half a surrogate pair cannot be stored.');
  }
  refuseIf(problems.list);
  const options = { now: context.now, timezone: flag.timezone, knownPatterns: patternsOf(flag.stored) };
  checkCrossFields(normal, options, problems);
  refuseIf(problems.list);
  yield* checkReferences(context.teamId, flag, normal, problems);
  refuseIf(problems.list);
  if (flag.id !== null) {
    const way = yield* cycleThrough(context.teamId, { id: flag.id, key: flag.key }, normal);
    if (way !== null) problems.other('invalid_input', 'groups', `Flags would depend on each other: ${way.join(' → ')}`);
  }
  for (const { path, message } of compiled(flag, normal)) {
    problems.structural(path.replace(/^filters\.?/, ''), 'invalid', message);
  }
  refuseIf(problems.list);
  return normal;
}

function compiled({ key }: JudgedFlag, filters: JsonObject) {
  return compile({ teamId: 0, flags: [{ id: 1, key, active: true, filters }], cohorts: [], groupTypeMapping: {} })
    .problems;
}

/** M40, M70: a new flag with filters needs a condition group. */
export function refuseWithoutGroups(filters: JsonObject): void {
  const groups = member(filters, 'groups');
  if (groups !== undefined && !(isList(groups) && groups.length === 0)) return;
  throw Refusal.invalid('invalid_input', 'groups: At least one condition group is needed.', 'filters');
}

/** M49: a new remote configuration is on for everybody it is for. */
export function fullyRolledOut(filters: JsonObject): JsonObject {
  const groups = member(filters, 'groups');
  if (!isList(groups)) return filters;
  if (groups.length === 0) return { ...filters, groups: [{ properties: [], rollout_percentage: 100 }] };
  return {
    ...filters,
    groups: groups.map((group) => {
      const rollout = isObject(group) ? (member(group, 'rollout_percentage') ?? 0) : 100;
      return isObject(group) && rollout === 0 ? { ...group, rollout_percentage: 100 } : group;
    }),
  };
}
