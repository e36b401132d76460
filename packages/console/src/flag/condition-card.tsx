import {
  Group,
  Input,
  Label,
  NumberField,
  Slider,
  SliderOutput,
  SliderThumb,
  SliderTrack,
} from 'react-aria-components';

import { Button, Chooser, TextField } from '../design/controls.tsx';
import { withFilter, withNewFilter } from './edit.ts';
import type { Condition, Variant } from './flag.ts';
import { FilterRow } from './filter-row.tsx';
import type { KnownNames } from './names.ts';

interface ConditionCardProps {
  readonly condition: Condition;
  /** From 0. */
  readonly at: number;
  readonly count: number;
  readonly variants: readonly Variant[];
  readonly known: KnownNames | undefined;
  readonly onChange: (condition: Condition) => void;
  readonly onMove: (to: number) => void;
  readonly onDuplicate: () => void;
  readonly onRemove: () => void;
  /** What the service says of a place in this condition (K39). */
  readonly problem: string | null;
}

/** One condition: who is asked, and which share of those is let in (K33, K34). */
export function ConditionCard(props: ConditionCardProps) {
  const { condition, at, count, variants, known, onChange, problem } = props;
  const group = condition['aggregation_group_type_index'];
  const share = condition.rollout_percentage;
  const number = at + 1;
  return (
    <section className="card stack condition" aria-label={`Condition ${number}`}>
      <div className="row spread wrap">
        <h3>Condition {number}</h3>
        <div className="row tight">
          <Button
            look="icon"
            aria-label={`Move condition ${number} up`}
            isDisabled={at === 0}
            onPress={() => props.onMove(at - 1)}
          >
            <span aria-hidden="true">↑</span>
          </Button>
          <Button
            look="icon"
            aria-label={`Move condition ${number} down`}
            isDisabled={at === count - 1}
            onPress={() => props.onMove(at + 1)}
          >
            <span aria-hidden="true">↓</span>
          </Button>
          <Button look="plain" onPress={props.onDuplicate} aria-label={`Duplicate condition ${number}`}>
            Duplicate
          </Button>
          <Button look="plain" onPress={props.onRemove} aria-label={`Remove condition ${number}`}>
            Remove
          </Button>
        </div>
      </div>
      <TextField
        label={`Description of condition ${number}`}
        hideLabel
        placeholder="What it is for (optional)"
        value={condition.description ?? ''}
        onChange={(description) => onChange({ ...condition, description: description === '' ? null : description })}
      />
      {(known?.groupTypes.length ?? 0) > 0 && (
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
          <div key={i} className="row tight wrap">
            <span className="quiet and">{i === 0 ? 'whose' : 'and'}</span>
            <FilterRow
              filter={filter}
              number={i + 1}
              known={known}
              onChange={(next) => onChange(withFilter(condition, i, next))}
              onRemove={() => onChange(withFilter(condition, i, null))}
            />
          </div>
        ))}
        <div className="row wrap tight">
          <Button
            look="plain"
            onPress={() =>
              onChange(
                withNewFilter(
                  condition,
                  typeof group === 'number'
                    ? { key: '', type: 'group', operator: 'exact', value: [], group_type_index: group }
                    : { key: '', type: 'person', operator: 'exact', value: [] },
                ),
              )
            }
          >
            + Property
          </Button>
          {(known?.cohorts.length ?? 0) > 0 && typeof group !== 'number' && (
            <Button
              look="plain"
              onPress={() =>
                onChange(
                  withNewFilter(condition, {
                    key: 'id',
                    type: 'cohort',
                    operator: 'in',
                    value: known?.cohorts[0]?.id ?? 0,
                  }),
                )
              }
            >
              + Cohort
            </Button>
          )}
          {typeof group !== 'number' && (
            <Button
              look="plain"
              onPress={() =>
                onChange(
                  withNewFilter(condition, { key: '', type: 'flag', operator: 'flag_evaluates_to', value: true }),
                )
              }
            >
              + Other flag
            </Button>
          )}
        </div>
      </div>
      <div className="row wrap rollout">
        <ShareField
          label={`Share let in by condition ${number}`}
          value={share === null || share === undefined ? 100 : share}
          onChange={(value) => onChange({ ...condition, rollout_percentage: value })}
        />
        {variants.length > 0 && (
          <Chooser
            label="Variant"
            value={condition.variant ?? ''}
            choices={[
              { id: '', text: 'by the shares below' },
              ...variants.map(({ key }) => ({ id: key, text: `always ${key}` })),
            ]}
            onChange={(variant) => onChange({ ...condition, variant: variant === '' ? null : variant })}
          />
        )}
      </div>
      {problem !== null && <p className="error">{problem}</p>}
    </section>
  );
}

interface ShareFieldProps {
  readonly label: string;
  /** Percent; NaN: not chosen yet. */
  readonly value: number;
  readonly onChange: (value: number) => void;
}

/** Slider and number together: arrow keys move it by 1, Page Up and Page Down by 10; empty is not 0 (K34). */
export function ShareField({ label, value, onChange }: ShareFieldProps) {
  const isChosen = Number.isFinite(value);
  return (
    <div className="row share grow">
      <Slider
        aria-label={label}
        value={isChosen ? value : 0}
        minValue={0}
        maxValue={100}
        step={1}
        onChange={onChange}
        className="slider"
      >
        <SliderTrack className="slider-track">
          {({ state }) => (
            <>
              <div className="slider-fill" style={{ width: `${state.getThumbPercent(0) * 100}%` }} />
              <SliderThumb className="slider-thumb" />
            </>
          )}
        </SliderTrack>
        <SliderOutput className="visually-hidden" />
      </Slider>
      <NumberField
        value={value}
        minValue={0}
        maxValue={100}
        step={0.01}
        formatOptions={{ maximumFractionDigits: 4 }}
        onChange={onChange}
        isInvalid={!isChosen}
        className="field share-number"
      >
        <Label className="visually-hidden">{label}, percent</Label>
        <Group className="row tight">
          <Input className="mono" placeholder="…" />
          <span>%</span>
        </Group>
      </NumberField>
      {!isChosen && <span className="error">Choose a share</span>}
    </div>
  );
}
