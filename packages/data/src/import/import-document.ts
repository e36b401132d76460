import type { Definitions } from '@halyard/engine';
import { type ImportCohort, movedMark, readCohort, type RefusedCohort } from './cohort-columns.ts';
import { type ImportFlag, isUsableId, type RefusedFlag, readFlag } from './flag-columns.ts';

/** Definitions read as rows to store. */
export interface ImportDocument {
  /** Every flag of the document in its order, for the report. */
  readonly entries: readonly (ImportFlag | RefusedFlag)[];
  readonly flags: readonly ImportFlag[];
  readonly cohorts: readonly ImportCohort[];
  readonly refusedCohorts: readonly RefusedCohort[];
  readonly groupTypes: readonly (readonly [index: number, type: string])[];
}

/** What the database has already. */
export interface ExistingIds {
  /** The team's flag key → id. */
  readonly flags: ReadonlyMap<string, number>;
  /** Ids that other teams' flags have. */
  readonly takenFlags: ReadonlySet<number>;
  /** The team's cohort id → description. */
  readonly cohorts: ReadonlyMap<number, string | null>;
  readonly takenCohorts: ReadonlySet<number>;
}

export function readDocument(definitions: Definitions): ImportDocument {
  const read = definitions.flags.map((value, index) => readFlag(value, `flags[${index}]`));
  const isDeleted = (flag: ImportFlag): boolean => flag.columns.deleted;
  const live = new Set(read.flatMap((flag) => ('columns' in flag && !isDeleted(flag) ? [flag.key] : [])));
  const seen = new Set<string>();
  const entries = read
    // A deleted flag gives its key away: the table has room for one of the two.
    .filter((flag) => !('columns' in flag && isDeleted(flag) && live.has(flag.key)))
    .map((flag) => {
      if ('refused' in flag) return flag;
      if (seen.has(flag.key)) return { key: flag.key, refused: 'another flag of the document has this key' };
      seen.add(flag.key);
      return flag;
    });
  const cohorts = new Map<number, ImportCohort>();
  const refusedCohorts: RefusedCohort[] = [];
  for (const [index, value] of (isFailed(definitions.cohorts) ? [] : definitions.cohorts).entries()) {
    const cohort = readCohort(value, `cohorts[${index}]`);
    if ('reason' in cohort) refusedCohorts.push(cohort);
    else if (cohorts.has(cohort.id))
      refusedCohorts.push({ cohort: String(cohort.id), reason: 'another cohort of the document has this id' });
    else cohorts.set(cohort.id, cohort);
  }
  const types = isFailed(definitions.groupTypeMapping) ? {} : definitions.groupTypeMapping;
  return {
    entries,
    flags: entries.filter((entry) => 'columns' in entry),
    cohorts: [...cohorts.values()],
    refusedCohorts,
    // PostHog has five group types (D24).
    groupTypes: Object.entries(types)
      .map(([index, type]) => [Number(index), type] as const)
      .filter(([index, type]) => Number.isInteger(index) && index >= 0 && index <= 4 && type !== ''),
  };
}

function isFailed(part: object): part is { failed: true } {
  return (part as { failed?: unknown }).failed === true;
}

/** Which id every flag and cohort of the document gets. */
export interface IdChoice {
  /** Flag key → id. */
  readonly flags: ReadonlyMap<string, number>;
  /** The document's cohort id → id. */
  readonly cohorts: ReadonlyMap<number, number>;
  /** How many ids the database must hand out first. */
  readonly missingFlags: number;
  readonly missingCohorts: number;
  /** The highest id in use after the import, as far as it is chosen already. */
  readonly highestFlag: number;
  readonly highestCohort: number;
  /** Takes the ids that the database handed out. */
  fill(flagIds: readonly number[], cohortIds: readonly number[]): void;
}

/** What is there keeps its id; what is new takes the document's id if nothing has it, else waits for a fresh one. */
export function chooseIds(document: ImportDocument, existing: ExistingIds): IdChoice {
  const flags = new Map<string, number>();
  const used = new Set([...existing.flags.values(), ...existing.takenFlags]);
  const flagsWithout: string[] = [];
  for (const { id, key } of document.flags) {
    const known = existing.flags.get(key);
    if (known !== undefined) flags.set(key, known);
    else if (id === null || used.has(id)) flagsWithout.push(key);
    else {
      flags.set(key, id);
      used.add(id);
    }
  }
  const cohorts = new Map<number, number>();
  const moved = new Map([...existing.cohorts].map(([id, description]) => [description, id]));
  const cohortsWithout: number[] = [];
  for (const { id } of document.cohorts) {
    const known = moved.get(movedMark(id));
    if (known !== undefined) cohorts.set(id, known);
    else if (existing.takenCohorts.has(id) || !isUsableId(id)) cohortsWithout.push(id);
    else cohorts.set(id, id);
  }
  return {
    flags,
    cohorts,
    missingFlags: flagsWithout.length,
    missingCohorts: cohortsWithout.length,
    get highestFlag() {
      return highest(flags);
    },
    get highestCohort() {
      return highest(cohorts);
    },
    fill(flagIds, cohortIds) {
      for (const [index, key] of flagsWithout.entries()) flags.set(key, flagIds[index] ?? 0);
      for (const [index, id] of cohortsWithout.entries()) cohorts.set(id, cohortIds[index] ?? 0);
    },
  };
}

function highest(ids: ReadonlyMap<unknown, number>): number {
  let most = 0;
  for (const id of ids.values()) most = Math.max(most, id);
  return most;
}
