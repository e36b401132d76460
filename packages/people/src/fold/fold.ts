import { compareUtf8 } from '@halyard/json';
import type { Operation, Warning } from '../events/operation.ts';
import type { Changes } from './changes.ts';
import { GroupsFold } from './groups-fold.ts';
import { DEFAULT_LIMITS, type HolderLimits } from './limits.ts';
import { type MergeOutcome, PeopleFold } from './people-fold.ts';
import { groupName, type TeamRows } from './rows.ts';

/** What became of an operation (I202). */
export type Outcome = 'applied' | 'unchanged' | 'suppressed' | 'duplicate';

/** What a batch changes of one team, and what became of its operations. */
export interface Folded {
  readonly changes: Changes;
  /** One for each operation, in order. */
  readonly outcomes: readonly Outcome[];
  readonly merges: readonly MergeOutcome[];
  readonly warnings: readonly Warning[];
}

/**
 * Folds the operations of one team over its rows (I4). Pure: the same arguments give the same changes, and nothing that
 * is handed in is changed. The end is that of applying one operation after the other, but each row is written once (I76).
 *
 * @param rows what `wantedRows` names; the group types with what `claimGroupTypes` added
 */
export function foldTeam(
  team: number,
  operations: readonly Operation[],
  rows: TeamRows,
  limits: HolderLimits = DEFAULT_LIMITS,
): Folded {
  const warnings: Warning[] = [];
  const warn = (warning: Warning): void => void warnings.push(warning);
  const people = new PeopleFold(team, rows, limits, warn);
  const groups = new GroupsFold(rows, limits, warn);
  const merges: MergeOutcome[] = [];
  const seen = new Set(rows.ingested);
  const outcomes = operations.map((operation): Outcome => {
    const { uuid, time, person, group, groupTypes } = operation;
    if (uuid !== null && seen.has(uuid)) return 'duplicate';
    if (uuid !== null) seen.add(uuid);
    for (const type of groupTypes) if (!rows.groupTypes.has(type)) warn('too_many_group_types');
    const done = person === null ? undefined : people.apply(person, time);
    if (done?.merge !== undefined) merges.push(done.merge);
    const isGroupWritten = group !== null && groups.apply(group, time);
    if (done?.isWritten === true || isGroupWritten) return 'applied';
    return done?.isSuppressed === true ? 'suppressed' : 'unchanged';
  });
  return { changes: { ...people.changes(), groups: groups.changes() }, outcomes, merges, warnings };
}

/** What a batch needs to know of a team before it is folded. Each list is sorted. */
export interface WantedRows {
  readonly uuids: readonly string[];
  /** Own ids and those to be merged (I140). */
  readonly distinctIds: readonly string[];
  /** Whether persons may disappear, so that they are locked for deletion (I143) and read whole. */
  readonly mayMerge: boolean;
  /** Keys whose values are looked at, of every person that is not read whole. */
  readonly personKeys: readonly string[];
  /** By `groupName`, given the index of each type. */
  readonly groups: readonly { readonly index: number; readonly key: string }[];
  readonly groupKeys: readonly string[];
}

/** Names the rows that `foldTeam` looks at. */
export function wantedRows(operations: readonly Operation[], groupTypes: ReadonlyMap<string, number>): WantedRows {
  const people = operations.flatMap(({ person }) => person ?? []);
  const groups = operations.flatMap(({ group }) => group ?? []);
  const merges = people.flatMap(({ merge }) => merge ?? []);
  const named = new Map(
    groups.flatMap(({ type, key }) => {
      const index = groupTypes.get(type);
      return index === undefined ? [] : [[groupName(index, key), { index, key }] as const];
    }),
  );
  return {
    uuids: sorted(operations.flatMap(({ uuid }) => uuid ?? [])),
    distinctIds: sorted([...people.map(({ distinctId }) => distinctId), ...merges.map(({ source }) => source)]),
    mayMerge: merges.length > 0,
    personKeys: sorted(people.flatMap(({ set, setOnce, unset }) => [...set.keys(), ...setOnce.keys(), ...unset])),
    groups: [...named.values()].sort((a, b) => a.index - b.index || compareUtf8(a.key, b.key)),
    groupKeys: sorted(groups.flatMap(({ set }) => [...set.keys()])),
  };
}

function sorted(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort(compareUtf8);
}
