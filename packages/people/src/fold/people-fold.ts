import { compareUtf8 } from '@halyard/json';
import { personUuid } from '../events/event-uuid.ts';
import type { MergeRequest, PersonOperation, Warning } from '../events/operation.ts';
import type { AttachedId, ChangedPerson, MergedPerson, NewPerson, PersonRef, StickyKeySource } from './changes.ts';
import type { HolderLimits } from './limits.ts';
import { PersonDraft } from './person-draft.ts';
import type { TeamRows } from './rows.ts';

/** What became of a merge that was asked for (I83, I84). */
export type MergeOutcome = 'created' | 'attached' | 'merged' | 'same' | 'already_identified';

/** A distinct id that the batch attaches. Its person may be merged away later in the batch. */
interface NewId {
  readonly draft: PersonDraft;
  readonly version: number;
  readonly revives: boolean;
}

/** Persons and distinct ids of a team while a batch is folded (I83–I86). */
export class PeopleFold {
  readonly #team: number;
  readonly #rows: TeamRows;
  readonly #limits: HolderLimits;
  readonly #warn: (warning: Warning) => void;
  /** Stored persons that the batch names, and those it makes, in order. */
  readonly #drafts = new Map<string, PersonDraft>();
  readonly #made: PersonDraft[] = [];
  readonly #newIds = new Map<string, NewId>();

  constructor(team: number, rows: TeamRows, limits: HolderLimits, warn: (warning: Warning) => void) {
    this.#team = team;
    this.#rows = rows;
    this.#limits = limits;
    this.#warn = warn;
  }

  /** Applies one event. */
  apply(operation: PersonOperation, time: number): { isWritten: boolean; isSuppressed: boolean; merge?: MergeOutcome } {
    const { draft, isNew, merge } = this.#personOf(operation, time);
    const becomesIdentified = merge !== undefined && !draft.isIdentified;
    if (merge !== undefined) draft.isIdentified = true; // I85
    draft.sawEvent(time);
    const outcome = draft.apply(operation, this.#limits, isNew);
    if (outcome === 'person_too_large' || outcome === 'too_many_keys') this.#warn(outcome);
    const isAttached = merge === 'attached' || merge === 'merged';
    const isChanged = outcome === 'changed' || outcome === 'too_many_keys';
    return {
      isWritten: isNew || isAttached || becomesIdentified || isChanged,
      isSuppressed: outcome === 'suppressed',
      ...(merge !== undefined && { merge }),
    };
  }

  #personOf(
    { distinctId, merge }: PersonOperation,
    time: number,
  ): { draft: PersonDraft; isNew: boolean; merge?: MergeOutcome } {
    if (merge !== null) return this.#merged(distinctId, merge, time);
    const known = this.#find(distinctId);
    return known === undefined ? { draft: this.#make(distinctId, time), isNew: true } : { draft: known, isNew: false };
  }

  /** The four cases of I83. */
  #merged(
    target: string,
    { source, evenIdentified, isIdentify }: MergeRequest,
    time: number,
  ): { draft: PersonDraft; isNew: boolean; merge: MergeOutcome } {
    const from = this.#find(source);
    const to = this.#find(target);
    if (from === undefined && to === undefined) {
      const draft = this.#make(target, time);
      this.#attach(source, draft, 1);
      if (isIdentify) draft.hashKey = source; // I91
      return { draft, isNew: true, merge: 'created' };
    }
    if (from === undefined || to === undefined) {
      const draft = (from ?? to) as PersonDraft;
      this.#attach(from === undefined ? source : target, draft, 1);
      return { draft, isNew: false, merge: 'attached' };
    }
    if (from === to) return { draft: to, isNew: false, merge: 'same' };
    if (from.isIdentified && !evenIdentified) {
      this.#warn('already_identified'); // I84
      return { draft: to, isNew: false, merge: 'already_identified' };
    }
    if (to.absorb(from, this.#limits) === 'person_too_large') this.#warn('person_too_large');
    return { draft: to, isNew: false, merge: 'merged' };
  }

  #find(distinctId: string): PersonDraft | undefined {
    const attached = this.#newIds.get(distinctId);
    if (attached !== undefined) return attached.draft.survivor;
    const id = this.#rows.distinctIds.get(distinctId)?.personId ?? null;
    if (id === null) return undefined;
    const known = this.#drafts.get(id);
    if (known !== undefined) return known.survivor;
    const row = this.#rows.persons.get(id);
    if (row === undefined) throw new Error('the rows lack a person that one of their distinct ids names');
    const draft = new PersonDraft(row);
    this.#drafts.set(id, draft);
    return draft;
  }

  #make(distinctId: string, time: number): PersonDraft {
    const draft = new PersonDraft({ uuid: personUuid(this.#team, distinctId), createdAt: time });
    this.#made.push(draft);
    this.#attach(distinctId, draft, 0);
    return draft;
  }

  /** Revives the row of a tombstone (I90). */
  #attach(distinctId: string, draft: PersonDraft, version: number): void {
    const tombstone = this.#rows.distinctIds.get(distinctId);
    const revives = tombstone !== undefined;
    this.#newIds.set(distinctId, { draft, version: revives ? (tombstone.version ?? 0) + 1 : version, revives });
  }

  /** What is to be written, sorted as it is locked (I140). Persons that the batch made and merged away are not among it. */
  changes(): {
    newPersons: NewPerson[];
    attached: AttachedId[];
    merged: MergedPerson[];
    changedPersons: ChangedPerson[];
    stickyKeys: StickyKeySource[];
  } {
    const left = this.#made.filter((draft) => draft.survivor === draft);
    const places = new Map(left.map((draft, i) => [draft, i]));
    const refOf = (draft: PersonDraft): PersonRef => {
      const { survivor } = draft;
      return survivor.stored === null ? { created: places.get(survivor) as number } : { stored: survivor.stored.id };
    };
    const stored = [...this.#drafts].sort(([a], [b]) => compareIds(a, b));
    return {
      newPersons: left.map((draft) => draft.asNew()),
      attached: [...this.#newIds]
        .sort(([a], [b]) => compareUtf8(a, b))
        .map(([distinctId, { draft, version, revives }]) => {
          return { distinctId, person: refOf(draft), version: version + draft.steps, revives };
        }),
      merged: stored
        .filter(([, draft]) => draft.survivor !== draft)
        .map(([id, draft]) => ({ id, into: refOf(draft), steps: draft.steps })),
      changedPersons: stored
        .filter(([, draft]) => draft.survivor === draft)
        .flatMap(([, draft]) => draft.asChanged() ?? []),
      stickyKeys: [...left, ...stored.map(([, draft]) => draft)]
        .filter((draft) => draft.survivor === draft)
        .flatMap((draft) => draft.stickyKeySources().map((source) => ({ into: refOf(draft), ...source }))),
    };
  }
}

/** Order of ids, which are 64-bit integers as text. */
function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : 1);
}
