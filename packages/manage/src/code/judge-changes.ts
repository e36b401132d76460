import { isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import { checkCrossFields } from '../filters/cross-field.ts';
import { FilterProblems } from '../filters/place.ts';
import { normalFilters } from '../filters/shape.ts';
import { patternsOf } from '../filters/walk.ts';
import type { CodeProblem } from './code-problem.ts';
import { definitionsOf } from './code-value.ts';
import { flagsNamedBy } from './flag-code.ts';
import type { ProjectCode } from './project-code.ts';
import type { ReadCode } from './read-code.ts';
import { pathFrom } from './read-source.ts';

/** A project before and after what files say. */
export interface CodeChange {
  readonly read: ReadCode;
  readonly before: ProjectCode;
  readonly after: ProjectCode;
  /** Keys of the flags that are made or changed. */
  readonly changed: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * What the API would refuse of the flags that change, by the same checks (M60 to M67, M47, M48, M69). What is stored and stays as it is is
 * judged no more than there (M61); ordered rules, which the API does not take, have a judge of their own.
 */
export function judgeChanges(change: CodeChange): readonly CodeProblem[] {
  return [...change.changed.flatMap((key) => flagProblems(change, key)), ...targetsThatAreOff(change)];
}

function flagProblems({ read, before, after, now }: CodeChange, key: string): readonly CodeProblem[] {
  const flag = after.flags.get(key) ?? {};
  const problems: CodeProblem[] = [];
  if (isOn(flag) && member(flag, 'archived') === true) {
    problems.push(read.problemAt(key, ['archived'], 'archived: only a flag that is off can be archived'));
  }
  const filters = conditionsOf(flag);
  if (filters === null) return problems;
  const found = new FilterProblems();
  const normal = normalFilters(filters, found);
  if (found.list.length === 0) {
    const knownPatterns = patternsOf(conditionsOf(before.flags.get(key) ?? {}) ?? {});
    checkCrossFields(normal, { now, timezone: after.timezone ?? 'UTC', knownPatterns }, found);
  }
  for (const { detail } of found.list) {
    const place = detail.slice(0, detail.indexOf(': '));
    problems.push(read.problemAt(key, ['filters', ...pathFrom(place)], `filters.${detail}`));
  }
  return problems;
}

/** Filters of conditions as the engine reads them; null: they are something else. */
function conditionsOf(flag: JsonObject): JsonObject | null {
  const filters: JsonValue = definitionsOf(member(flag, 'filters') ?? null);
  if (!isObject(filters)) return null;
  const { version = 1, ...conditions } = filters;
  return version === 1 ? conditions : null;
}

/** Flags that are on and ask about one that is off, where either of them changes. */
function targetsThatAreOff({ read, after, changed }: CodeChange): readonly CodeProblem[] {
  const changing = new Set(changed);
  return [...after.flags].flatMap(([key, flag]) =>
    isOn(flag)
      ? flagsNamedBy(flag).flatMap((named) => {
          const target = after.flags.get(named.key);
          if (target === undefined || isOn(target) || !(changing.has(key) || changing.has(named.key))) return [];
          return [read.problemAt(key, named.path, `asks about the flag ${JSON.stringify(named.key)}, which is off`)];
        })
      : [],
  );
}

function isOn(flag: JsonObject): boolean {
  return member(flag, 'active') === true;
}
