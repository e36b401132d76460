import { compareUtf8, type JsonValue } from '@halyard/json';
import type { GroupOperation, Operation, Warning } from '../events/operation.ts';
import { sameValue } from '../members.ts';
import type { GroupChange } from './changes.ts';
import { Holder } from './holder.ts';
import type { HolderLimits } from './limits.ts';
import { groupName, type StoredGroup, type TeamRows } from './rows.ts';

/** A project has at most so many group types (I100). */
const mostTypes = 5;

/**
 * The index of each new group type that a batch names, sorted by name: the lowest that is free, while one is.
 *
 * @param taken the types that the project has
 */
export function claimGroupTypes(
  operations: readonly Operation[],
  taken: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const wanted = new Set(operations.flatMap((operation) => operation.groupTypes).filter((type) => !taken.has(type)));
  const used = new Set(taken.values());
  const claims = new Map<string, number>();
  for (const type of [...wanted].sort(compareUtf8)) {
    let index = 0;
    while (used.has(index)) index++;
    if (index >= mostTypes) break;
    used.add(index);
    claims.set(type, index);
  }
  return claims;
}

interface GroupDraft {
  readonly index: number;
  readonly key: string;
  readonly stored: StoredGroup | undefined;
  readonly properties: Holder;
  createdAt: number;
}

/** Groups of a team while a batch is folded (I100–I104). */
export class GroupsFold {
  readonly #rows: TeamRows;
  readonly #limits: HolderLimits;
  readonly #warn: (warning: Warning) => void;
  readonly #drafts = new Map<string, GroupDraft>();

  constructor(rows: TeamRows, limits: HolderLimits, warn: (warning: Warning) => void) {
    this.#rows = rows;
    this.#limits = limits;
    this.#warn = warn;
  }

  /** Applies one `$groupidentify` (I103). Says whether it changes anything. */
  apply({ type, key, set }: GroupOperation, time: number): boolean {
    const index = this.#rows.groupTypes.get(type);
    if (index === undefined) return false;
    const name = groupName(index, key);
    let draft = this.#drafts.get(name);
    let isNew = false;
    if (draft === undefined) {
      const stored = this.#rows.groups.get(name);
      isNew = stored === undefined;
      draft = { index, key, stored, properties: new Holder(stored ?? null), createdAt: stored?.createdAt ?? time };
      this.#drafts.set(name, draft);
    }
    const changes = new Map<string, JsonValue>();
    for (const [member, value] of set) if (!sameValue(draft.properties.get(member), value)) changes.set(member, value);
    if (changes.size === 0) return isNew;
    const outcome = draft.properties.change(changes, this.#limits);
    if (outcome === 'bytes') this.#warn('group_too_large');
    if (outcome === 'keys') this.#warn('too_many_keys');
    if (outcome === 'bytes') return isNew;
    draft.createdAt = Math.min(draft.createdAt, time);
    return true;
  }

  /** What is to be written, in the order of its locks (I140). */
  changes(): GroupChange[] {
    return [...this.#drafts.values()]
      .sort((a, b) => a.index - b.index || compareUtf8(a.key, b.key))
      .flatMap(({ index, key, stored, properties, createdAt }) => {
        const { set, isEmpty } = properties.difference();
        if (stored !== undefined && isEmpty) return [];
        const version = stored === undefined ? 1 : stored.version + 1;
        return [{ index, key, isNew: stored === undefined, set, createdAt, version }];
      });
  }
}
