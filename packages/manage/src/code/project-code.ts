import type { StoredCode } from '@halyard/data/management';
import type { Definitions } from '@halyard/engine';
import { type JsonObject, type JsonValue, member } from '@halyard/json';
import { definitionsOf } from './code-value.ts';
import { cohortCode, cohortRow, flagCode, flagRow, withFlagKeys } from './flag-code.ts';

/** A project's definitions as files have them, every number as it is spelled. */
export interface ProjectCode {
  /** By key, in the order of the keys. */
  readonly flags: ReadonlyMap<string, JsonObject>;
  /** By id. */
  readonly cohorts: ReadonlyMap<number, JsonObject>;
  /** Group type index as text → name. */
  readonly groupTypes: Readonly<Record<string, string>>;
  /** Undefined: files do not say. */
  readonly timezone?: string;
  /** Undefined: files do not say. */
  readonly propertyMatchingVersion?: number;
}

/** A flag that no file can hold, and why. */
export interface LeftOut {
  readonly key: string;
  readonly reason: string;
}

/** What is stored, as files would have it. */
export function projectCode(stored: StoredCode): { readonly code: ProjectCode; readonly leftOut: readonly LeftOut[] } {
  const keys = new Map(stored.flags.map(({ key, row }) => [String(idOf(row)), key]));
  const flags = new Map<string, JsonObject>();
  const leftOut: LeftOut[] = [];
  for (const { key, row } of stored.flags) {
    if (isEncrypted(row)) leftOut.push({ key, reason: 'its payloads are encrypted' });
    else
      flags.set(
        key,
        flagCode(row, (id) => keys.get(id)),
      );
  }
  return {
    code: {
      flags,
      cohorts: new Map(stored.cohorts.map((row) => [idOf(row), cohortCode(row)])),
      groupTypes: stored.groupTypes,
      timezone: stored.timezone,
      propertyMatchingVersion: stored.propertyMatchingVersion,
    },
    leftOut,
  };
}

/** Ciphertext belongs into no file. */
export function isEncrypted(row: JsonObject): boolean {
  return member(row, 'has_encrypted_payloads') === true;
}

export function idOf(row: JsonObject): number {
  const id = member(row, 'id');
  return typeof id === 'number' ? id : 0;
}

/**
 * Files as definitions that the engine compiles.
 *
 * @param ids ids that flags have already; the others get ids that none of these has
 */
export function definitionsFrom(code: ProjectCode, ids: ReadonlyMap<string, number> = new Map()): Definitions {
  let next = Math.max(0, ...ids.values());
  const all = new Map(ids);
  for (const key of code.flags.keys()) if (!all.has(key)) all.set(key, ++next);
  const rename = (key: string): string => String(all.get(key) ?? key);
  return {
    teamId: 1,
    timezone: code.timezone ?? 'UTC',
    propertyMatchingVersion: code.propertyMatchingVersion ?? 1,
    flags: [...code.flags].map(([key, flag]): JsonValue => {
      const row = definitionsOf(flagRow(flag)) as JsonObject;
      return { ...withFlagKeys(row, rename), id: all.get(key) ?? 0 };
    }),
    cohorts: [...code.cohorts.values()].map((cohort) => definitionsOf(cohortRow(cohort))),
    groupTypeMapping: code.groupTypes,
  };
}
