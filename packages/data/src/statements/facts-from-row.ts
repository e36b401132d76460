import { isObject, type JsonObject, type JsonValue, parseStored } from '@halyard/json';
import type { FactFailure, FactPlan, Facts, PersonFacts } from '@halyard/engine';
import { mergeStickyKeys, type StickyKeyRow } from '../sticky-keys.ts';
import { factFailure, stickyKeysFailure } from '../store-error.ts';
import type { Row } from './statement.ts';

/** What one row says: the facts, and what is needed to decide on a write. */
export interface RowFacts {
  readonly facts: Facts;
  /** Sticky keys of the resolved persons; `null`: no such persons, or not asked. */
  readonly stickyRows: readonly StickyKeyRow[] | null;
}

/**
 * Reads the row of `factsStatement`; `undefined` stands for a plan of which nothing can exist. A document that the
 * parser refuses is a fact that could not be loaded.
 */
export function factsFromRow(plan: FactPlan, row: Row | undefined): RowFacts {
  const stickyRows = plan.stickyKeys === null ? null : stickyRowsOf(row?.['sticky_keys'] ?? null);
  return {
    facts: {
      person: orFailure(() => personOf(row)),
      groups: orFailure(() => groupsOf(row?.['groups'] ?? null)),
      stickyKeys: plan.stickyKeys === null ? null : mergeStickyKeys(stickyRows ?? []),
    },
    stickyRows,
  };
}

/** The facts when the statement failed: every part that it would have answered (E158, E160). */
export function failedFacts(plan: FactPlan, error: unknown): Facts {
  const failure = factFailure(error);
  return {
    person: plan.person === null && plan.staticCohorts.length === 0 ? null : failure,
    groups: plan.groups.length === 0 ? new Map() : failure,
    stickyKeys: plan.stickyKeys === null ? null : stickyKeysFailure,
  };
}

/** Reads the `sticky_keys` column: a list of [own, flag key, hash key], or null for no persons. */
export function stickyRowsOf(text: string | null): StickyKeyRow[] | null {
  if (text === null) return null;
  const rows = JSON.parse(text) as [own: boolean, flagKey: string, hashKey: string][];
  return rows.map(([own, flagKey, hashKey]) => ({ own, flagKey, hashKey }));
}

const noCohorts: ReadonlySet<number> = new Set();

function personOf(row: Row | undefined): PersonFacts | null {
  const document = row?.['person'] ?? null;
  if (document === null) return null;
  const createdAt = row?.['created_at'] ?? null;
  const cohorts = row?.['static_cohorts'] ?? '';
  return {
    properties: objectOf(parseStored(document)),
    ...(createdAt === null ? {} : { createdAt }),
    staticCohorts: cohorts === '' ? noCohorts : new Set(cohorts.split(',').map(Number)),
  };
}

function groupsOf(document: string | null): ReadonlyMap<number, JsonObject> {
  const groups = new Map<number, JsonObject>();
  if (document === null) return groups;
  for (const [index, properties] of Object.entries(objectOf(parseStored(document)))) {
    groups.set(Number(index), objectOf(properties));
  }
  return groups;
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function orFailure<Part>(read: () => Part): Part | FactFailure {
  try {
    return read();
  } catch (error) {
    return factFailure(error);
  }
}
