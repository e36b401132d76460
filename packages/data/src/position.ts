/**
 * How far a store had come when something was read from it: what is read at a lower position cannot be newer. Positions are
 * those of one PostgreSQL cluster, which its physical replicas share. A `null` part says nothing.
 */
export interface Position {
  /** Of projects, flags and cohorts; the lowest where several statements took part. */
  readonly main: number | null;
  /** Of group types, which may live in another cluster (D35). */
  readonly persons: number | null;
  /** Some part came from a replica, whose word about the order of events does not count against the primary's. */
  readonly replica: boolean;
}

/**
 * SQL for the position of the statement it stands in: `w` at a primary or `r` at a replica, then the snapshot's upper bound. Known to
 * every supported version, and allowed on replicas.
 */
export const positionSql = `case when pg_is_in_recovery() then 'r' else 'w' end || txid_snapshot_xmax(txid_current_snapshot())`;

/** Position of something read with several statements, from their `position` columns. */
export function positionOf(main: readonly (string | null | undefined)[], persons: string | null | undefined): Position {
  const mains = main.map(numberIn).filter((part) => part !== null);
  return {
    main: mains.length === 0 ? null : Math.min(...mains),
    persons: numberIn(persons),
    replica: [...main, persons].some((part) => part?.startsWith('r') === true),
  };
}

/** Whether something read at `position` may be older than what was read at `held`. Without positions nothing is known, and so not. */
export function mayBeOlder(position: Position | undefined, held: Position | undefined): boolean {
  if (position === undefined || held === undefined) return false;
  // A replica applies commits in another order than their numbers, so an equal number proves nothing there.
  const atLeast = position.replica && !held.replica ? 1 : 0;
  return isBelow(position.main, held.main, atLeast) || isBelow(position.persons, held.persons, 0);
}

function isBelow(part: number | null, held: number | null, margin: number): boolean {
  return part !== null && held !== null && part < held + margin;
}

function numberIn(text: string | null | undefined): number | null {
  const digits = /^[rw](\d{1,15})$/.exec(text ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}
