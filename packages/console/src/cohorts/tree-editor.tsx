import { Button, Chooser } from '../design/controls.tsx';
import type { Filter } from '../flag/flag.ts';
import { FilterRow } from '../flag/filter-row.tsx';
import { type CohortGroup, type CohortLeaf, type CohortNode, isGroup } from './cohort.ts';

interface TreeEditorProps {
  readonly group: CohortGroup;
  readonly onChange: (group: CohortGroup) => void;
  /** Absent: the outermost one, which stays. */
  readonly onRemove?: (() => void) | undefined;
  /** How deep it stands, from 0. */
  readonly depth?: number | undefined;
}

/** Who is in a cohort: all of some, or any of them, as deep as somebody needs (M107). */
export function TreeEditor({ group, onChange, onRemove, depth = 0 }: TreeEditorProps) {
  const add = (node: CohortNode): void => onChange({ ...group, values: [...group.values, node] });
  const put = (at: number, node: CohortNode | null): void =>
    onChange({ ...group, values: group.values.flatMap((one, i) => (i !== at ? [one] : node === null ? [] : [node])) });
  return (
    <fieldset className="tree-group" data-depth={depth % 2}>
      <legend className="visually-hidden">{depth === 0 ? 'Who is in it' : `Group of level ${depth + 1}`}</legend>
      <div className="row wrap tight">
        <span>{depth === 0 ? 'People who match' : 'who match'}</span>
        <Chooser
          label={`Of group ${depth + 1}`}
          hideLabel
          value={group.type}
          choices={[
            { id: 'AND', text: 'all of these' },
            { id: 'OR', text: 'any of these' },
          ]}
          onChange={(type) => onChange({ ...group, type: type as CohortGroup['type'] })}
        />
        {onRemove !== undefined && (
          <Button look="plain" onPress={onRemove}>
            Remove group
          </Button>
        )}
      </div>
      <ul className="stack tight plain-list">
        {group.values.map((node, at) => (
          // What is asked has no name of its own; where it stands is who it is.
          <li key={at} className="row tight wrap top-aligned">
            <span className="quiet and">{at === 0 ? '' : group.type === 'AND' ? 'and' : 'or'}</span>
            {isGroup(node) ? (
              <div className="grow">
                <TreeEditor
                  group={node}
                  depth={depth + 1}
                  onChange={(next) => put(at, next)}
                  onRemove={() => put(at, null)}
                />
              </div>
            ) : (
              <LeafRow leaf={node} number={at + 1} onChange={(next) => put(at, next)} onRemove={() => put(at, null)} />
            )}
          </li>
        ))}
      </ul>
      <div className="row wrap tight">
        <Button look="plain" onPress={() => add({ type: 'person', key: '', operator: 'exact', value: [] })}>
          + Property
        </Button>
        <Button look="plain" onPress={() => add({ type: 'cohort', key: 'id', value: 0 })}>
          + Cohort
        </Button>
        {depth < 5 && (
          <Button look="plain" onPress={() => add({ type: group.type === 'AND' ? 'OR' : 'AND', values: [] })}>
            + Group
          </Button>
        )}
      </div>
    </fieldset>
  );
}

interface LeafRowProps {
  readonly leaf: CohortLeaf;
  readonly number: number;
  readonly onChange: (leaf: CohortLeaf) => void;
  readonly onRemove: () => void;
}

/** The row of a flag's filter; that somebody is not in a cohort stands apart from the operator here. */
function LeafRow({ leaf, number, onChange, onRemove }: LeafRowProps) {
  return (
    <>
      {leaf.type !== 'cohort' && leaf.negation === true && (
        <span className="tag">
          not
          <button
            type="button"
            aria-label={`No longer the opposite of filter ${number}`}
            onClick={() => onChange({ ...leaf, negation: false })}
          >
            ×
          </button>
        </span>
      )}
      <FilterRow
        filter={filterOf(leaf)}
        number={number}
        place=""
        onChange={(filter) => onChange(leafOf(filter, leaf))}
        onRemove={onRemove}
      />
    </>
  );
}

function filterOf({ type, key, value, operator, negation }: CohortLeaf): Filter {
  if (type === 'cohort') return { type, key, value, operator: negation === true ? 'not_in' : 'in' };
  return { type: 'person', key, value, operator };
}

function leafOf({ key, value, operator }: Filter, { type, negation }: CohortLeaf): CohortLeaf {
  if (type === 'cohort') return { type, key: 'id', value, ...(operator === 'not_in' ? { negation: true } : {}) };
  return {
    type,
    key,
    ...(value === undefined || value === null ? {} : { value }),
    ...(operator === undefined ? {} : { operator }),
    ...(negation === true ? { negation } : {}),
  };
}
