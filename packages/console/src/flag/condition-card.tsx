import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { useDrag, useDrop } from 'react-aria';
import { estimateQuery } from '../api/queries.ts';
import { Button, Chooser, TextField } from '../design/controls.tsx';
import { withFilter, withNewFilter } from './edit.ts';
import { useEdit } from './edit-context.ts';
import type { Condition, Filter, Variant } from './flag.ts';
import { FilterRow } from './filter-row.tsx';
import { percentOf, percentWords } from './percent.ts';
import { textAt } from './places.ts';
import { ShareField } from './share-field.tsx';
import { useSettled } from './use-settled.ts';

interface ConditionCardProps {
  readonly condition: Condition;
  /** From 0. */
  readonly at: number;
  readonly count: number;
  readonly variants: readonly Variant[];
  readonly isFolded: boolean;
  readonly onFold: (isFolded: boolean) => void;
  readonly onChange: (condition: Condition) => void;
  /** Puts the condition of one place to another. */
  readonly onMove: (from: number, to: number) => void;
  readonly onDuplicate: () => void;
  readonly onRemove: () => void;
}

const DRAGGED = 'application/x-halyard-condition';

/** One condition: who is asked, and which share of those is let in (K33, K34). */
export function ConditionCard(props: ConditionCardProps) {
  const { condition, at, count, variants, isFolded, onFold, onChange, onMove } = props;
  const { problems } = useEdit();
  const number = at + 1;
  const place = `groups[${at}]`;
  const card = useRef<HTMLElement>(null);
  const { dragProps, isDragging } = useDrag({
    getItems: () => [{ [DRAGGED]: String(at) }],
    getAllowedDropOperations: () => ['move'],
    // The buttons beside it do the same for keyboards.
    hasDragButton: true,
  });
  const { dropProps, isDropTarget } = useDrop({
    ref: card,
    getDropOperation: (types) => (types.has(DRAGGED) ? 'move' : 'cancel'),
    onDrop: ({ items: [item] }) => {
      if (item?.kind !== 'text') return;
      const move = async (): Promise<void> => {
        const from = Number(await item.getText(DRAGGED));
        if (from !== at) onMove(from, at);
      };
      void move();
    },
  });
  const problem = textAt(problems, place, `${place}.properties[`);
  return (
    <section
      {...dropProps}
      ref={card}
      className={`card stack condition${isDropTarget ? ' drop' : ''}${isDragging ? ' dragged' : ''}`}
      aria-label={`Condition ${number}`}
      data-place={place}
    >
      <div className="row spread wrap">
        <div {...dragProps} className="row tight grip" title="Drag to another place">
          <span aria-hidden="true">⠿</span>
          <h3>Condition {number}</h3>
        </div>
        <div className="row tight wrap">
          <Button
            look="icon"
            aria-label={`Move condition ${number} up`}
            isDisabled={at === 0}
            onPress={() => onMove(at, at - 1)}
          >
            <span aria-hidden="true">↑</span>
          </Button>
          <Button
            look="icon"
            aria-label={`Move condition ${number} down`}
            isDisabled={at === count - 1}
            onPress={() => onMove(at, at + 1)}
          >
            <span aria-hidden="true">↓</span>
          </Button>
          <Button
            look="plain"
            aria-label={`${isFolded ? 'Unfold' : 'Fold'} condition ${number}`}
            aria-expanded={!isFolded}
            onPress={() => onFold(!isFolded)}
          >
            {isFolded ? 'Unfold' : 'Fold'}
          </Button>
          <Button look="plain" onPress={props.onDuplicate} aria-label={`Duplicate condition ${number}`}>
            Duplicate
          </Button>
          <Button look="plain" onPress={props.onRemove} aria-label={`Remove condition ${number}`}>
            Remove
          </Button>
        </div>
      </div>
      {isFolded ? (
        <p className="quiet">{foldedWords(condition)}</p>
      ) : (
        <ConditionBody condition={condition} number={number} place={place} variants={variants} onChange={onChange} />
      )}
      {problem !== null && <p className="error">{problem}</p>}
    </section>
  );
}

/** What is left to see of a folded condition. */
function foldedWords({ description, properties, rollout_percentage: share, variant }: Condition): string {
  const filters = (properties ?? []).length;
  const percent = share === null || share === undefined ? 100 : percentOf(share);
  return [
    description ?? '',
    filters === 0 ? 'everybody' : filters === 1 ? '1 filter' : `${filters} filters`,
    Number.isNaN(percent) ? 'no share chosen' : percentWords(percent),
    variant === null || variant === undefined ? '' : `always ${variant}`,
  ]
    .filter((words) => words !== '')
    .join(' · ');
}

interface ConditionBodyProps {
  readonly condition: Condition;
  readonly number: number;
  readonly place: string;
  readonly variants: readonly Variant[];
  readonly onChange: (condition: Condition) => void;
}

/** What a condition asks and lets in, without the place that it has among others. */
export function ConditionBody({ condition, number, place, variants, onChange }: ConditionBodyProps) {
  const { known } = useEdit();
  const group = condition['aggregation_group_type_index'];
  const share = condition.rollout_percentage;
  return (
    <>
      <TextField
        label={`Description of condition ${number}`}
        hideLabel
        placeholder="What it is for (optional)"
        value={condition.description ?? ''}
        onChange={(description) => onChange({ ...condition, description: description === '' ? null : description })}
      />
      {((known?.groupTypes.length ?? 0) > 0 || typeof group === 'number') && (
        <Chooser
          label="Counts"
          value={typeof group === 'number' ? String(group) : ''}
          choices={[
            { id: '', text: 'people' },
            ...(known?.groupTypes ?? []).map(({ index, name }) => ({ id: String(index), text: `groups: ${name}` })),
          ]}
          onChange={(id) => onChange({ ...condition, aggregation_group_type_index: id === '' ? null : Number(id) })}
        />
      )}
      <div className="stack tight">
        {(condition.properties ?? []).length === 0 && <p className="quiet">Everybody</p>}
        {(condition.properties ?? []).map((filter, i) => (
          // A filter has no name of its own; where it stands is who it is.
          <div key={i} className="row tight wrap top-aligned">
            <span className="quiet and">{i === 0 ? 'whose' : 'and'}</span>
            <FilterRow
              filter={filter}
              number={i + 1}
              place={`${place}.properties[${i}]`}
              onChange={(next) => onChange(withFilter(condition, i, next))}
              onRemove={() => onChange(withFilter(condition, i, null))}
            />
          </div>
        ))}
        <NewFilters condition={condition} onChange={onChange} />
      </div>
      <div className="row wrap rollout">
        <ShareField
          label={`Share let in by condition ${number}`}
          value={share === null || share === undefined ? 100 : percentOf(share)}
          onChange={(value) => onChange({ ...condition, rollout_percentage: value })}
        />
        {variants.length > 0 && (
          <Chooser
            label="Variant"
            value={condition.variant ?? ''}
            choices={[
              { id: '', text: 'by the shares above' },
              ...variants.map(({ key }) => ({ id: key, text: `always ${key}` })),
            ]}
            onChange={(variant) => onChange({ ...condition, variant: variant === '' ? null : variant })}
          />
        )}
      </div>
      <Estimate condition={condition} />
    </>
  );
}

/** Buttons that add a filter: of what the condition may ask about (M66). */
function NewFilters({ condition, onChange }: Pick<ConditionBodyProps, 'condition' | 'onChange'>) {
  const group = condition['aggregation_group_type_index'];
  const add = (filter: Filter): void => onChange(withNewFilter(condition, filter));
  if (typeof group === 'number') {
    const base = { type: 'group', operator: 'exact', value: [], group_type_index: group } as const;
    return (
      <div className="row wrap tight">
        <Button look="plain" onPress={() => add({ ...base, key: '' })}>
          + Property of the group
        </Button>
        <Button look="plain" onPress={() => add({ ...base, key: '$group_key' })}>
          + Groups by name
        </Button>
      </div>
    );
  }
  return (
    <div className="row wrap tight">
      <Button look="plain" onPress={() => add({ key: '', type: 'person', operator: 'exact', value: [] })}>
        + Property
      </Button>
      <Button look="plain" onPress={() => add({ key: 'id', type: 'cohort', operator: 'in', value: 0 })}>
        + Cohort
      </Button>
      <Button look="plain" onPress={() => add({ key: '', type: 'flag', operator: 'flag_evaluates_to', value: true })}>
        + Other flag
      </Button>
    </div>
  );
}

const count = new Intl.NumberFormat('en');

/** How many of those who asked lately it lets in, about (K34). */
function Estimate({ condition }: { readonly condition: Condition }) {
  const { project } = useEdit();
  const { properties, aggregation_group_type_index: group } = condition;
  const asked = useSettled(condition);
  const { data } = useQuery(
    estimateQuery(project, {
      properties: asked.properties ?? [],
      aggregation_group_type_index: asked['aggregation_group_type_index'] ?? null,
    }),
  );
  const share = condition.rollout_percentage;
  const percent = share === null || share === undefined ? 100 : percentOf(share);
  const isCurrent = asked.properties === properties && asked['aggregation_group_type_index'] === group;
  if (data === undefined || data === null || !isCurrent || Number.isNaN(percent)) return null;
  return (
    <p className="quiet small" role="status">
      ≈ {count.format(Math.round((data.matching * percent) / 100))} of {count.format(data.of)} recent users
      {percent < 100 && ` (${count.format(data.matching)} match)`}
    </p>
  );
}
