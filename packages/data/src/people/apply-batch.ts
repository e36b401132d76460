import { compareUtf8 } from '@halyard/json';
import {
  claimGroupTypes,
  type Folded,
  foldTeam,
  type HolderLimits,
  type PersonRef,
  type StoredGroup,
  type WantedRows,
  wantedRows,
} from '@halyard/people';
import type { Work } from '../management/transactions.ts';
import { type TeamBatch, without } from './batch.ts';
import type { OperationOutcome } from './people-store.ts';
import {
  continuityFlagsStatement,
  groupsStatement,
  groupTypesStatement,
  lockPersonsStatement,
  rememberEventsStatement,
  resolveStatement,
} from './read-statements.ts';
import { groupsOf, isSameResolution, personsOf, type Resolved, resolvedOf, RowsOfTeam } from './rows-of-team.ts';
import {
  changePersonsStatement,
  createStatement,
  groupChangesStatement,
  mergeStatement,
  reviveStatement,
  stickyKeysStatement,
} from './write-statements.ts';

/** Others changed what the batch looked at: it is to be begun anew (I140). */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
  /** An id or a person is not where it was; or somebody else made the same row. */
  readonly how: 'moved' | 'conflict';

  constructor(how: 'moved' | 'conflict') {
    super(`the batch was overtaken: ${how}`);
    this.how = how;
  }
}

/** Group types that have no index yet and can get one: to be claimed before (I100). */
export class Unclaimed extends Error {
  override readonly name = 'Unclaimed';
  readonly projectIds: readonly number[];

  constructor(projectIds: readonly number[]) {
    super('group types are to be claimed first');
    this.projectIds = projectIds;
  }
}

export interface BatchContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly limits: HolderLimits;
  /** Whether too large a person gets no properties, instead of failing the batch (I77). */
  readonly checksSize: boolean;
  /** Continuity flags of some teams, where they lie in another database; null: they are in this one. */
  readonly continuityFlags: readonly ContinuityFlag[] | null;
}

export interface ContinuityFlag {
  readonly teamId: number;
  readonly key: string;
}

export interface AppliedBatch {
  /** By place in the batch; those that are missing are duplicates. */
  readonly outcomes: ReadonlyMap<number, OperationOutcome>;
  readonly personsCreated: number;
}

interface FoldedTeam {
  readonly team: TeamBatch;
  readonly folded: Folded;
}

/**
 * Applies a batch in one transaction: locks what it names, folds, writes what differs (I140). All lock in the same classes, sorted within
 * each: uuids, persons, groups that change, distinct ids, and what hangs on persons that are locked (I141).
 *
 * @throws {Overtaken}
 * @throws {Unclaimed}
 */
export function* applyBatch(batch: readonly TeamBatch[], context: BatchContext): Work<AppliedBatch> {
  const teams = yield* withoutRepeats(batch, context.now);
  const outcomes = new Map<number, OperationOutcome>();
  if (teams.length === 0) return { outcomes, personsCreated: 0 };
  const types = yield* groupTypesOf(teams);
  const wanted = teams.map((team) => wantedRows(team.operations, types.of(team.projectId)));
  const locked = yield* lockPersons(teams, wanted);
  const folded = yield* foldOverGroups(teams, wanted, locked, types, context.limits);
  const personsCreated = yield* write(folded, locked, context);
  for (const { team, folded: done } of folded)
    team.places.forEach((place, i) => outcomes.set(place, done.operations[i] as OperationOutcome));
  return { outcomes, personsCreated };
}

/** Step 1: remembers the uuids, and drops what was applied before (I150). */
function* withoutRepeats(batch: readonly TeamBatch[], now: number): Work<readonly TeamBatch[]> {
  const events = batch.flatMap(({ teamId, operations }) => {
    const uuids = new Set(operations.flatMap(({ uuid }) => uuid ?? []));
    return [...uuids].sort(compareUtf8).map((uuid) => ({ teamId, uuid }));
  });
  if (events.length === 0) return batch;
  const rows = yield rememberEventsStatement(events, now);
  const fresh = new Set(rows.map((row) => `${row['team_id']} ${row['uuid']}`));
  return batch.flatMap(
    (team) => without(team, ({ uuid }) => uuid !== null && !fresh.has(`${team.teamId} ${uuid}`)) ?? [],
  );
}

/** The index of each type of the projects that the batch names types of. */
function* groupTypesOf(teams: readonly TeamBatch[]): Work<RowsOfTeam<number>> {
  const types = new RowsOfTeam<number>();
  const naming = teams.filter(({ operations }) => operations.some(({ groupTypes }) => groupTypes.length > 0));
  if (naming.length === 0) return types;
  for (const row of yield groupTypesStatement([...new Set(naming.map(({ projectId }) => projectId))]))
    types.of(Number(row['project_id'])).set(row['group_type'] ?? '', Number(row['group_type_index']));
  const unclaimed = naming.filter(
    ({ projectId, operations }) => claimGroupTypes(operations, types.of(projectId)).size > 0,
  );
  if (unclaimed.length > 0) throw new Unclaimed([...new Set(unclaimed.map(({ projectId }) => projectId))]);
  return types;
}

interface LockedPersons {
  readonly resolved: Resolved;
  readonly persons: ReturnType<typeof personsOf>;
}

/** Steps 2 to 4. */
function* lockPersons(teams: readonly TeamBatch[], wanted: readonly WantedRows[]): Work<LockedPersons> {
  const ids = teams.flatMap(({ teamId }, i) =>
    (wanted[i] as WantedRows).distinctIds.map((distinctId) => ({ teamId, distinctId })),
  );
  if (ids.length === 0) return { resolved: resolvedOf([]), persons: personsOf([]) };
  const before = resolvedOf(yield resolveStatement(ids, 0));
  const merging = new Set<string>();
  teams.forEach(({ teamId }, i) => {
    for (const id of (wanted[i] as WantedRows).mergeIds) merging.add(`${teamId} ${id}`);
  });
  const named = new Map<string, { teamId: number; id: string; whole: boolean }>();
  for (const [teamId, distinctId, { personId }] of before.distinctIds) {
    if (personId === null) continue;
    const whole = merging.has(`${teamId} ${distinctId}`) || named.get(personId)?.whole === true;
    named.set(personId, { teamId, id: personId, whole });
  }
  const keys = [...new Set(wanted.flatMap(({ personKeys }) => personKeys))];
  const persons = personsOf(
    named.size === 0 ? [] : yield lockPersonsStatement([...named.values()], keys, merging.size > 0),
  );
  if ([...persons].length < named.size) throw new Overtaken('moved');
  let known = 0;
  for (const [, , { personId }] of before.distinctIds) if (personId !== null) known += 1;
  const resolved = resolvedOf(yield resolveStatement(ids, ids.length - known));
  if (!isSameResolution(before, resolved)) throw new Overtaken('moved');
  return { resolved, persons };
}

/**
 * Step 5. Groups are read without a lock, for most events change nothing of theirs; those that are to be changed are locked then, and
 * where somebody else changed one meanwhile its team is folded anew.
 */
function* foldOverGroups(
  teams: readonly TeamBatch[],
  wanted: readonly WantedRows[],
  { resolved, persons }: LockedPersons,
  types: RowsOfTeam<number>,
  limits: HolderLimits,
): Work<readonly FoldedTeam[]> {
  const names = teams.flatMap(({ teamId }, i) =>
    (wanted[i] as WantedRows).groups.map((group) => ({ teamId, ...group })),
  );
  const keys = [...new Set(wanted.flatMap(({ groupKeys }) => groupKeys))];
  const groups = groupsOf(names.length === 0 ? [] : yield groupsStatement(names, keys, false));
  const fold = (team: TeamBatch): FoldedTeam => ({
    team,
    folded: foldTeam(
      team.teamId,
      team.operations,
      {
        persons: persons.of(team.teamId),
        distinctIds: resolved.distinctIds.of(team.teamId),
        groupTypes: types.of(team.projectId),
        groups: groups.of(team.teamId),
        ingested: new Set(),
      },
      limits,
    ),
  });
  const folded = teams.map(fold);
  const changed = folded.flatMap(({ team: { teamId }, folded: { changes } }) =>
    changes.groups.filter(({ isNew }) => !isNew).map(({ index, key }) => ({ teamId, index, key })),
  );
  if (changed.length === 0) return folded;
  const fresh = groupsOf(yield groupsStatement(changed, keys, true));
  const isStale = new Set<number>();
  for (const [teamId, name, group] of fresh) {
    const before = groups.of(teamId).get(name) as StoredGroup;
    if (before.version !== group.version) isStale.add(teamId);
    groups.of(teamId).set(name, group);
  }
  return folded.map((one) => (isStale.has(one.team.teamId) ? fold(one.team) : one));
}

/** Steps 6 to 10. How many persons were made. */
function* write(
  folded: readonly FoldedTeam[],
  { resolved, persons }: LockedPersons,
  { checksSize, continuityFlags }: BatchContext,
): Work<number> {
  const made = new Map<number, readonly string[]>();
  let taken = 0;
  for (const { team, folded: done } of folded) {
    const { length } = done.changes.newPersons;
    made.set(team.teamId, resolved.newIds.slice(taken, taken + length));
    taken += length;
  }
  const idOf = (teamId: number, ref: PersonRef): string =>
    'stored' in ref ? ref.stored : (made.get(teamId)?.[ref.created] as string);
  const rows = <Change, Made>(
    pick: (changes: Folded['changes']) => readonly Change[],
    rowOf: (change: Change, teamId: number, place: number) => Made,
  ) =>
    folded.flatMap(({ team: { teamId }, folded: { changes } }) =>
      pick(changes).map((change, place) => ({ ...rowOf(change, teamId, place), teamId })),
    );

  const newPersons = rows(
    (changes) => changes.newPersons,
    (person, teamId, place) => ({ ...person, id: idOf(teamId, { created: place }) }),
  );
  const attached = rows(
    (changes) => changes.attached,
    (one, teamId) => ({ ...one, personId: idOf(teamId, one.person) }),
  );
  const added = attached.filter(({ revives }) => !revives);
  const revived = attached.filter(({ revives }) => revives);
  let attachedRows = 0;
  if (added.length > 0 || newPersons.length > 0)
    attachedRows += countIn(yield createStatement(added, newPersons, checksSize));
  if (revived.length > 0) attachedRows += countIn(yield reviveStatement(revived, resolved.gone));
  if (attachedRows < attached.length) throw new Overtaken('conflict');

  const sources = rows(
    (changes) => changes.stickyKeys,
    (source, teamId) => ({
      into: idOf(teamId, source.into),
      merged: 'merged' in source ? source.merged : null,
      hashKey: 'hashKey' in source ? source.hashKey : null,
    }),
  );
  if (sources.length > 0) {
    const signUps = [...new Set(sources.flatMap(({ teamId, hashKey }) => (hashKey === null ? [] : [teamId])))];
    const flags = continuityFlags ?? (signUps.length === 0 ? [] : flagsIn(yield continuityFlagsStatement(signUps)));
    yield stickyKeysStatement(sources, flags);
  }
  const merged = rows(
    (changes) => changes.merged,
    (one, teamId) => ({ id: one.id, into: idOf(teamId, one.into), steps: one.steps }),
  );
  if (merged.length > 0) yield mergeStatement(merged);

  const changed = rows(
    (changes) => changes.changedPersons,
    (person, teamId) => ({
      ...person,
      isOlder: person.createdAt !== persons.of(teamId).get(person.id)?.createdAt,
    }),
  );
  if (changed.length > 0) yield changePersonsStatement(changed, checksSize);

  const groups = rows(
    (changes) => changes.groups,
    (group) => group,
  );
  if (groups.length > 0) {
    const expected = groups.filter(({ isNew }) => isNew).length;
    if (countIn(yield groupChangesStatement(groups)) < expected) throw new Overtaken('conflict');
  }
  return newPersons.length;
}

/** Rows of `continuityFlagsStatement`. */
export function flagsIn(rows: readonly Readonly<Record<string, string | null>>[]): ContinuityFlag[] {
  return rows.map((row) => ({ teamId: Number(row['team_id']), key: row['key'] ?? '' }));
}

function countIn([row]: readonly Readonly<Record<string, string | null>>[]): number {
  return Number(Object.values(row ?? {})[0]);
}
