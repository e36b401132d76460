import type { Operation } from '@halyard/people';
import type { WaitingOperation } from './people-store.ts';

/** The operations of one team in a batch, in their order. */
export interface TeamBatch {
  readonly teamId: number;
  readonly projectId: number;
  readonly operations: readonly Operation[];
  /** Where each of them stands in the batch. */
  readonly places: readonly number[];
}

/** Splits a batch by team, in the order in which teams are locked. */
export function byTeam(batch: readonly WaitingOperation[]): TeamBatch[] {
  const teams = new Map<number, { projectId: number; operations: Operation[]; places: number[] }>();
  batch.forEach(({ teamId, projectId, operation }, place) => {
    const team = teams.get(teamId) ?? { projectId, operations: [], places: [] };
    teams.set(teamId, team);
    team.operations.push(operation);
    team.places.push(place);
  });
  return [...teams].sort(([a], [b]) => a - b).map(([teamId, team]) => ({ teamId, ...team }));
}

/** The same without some operations; null where none is left. */
export function without(team: TeamBatch, isLeftOut: (operation: Operation) => boolean): TeamBatch | null {
  const left = team.operations.flatMap((operation, i) => (isLeftOut(operation) ? [] : [i]));
  if (left.length === 0) return null;
  return {
    ...team,
    operations: left.map((i) => team.operations[i] as Operation),
    places: left.map((i) => team.places[i] as number),
  };
}

/** What one transaction takes at most: its rows are all in memory, and locked, at once. */
const most = { operations: 500, merges: 100, keys: 4_000 };

/** Cuts operations into batches, in their order. */
export function batchesOf(operations: readonly WaitingOperation[]): WaitingOperation[][] {
  const batches: WaitingOperation[][] = [];
  let batch: WaitingOperation[] = [];
  let merges = 0;
  let keys = new Set<string>();
  for (const waiting of operations) {
    const isFull = batch.length === most.operations || merges >= most.merges || keys.size >= most.keys;
    if (batch.length === 0 || isFull) {
      batch = [];
      batches.push(batch);
      merges = 0;
      keys = new Set();
    }
    const { person, group } = waiting.operation;
    batch.push(waiting);
    if (person !== null && person.merge !== null) merges += 1;
    for (const members of [person?.set, person?.setOnce, group?.set]) {
      if (members !== undefined) for (const key of members.keys()) keys.add(key);
    }
  }
  return batches;
}
