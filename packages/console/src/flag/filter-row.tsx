import type { JsonValue } from '@halyard/json';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { Input, Label, TextField as AriaTextField } from 'react-aria-components';
import { suggestQuery } from '../api/queries.ts';
import { Button, Chooser, TextField } from '../design/controls.tsx';
import type { Filter } from './flag.ts';
import type { KnownNames } from './names.ts';
import { operatorOf, propertyOperators } from './operators.ts';

interface FilterRowProps {
  readonly filter: Filter;
  readonly onChange: (filter: Filter) => void;
  readonly onRemove: () => void;
  readonly known: KnownNames | undefined;
  readonly number: number;
}

/** One question of a condition: property, operator, value (K33). */
export function FilterRow({ filter, onChange, onRemove, known, number }: FilterRowProps) {
  const remove = (
    <Button look="icon" aria-label={`Remove filter ${number}`} onPress={onRemove}>
      <span aria-hidden="true">×</span>
    </Button>
  );
  if (filter.type === 'cohort') {
    const cohorts = known?.cohorts ?? [];
    return (
      <div className="filter-row">
        <span>is</span>
        <Chooser
          label="In or not in"
          hideLabel
          value={filter.operator ?? 'in'}
          choices={[
            { id: 'in', text: 'in cohort' },
            { id: 'not_in', text: 'not in cohort' },
          ]}
          onChange={(operator) => onChange({ ...filter, operator })}
        />
        <Chooser
          label="Cohort"
          hideLabel
          value={textOf(filter.value)}
          choices={cohorts.map(({ id, name }) => ({ id: String(id), text: name === '' ? `Cohort ${id}` : name }))}
          onChange={(id) => onChange({ ...filter, value: Number(id) })}
        />
        {remove}
      </div>
    );
  }
  if (filter.type === 'flag') {
    return (
      <div className="filter-row">
        <span>flag</span>
        <TextField
          label="Id of the flag"
          hideLabel
          value={filter.key}
          onChange={(key) => onChange({ ...filter, key })}
          mono
        />
        <span>is</span>
        <Chooser
          label="Value of the flag"
          hideLabel
          value={JSON.stringify(filter.value ?? true)}
          choices={flagValueChoices(filter.value)}
          onChange={(text) => onChange({ ...filter, value: JSON.parse(text) as JsonValue })}
        />
        {remove}
      </div>
    );
  }
  return <PropertyRow filter={filter} onChange={onChange} known={known} number={number} remove={remove} />;
}

function flagValueChoices(value: JsonValue | undefined): { id: string; text: string }[] {
  const choices = [
    { id: 'true', text: 'on' },
    { id: 'false', text: 'off' },
  ];
  return typeof value === 'string' ? [...choices, { id: JSON.stringify(value), text: `variant ${value}` }] : choices;
}

interface PropertyRowProps extends Omit<FilterRowProps, 'onRemove'> {
  readonly remove: React.ReactNode;
}

function PropertyRow({ filter, onChange, known, remove }: PropertyRowProps) {
  const operator = operatorOf(filter.operator);
  const group = known?.groupTypes.find(({ index }) => index === filter.group_type_index);
  const { project = '' } = useParams({ strict: false });
  const [isTyping, setTyping] = useState(false);
  const { data: suggested } = useQuery({
    ...suggestQuery(project, 'property', filter.key),
    enabled: isTyping && filter.type !== 'group',
  });
  return (
    <div className="filter-row">
      {filter.type === 'group' && <span className="quiet">{group?.name ?? 'group'}</span>}
      <TextField
        label="Property"
        hideLabel
        placeholder="property"
        value={filter.key}
        onChange={(key) => onChange({ ...filter, key })}
        mono
        suggestions={(suggested ?? []).map(({ value }) => value)}
        onFocus={() => setTyping(true)}
      />
      <Chooser
        label="Operator"
        hideLabel
        value={operator.id}
        choices={propertyOperators.map(({ id, text, group: kind }) => ({ id, text, group: kind }))}
        onChange={(id) => onChange({ ...filter, operator: id, value: convert(filter.value, operatorOf(id).operand) })}
      />
      <Operand filter={filter} onChange={onChange} />
      {remove}
    </div>
  );
}

function Operand({ filter, onChange }: Pick<FilterRowProps, 'filter' | 'onChange'>) {
  const { operand } = operatorOf(filter.operator);
  const set = (value: JsonValue): void => onChange({ ...filter, value });
  switch (operand) {
    case 'none':
      return null;
    case 'list':
      return <ValueList values={listOf(filter.value)} onChange={set} />;
    case 'pair': {
      const [low = '', high = ''] = listOf(filter.value).map(textOf);
      return (
        <>
          <TextField
            label="From"
            hideLabel
            placeholder="from"
            value={low}
            onChange={(text) => set([numberOrText(text), numberOrText(high)])}
            mono
          />
          <span>and</span>
          <TextField
            label="To"
            hideLabel
            placeholder="to"
            value={high}
            onChange={(text) => set([numberOrText(low), numberOrText(text)])}
            mono
          />
        </>
      );
    }
    case 'number':
      return (
        <TextField
          label="Number"
          hideLabel
          placeholder="number"
          value={textOf(filter.value)}
          onChange={(text) => set(numberOrText(text))}
          mono
        />
      );
    case 'date':
      return (
        <TextField
          label="Date"
          hideLabel
          placeholder="2026-12-31 or -30d"
          value={textOf(filter.value)}
          onChange={set}
          mono
        />
      );
    case 'text':
    case 'version':
    case 'pattern':
      return (
        <TextField label="Value" hideLabel placeholder={operand} value={textOf(filter.value)} onChange={set} mono />
      );
  }
}

function textOf(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  if (value === undefined || value === null || value === '') return [];
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [value];
}

function numberOrText(text: string): JsonValue {
  const trimmed = text.trim();
  return trimmed !== '' && String(Number(trimmed)) === trimmed ? Number(trimmed) : text;
}

/** The value that another operator begins with: nothing typed is lost where it still fits. */
function convert(value: JsonValue | undefined, operand: string): JsonValue {
  if (operand === 'none') return null;
  if (operand === 'list') return [...listOf(value)];
  const [first] = listOf(value);
  if (operand === 'pair') return [first ?? '', ''];
  return first ?? '';
}

/** Values as chips; what is pasted over many lines is as many values. */
function ValueList({
  values,
  onChange,
}: {
  readonly values: readonly JsonValue[];
  readonly onChange: (values: JsonValue) => void;
}) {
  const [text, setText] = useState('');
  const add = (added: string): void => {
    const fresh = added
      .split(/[\n,]/)
      .map((one) => one.trim())
      .filter((one) => one !== '');
    setText('');
    if (fresh.length > 0) onChange([...values, ...fresh.filter((one) => !values.includes(one))]);
  };
  return (
    <div className="chips grow">
      {values.map((value, at) => (
        <span key={`${at} ${textOf(value)}`} className="tag mono">
          {textOf(value)}
          <button
            type="button"
            aria-label={`Remove ${textOf(value)}`}
            onClick={() => onChange(values.filter((_, i) => i !== at))}
          >
            ×
          </button>
        </span>
      ))}
      <AriaTextField className="field" value={text} onChange={setText} onBlur={() => add(text)}>
        <Label className="visually-hidden">Add a value</Label>
        <Input
          className="mono"
          placeholder="value, then Enter"
          onKeyDown={(event) => {
            if (event.key === 'Enter') {
              event.preventDefault();
              add(text);
            } else if (event.key === 'Backspace' && text === '' && values.length > 0) onChange(values.slice(0, -1));
          }}
          onPaste={(event) => {
            const pasted = event.clipboardData.getData('text');
            if (!pasted.includes('\n')) return;
            event.preventDefault();
            add(pasted);
          }}
        />
      </AriaTextField>
    </div>
  );
}
