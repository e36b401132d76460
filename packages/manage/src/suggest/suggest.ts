import {
  suggestCohortsStatement,
  suggestCreatorsStatement,
  suggestFlagsStatement,
  suggestGroupsStatement,
  suggestPropertiesStatement,
  suggestTagsStatement,
  suggestValuesStatement,
  type Work,
} from '@halyard/data/management';
import { type JsonValue, parseStored } from '@halyard/json';
import { ask, type CommandContext } from '../command.ts';

/** So many are offered. */
export const mostSuggestions = 20;

/** A property that persons have. */
export interface SuggestedProperty {
  readonly value: string;
  /** What its values mostly are, as JSON calls it; `null`: not known. */
  readonly type: string | null;
}

/** Properties of the newest persons with a text in their name, the most frequent first (M184). */
export function* suggestProperties({ teamId }: CommandContext, search: string): Work<readonly SuggestedProperty[]> {
  const rows = yield* ask(suggestPropertiesStatement(teamId, search, mostSuggestions));
  return rows.map((row) => ({ value: row['value'] ?? '', type: row['type'] ?? null }));
}

/** Values that the newest persons have of a property, the most frequent first. */
export function* suggestValues(
  { teamId }: CommandContext,
  property: string,
  search: string,
): Work<readonly JsonValue[]> {
  const rows = yield* ask(suggestValuesStatement(teamId, property, search, mostSuggestions));
  return rows.map((row) => parseStored(row['value'] ?? 'null'));
}

/** Keys of the newest groups of a type. */
export function* suggestGroups(
  { teamId }: CommandContext,
  index: number,
  search: string,
): Work<readonly { readonly value: string; readonly name: string | null }[]> {
  const rows = yield* ask(suggestGroupsStatement(teamId, index, search, mostSuggestions));
  return rows.map((row) => ({ value: row['value'] ?? '', name: row['name'] ?? null }));
}

/** Cohorts by their name. */
export function* suggestCohorts(
  { teamId }: CommandContext,
  search: string,
): Work<readonly { readonly value: number; readonly name: string | null }[]> {
  const rows = yield* ask(suggestCohortsStatement(teamId, search, mostSuggestions));
  return rows.map((row) => ({ value: Number(row['id']), name: row['name'] ?? null }));
}

/** Flags by their key or description. */
export function* suggestFlags(
  { teamId }: CommandContext,
  search: string,
): Work<readonly { readonly value: string; readonly id: number; readonly name: string; readonly active: boolean }[]> {
  const rows = yield* ask(suggestFlagsStatement(teamId, search, mostSuggestions));
  return rows.map((row) => ({
    value: row['key'] ?? '',
    id: Number(row['id']),
    name: row['name'] ?? '',
    active: row['active'] === 'true',
  }));
}

/** Tags of flags, the most used first. */
export function* suggestTags(
  { teamId }: CommandContext,
  search: string,
): Work<readonly { readonly value: string; readonly flags: number }[]> {
  const rows = yield* ask(suggestTagsStatement(teamId, search, mostSuggestions));
  return rows.map((row) => ({ value: row['value'] ?? '', flags: Number(row['count']) }));
}

/** Who made flags, by their address. */
export function* suggestCreators(
  { teamId }: CommandContext,
  search: string,
): Work<readonly { readonly value: string; readonly id: number; readonly flags: number }[]> {
  const rows = yield* ask(suggestCreatorsStatement(teamId, search, mostSuggestions));
  return rows.map((row) => ({ value: row['value'] ?? '', id: Number(row['id']), flags: Number(row['count']) }));
}
