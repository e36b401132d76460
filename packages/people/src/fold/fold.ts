import { compareUtf8 } from '@halyard/json';
import type { Operation, Warning } from '../events/operation.ts';
import type { Changes } from './changes.ts';
import { GroupsFold } from './groups-fold.ts';
import { DEFAULT_LIMITS, type HolderLimits } from './limits.ts';
import { type MergeOutcome, PeopleFold } from './people-fold.ts';
import { groupName, type TeamRows } from './rows.ts';

/** What became of an operation (I202). */
export type Outcome = 'applied' | 'unchanged' | 'suppressed' | 'duplicate';

/** What became of one operation. */
export interface FoldedOperation {
  readonly outcome: Outcome;
  /** What became of the merge that it asks for. */
  readonly merge: MergeOutcome | null;
  readonly warnings: readonly Warning[];
}

/** What a batch changes of one team, and what became of its operations. */
export interface Folded {
  readonly changes: Changes;
  /** One for each operation, in order. */
  readonly operations: readonly FoldedOperation[];
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
  let warnings: Warning[] = [];
  const warn = (warning: Warning): void => void warnings.push(warning);
  const people = new PeopleFold(team, rows, limits, warn);
  const groups = new GroupsFold(rows, limits, warn);
  const seen = new Set(rows.ingested);
  const folded = operations.map(({ uuid, time, person, group, groupTypes }): FoldedOperation => {
    if (uuid !== null && seen.has(uuid)) return { outcome: 'duplicate', merge: null, warnings: [] };
    if (uuid !== null) seen.add(uuid);
    warnings = [];
    for (const type of groupTypes) if (!rows.groupTypes.has(type)) warn('too_many_group_types');
    const done = person === null ? undefined : people.apply(person, time);
    const isWritten = (group !== null && groups.apply(group, time)) || done?.isWritten === true;
    const unwritten = done?.isSuppressed === true ? 'suppressed' : 'unchanged';
    return { outcome: isWritten ? 'applied' : unwritten, merge: done?.merge ?? null, warnings };
  });
  return { changes: { ...people.changes(), groups: groups.changes() }, operations: folded };
}

/** What a batch needs to know of a team before it is folded. Each list is sorted. */
export interface WantedRows {
  readonly uuids: readonly string[];
  /** Own ids and those to be merged (I140). */
  readonly distinctIds: readonly string[];
  /** Those of them whose persons may become one: these are locked for deletion (I143) and read whole. */
  readonly mergeIds: readonly string[];
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
  const mergeIds = people.flatMap(({ distinctId, merge }) => (merge === null ? [] : [distinctId, merge.source]));
  const named = new Map(
    groups.flatMap(({ type, key }) => {
      const index = groupTypes.get(type);
      return index === undefined ? [] : [[groupName(index, key), { index, key }] as const];
    }),
  );
  return {
    uuids: sorted(operations.flatMap(({ uuid }) => uuid ?? [])),
    distinctIds: sorted([...people.map(({ distinctId }) => distinctId), ...mergeIds]),
    mergeIds: sorted(mergeIds),
    personKeys: sorted(people.flatMap(({ set, setOnce, unset }) => [...set.keys(), ...setOnce.keys(), ...unset])),
    groups: [...named.values()].sort((a, b) => a.index - b.index || compareUtf8(a.key, b.key)),
    groupKeys: sorted(groups.flatMap(({ set }) => [...set.keys()])),
  };
}

function sorted(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort(compareUtf8);
}
