import {
  cohortDefinitionsStatement,
  dependenciesStatement,
  flagNamesStatement,
  type Row,
  type Work,
} from '@halyard/data/management';
import { type JsonObject, member } from '@halyard/json';
import { ask } from '../command.ts';
import { cohortGraph } from '../cohorts/cohort-graph.ts';
import type { FilterProblems } from './place.ts';
import { cohortIdOf, flagId, type PlacedProperty, propertiesOf, targetIds } from './walk.ts';

/** Checks what the filters refer to: cohorts (M68) and other flags (M69). */
export function* checkReferences(
  teamId: number,
  flag: { readonly id: number | null; readonly key: string },
  filters: JsonObject,
  problems: FilterProblems,
): Work<void> {
  const properties = propertiesOf(filters);
  yield* checkCohorts(teamId, ofType(properties, 'cohort'), problems);
  yield* checkFlags(teamId, flag, ofType(properties, 'flag'), problems);
}

function ofType(properties: readonly PlacedProperty[], type: string): readonly PlacedProperty[] {
  return properties.filter(({ property }) => member(property, 'type') === type);
}

function* checkCohorts(teamId: number, used: readonly PlacedProperty[], problems: FilterProblems): Work<void> {
  if (used.length === 0) return;
  const graph = cohortGraph(yield* ask(cohortDefinitionsStatement(teamId)));
  for (const { property, place } of used) {
    const id = cohortIdOf(member(property, 'value'));
    if (id === null || !graph.has(id)) {
      problems.other('cohort_does_not_exist', `${place}.value`, 'There is no such cohort in this project.');
    } else if (graph.isBehavioural(id)) {
      const sentence = 'The cohort depends on behaviour, which flags cannot ask for.';
      problems.other('behavioral_cohort_found', `${place}.value`, sentence);
    }
  }
}

function* checkFlags(
  teamId: number,
  flag: { readonly id: number | null; readonly key: string },
  used: readonly PlacedProperty[],
  problems: FilterProblems,
): Work<void> {
  if (used.length === 0) return;
  const ids = used.map(({ property }) => flagId(member(property, 'key')));
  const rows = yield* ask(flagNamesStatement(teamId, [...new Set(ids.filter((id) => id !== null))]));
  const byId = new Map(rows.map((row) => [Number(row['id']), row]));
  for (const [i, { place }] of used.entries()) {
    const id = ids[i] ?? null;
    const target = id === null ? undefined : byId.get(id);
    const wrong = id !== null && id === flag.id ? 'A flag cannot depend on itself.' : problemOf(target);
    if (wrong !== null) problems.other('invalid_input', `${place}.key`, wrong);
  }
}

function problemOf(target: Row | undefined): string | null {
  if (target === undefined || target['deleted'] === 'true') return 'There is no flag with this id in this project.';
  return target['active'] === 'true' ? null : `The flag "${target['key']}" is off.`;
}

/**
 * The keys along which the flag would depend on itself, the flag's own first and last; `null`: there is no such way (M69).
 * Flags are told by their ids.
 */
export function* cycleThrough(
  teamId: number,
  flag: { readonly id: number; readonly key: string },
  filters: JsonObject,
): Work<readonly string[] | null> {
  const first = targetIds(filters);
  if (first.length === 0) return null;
  const rows = yield* ask(dependenciesStatement(teamId));
  const edges = new Map(rows.map((row) => [Number(row['id']), { key: row['key'] ?? '', targets: targetsIn(row) }]));
  const from = new Map<number, number>();
  const open = [...first];
  for (const id of first) from.set(id, flag.id);
  for (const id of open) {
    if (id === flag.id) return wayTo(flag, from, (at) => edges.get(at)?.key ?? String(at));
    for (const target of edges.get(id)?.targets ?? []) {
      if (from.has(target)) continue;
      from.set(target, id);
      open.push(target);
    }
  }
  return null;
}

function wayTo(
  flag: { readonly id: number; readonly key: string },
  from: ReadonlyMap<number, number>,
  keyOf: (id: number) => string,
): readonly string[] {
  const keys = [flag.key];
  for (let at = from.get(flag.id); at !== undefined && at !== flag.id; at = from.get(at)) keys.unshift(keyOf(at));
  return [flag.key, ...keys];
}

function targetsIn(row: Row): readonly number[] {
  const keys = JSON.parse(row['targets'] ?? '[]') as unknown[];
  return keys.map((key) => flagId(typeof key === 'string' ? key : undefined)).filter((id) => id !== null);
}
