import type { JsonValue } from '@halyard/json';
import type { Person } from '../flag/flag.ts';

/** A question about a person, or whether he is in another cohort (M107). */
export interface CohortLeaf {
  readonly type: 'person' | 'person_metadata' | 'cohort';
  readonly key: string;
  readonly value?: JsonValue | undefined;
  readonly operator?: string | undefined;
  readonly negation?: boolean | undefined;
}

/** All of some, or any of them. */
export interface CohortGroup {
  readonly type: 'AND' | 'OR';
  readonly values: readonly CohortNode[];
}

export type CohortNode = CohortGroup | CohortLeaf;

/** A cohort as the API answers it (M105). */
export interface Cohort {
  readonly id: number;
  readonly name: string | null;
  readonly description: string | null;
  readonly deleted: boolean;
  readonly is_static: boolean;
  readonly filters?: { readonly properties?: CohortGroup | Readonly<Record<string, never>> } | null;
  /** People of a list; null: decided when somebody asks. */
  readonly count: number | null;
  readonly created_by: Person | null;
  readonly created_at: string | null;
}

export function isGroup(node: CohortNode): node is CohortGroup {
  return node.type === 'AND' || node.type === 'OR';
}

/** The outermost group of a cohort; of one that says nothing an empty one. */
export function treeOf({ filters }: Pick<Cohort, 'filters'>): CohortGroup {
  const properties = filters?.properties;
  return properties !== undefined && 'values' in properties && Array.isArray(properties.values)
    ? (properties as CohortGroup)
    : { type: 'AND', values: [] };
}

/** What keeps a tree from being saved, in words that say what to do. */
export function treeProblems(tree: CohortGroup): readonly string[] {
  const problems = new Set<string>();
  const look = (node: CohortNode): void => {
    if (isGroup(node)) {
      if (node.values.length === 0 && node !== tree) problems.add('A group is empty: add to it, or remove it.');
      node.values.forEach(look);
    } else if (node.type === 'cohort') {
      if (typeof node.value !== 'number' || node.value === 0) problems.add('Choose a cohort.');
    } else if (node.key.trim() === '') problems.add('Name the property.');
    else if (Array.isArray(node.value) && node.value.length === 0)
      problems.add(`${node.key} needs at least one value.`);
  };
  look(tree);
  if (tree.values.length === 0) problems.add('Say who is in it: add a property, a cohort or a group.');
  return [...problems];
}
