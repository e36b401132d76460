import type { StoredCode } from '@halyard/data/management';
import { compile, type Definitions } from '@halyard/engine';
import {
  flagProblem,
  type FlagWarning,
  flagWarnings,
  type PropertyKnowledge,
  type WarningCode,
} from '@halyard/engine/review';
import { isList, isObject, type JsonValue, member } from '@halyard/json';
import type { Place } from './code-problem.ts';
import { definitionsFrom, idOf } from './project-code.ts';
import { judge, type ReadCode } from './read-code.ts';
import { pathFrom } from './read-source.ts';

/** Something that a look at definitions found. */
export interface LintFinding {
  /** An error keeps the flag from being evaluated as it is written. */
  readonly severity: 'error' | 'warning';
  readonly code: WarningCode | 'unusable';
  /** In a file. */
  readonly place?: Place;
  /** In the store: the flag's key. */
  readonly flag?: string;
  readonly message: string;
}

/** The properties of the persons that were looked at. */
export interface KnownProperties {
  readonly persons: number;
  readonly keys: readonly string[];
  /** Keys among them that may have been meant. */
  nearest(key: string): readonly string[];
}

/** What is wrong in files, and what is hardly meant. */
export function lintCode(read: ReadCode): readonly LintFinding[] {
  const errors = judge(read, read.code).map(({ message, ...place }): LintFinding => {
    return { severity: 'error', code: 'unusable', place, message };
  });
  const rows = definitionsFrom(read.code).flags;
  const warnings = [...read.code.flags.keys()].flatMap((key, at) =>
    flagWarnings(rows[at] ?? null).map((warning): LintFinding => {
      const { message, ...place } = read.problemAt(key, pathFrom(warning.path), warning.message);
      return { severity: 'warning', code: warning.code, place, message };
    }),
  );
  return [...errors, ...warnings].sort(byPlace);
}

function byPlace({ place: a }: LintFinding, { place: b }: LintFinding): number {
  if (a === undefined || b === undefined) return 0;
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}

/** The same for what is stored. */
export function lintStored(stored: StoredCode, known?: KnownProperties): readonly LintFinding[] {
  const flags = stored.flags.map(({ row }) => row);
  const definitions: Definitions = {
    teamId: stored.teamId,
    timezone: stored.timezone,
    propertyMatchingVersion: stored.propertyMatchingVersion,
    flags,
    cohorts: stored.cohorts,
    groupTypeMapping: stored.groupTypes,
  };
  const found: LintFinding[] = compile(definitions).problems.map(({ flagKey, cohortId, path, message }) => ({
    severity: 'error',
    code: 'unusable',
    flag: flagKey ?? `cohort ${cohortId ?? '?'}`,
    message: `${path}: ${message}`,
  }));
  const properties = known === undefined ? undefined : knowledge(known);
  const ids = new Set(flags.map((row) => String(idOf(row))));
  for (const { key, row } of stored.flags) {
    const problem = flagProblem(row);
    if (problem?.failing === true) {
      found.push({ severity: 'error', code: 'unusable', flag: key, message: problem.message });
    }
    for (const id of flagIdsIn(row)) {
      if (!ids.has(id)) {
        found.push({
          severity: 'error',
          code: 'unusable',
          flag: key,
          message: `asks about the flag ${id}, which there is not`,
        });
      }
    }
    const warnings: readonly FlagWarning[] = flagWarnings(row, properties === undefined ? {} : { properties });
    for (const { code, path, message } of warnings) {
      found.push({ severity: 'warning', code, flag: key, message: `${path}: ${message}` });
    }
  }
  return found;
}

function knowledge(known: KnownProperties): PropertyKnowledge {
  const all = new Set(known.keys);
  return {
    who: `none of the ${known.persons} newest persons`,
    has: (key) => all.has(key),
    nearest: (key) => known.nearest(key),
  };
}

function flagIdsIn(row: JsonValue): readonly string[] {
  if (isList(row)) return row.flatMap(flagIdsIn);
  if (!isObject(row)) return [];
  const key = member(row, 'key');
  if (member(row, 'type') === 'flag' && typeof key === 'string') return [key];
  const inside = [member(row, 'filters'), member(row, 'groups'), member(row, 'properties')];
  return inside.flatMap((part) => (part === undefined ? [] : flagIdsIn(part)));
}
