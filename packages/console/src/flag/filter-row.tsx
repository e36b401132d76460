import { Button } from '../design/controls.tsx';
import { CohortRow } from './cohort-row.tsx';
import { useEdit } from './edit-context.ts';
import type { Filter } from './flag.ts';
import { FlagRow } from './flag-row.tsx';
import { textAt } from './places.ts';
import { PropertyRow } from './property-row.tsx';

interface FilterRowProps {
  readonly filter: Filter;
  readonly onChange: (filter: Filter) => void;
  readonly onRemove: () => void;
  /** Where the filter stands among the flag's filters, such as `groups[0].properties[1]`. */
  readonly place: string;
  readonly number: number;
}

/** One question of a condition (K33, K37), with what is wrong about it below. */
export function FilterRow({ filter, onChange, onRemove, place, number }: FilterRowProps) {
  const { problems } = useEdit();
  const problem = textAt(problems, place);
  const Row = filter.type === 'cohort' ? CohortRow : filter.type === 'flag' ? FlagRow : PropertyRow;
  return (
    <div className="filter grow" data-place={place}>
      <div className="filter-row">
        <Row filter={filter} onChange={onChange} />
        <Button look="icon" aria-label={`Remove filter ${number}`} onPress={onRemove}>
          <span aria-hidden="true">×</span>
        </Button>
      </div>
      {problem !== null && <p className="error">{problem}</p>}
    </div>
  );
}
