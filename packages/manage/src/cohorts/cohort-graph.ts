import type { Row } from '@halyard/data/management';
import { isList, isObject, type JsonValue, member, parseStored } from '@halyard/json';
import { cohortIdOf } from '../filters/walk.ts';

/** Which cohorts of a project need which others, and which of them ask for behaviour. */
export interface CohortGraph {
  has(id: number): boolean;
  /** It, or a cohort that it needs, has a leaf about behaviour; the walk ends at static cohorts (M68). */
  isBehavioural(id: number): boolean;
  /** Ids of the cohorts that its own definition names. */
  targetsOf(id: number): readonly number[];
  /** Ids of the cohorts whose own definitions name it. */
  directDependentsOf(id: number): readonly number[];
  /** It, and all cohorts that need it. */
  dependentsOf(id: number): readonly number[];
}

const behaviour = new Set<JsonValue | undefined>([
  'behavioral',
  'behavioural',
  'lifecycle',
  'event',
  'performed_event',
]);

/** @param rows of `cohortDefinitionsStatement` */
export function cohortGraph(rows: readonly Row[]): CohortGraph {
  const nodes = new Map(rows.map((row) => [Number(row['id']), leavesOf(row)]));
  const directDependentsOf = (id: number) =>
    [...nodes].filter(([, { targets }]) => targets.includes(id)).map(([other]) => other);
  return {
    has: (id) => nodes.has(id),
    directDependentsOf,
    dependentsOf(id) {
      const seen = new Set([id]);
      for (const at of seen) for (const other of directDependentsOf(at)) seen.add(other);
      return [...seen];
    },
    targetsOf: (id) => nodes.get(id)?.targets ?? [],
    isBehavioural(id) {
      const seen = new Set([id]);
      for (const at of seen) {
        const node = nodes.get(at);
        if (node?.behavioural === true) return true;
        for (const target of node?.targets ?? []) seen.add(target);
      }
      return false;
    },
  };
}

export interface CohortLeaves {
  readonly behavioural: boolean;
  readonly targets: readonly number[];
}

function leavesOf(row: Row): CohortLeaves {
  if (row['is_static'] === 'true') return { behavioural: false, targets: [] };
  const filters = parseStored(row['filters'] ?? 'null');
  return leavesIn(
    isObject(filters) && Object.keys(filters).length > 0 ? filters : parseStored(row['groups'] ?? 'null'),
  );
}

/** What the leaves of a cohort's definition ask for, whatever its shape. */
export function leavesIn(definition: JsonValue): CohortLeaves {
  const targets = new Set<number>();
  let behavioural = false;
  const open = [definition];
  for (const value of open) {
    if (isList(value)) for (const item of value) open.push(item);
    if (!isObject(value)) continue;
    const type = member(value, 'type');
    if (behaviour.has(type)) behavioural = true;
    if (type === 'cohort') {
      const id = cohortIdOf(member(value, 'value'));
      if (id !== null) targets.add(id);
    }
    for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) open.push(inner);
  }
  return { behavioural, targets: [...targets] };
}
