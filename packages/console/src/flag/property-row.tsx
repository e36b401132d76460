import { textOf } from '@halyard/json';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { suggestQuery, type SuggestWish } from '../api/queries.ts';
import { Combo } from '../design/combo.tsx';
import { Chooser } from '../design/controls.tsx';
import { useEdit } from './edit-context.ts';
import type { Filter } from './flag.ts';
import { convertOperand, OperandField } from './operand-field.tsx';
import { operatorOf, operatorsFor } from './operators.ts';

interface PropertyRowProps {
  readonly filter: Filter;
  readonly onChange: (filter: Filter) => void;
}

/** A property of a person or group: name, operator, value (K33). */
export function PropertyRow({ filter, onChange }: PropertyRowProps) {
  const { project, known, timezone } = useEdit();
  const [isActive, setActive] = useState(false);
  const operator = operatorOf(filter.operator);
  const isGroup = filter.type === 'group';
  const group = known?.groupTypes.find(({ index }) => index === filter.group_type_index);
  const { data: suggested } = useQuery({
    ...suggestQuery(project, { kind: 'property' }, filter.key),
    enabled: isActive && !isGroup,
  });
  const kind = suggested?.find(({ value }) => value === filter.key)?.type ?? null;
  return (
    <>
      {isGroup && <span className="quiet">{group?.name ?? 'group'}</span>}
      {filter.key === '$group_key' ? (
        <span>key</span>
      ) : (
        <Combo
          label="Property"
          placeholder="property"
          text={filter.key}
          onType={(key) => onChange({ ...filter, key })}
          onPick={(key) => onChange({ ...filter, key })}
          options={(suggested ?? []).map(({ value, type, sources }) => ({
            id: textOf(value),
            text: textOf(value),
            note: [type, sources?.join(', ')].filter((word) => word !== null && word !== undefined).join(' · '),
          }))}
          onFocus={() => setActive(true)}
        />
      )}
      <Chooser
        label="Operator"
        hideLabel
        value={operator.id}
        choices={operatorsFor(kind).map(({ id, text, group: name }) => ({ id, text, group: name }))}
        onChange={(id) =>
          onChange({ ...filter, operator: id, value: convertOperand(filter.value, operatorOf(id).operand) })
        }
      />
      <OperandField
        filter={filter}
        onChange={(value) => onChange({ ...filter, value })}
        timezone={timezone}
        wish={wishOf(filter)}
      />
    </>
  );
}

/** What is offered as values: those that people have, or groups by their keys (K37). */
function wishOf({ key, type, group_type_index: groupType }: Filter): SuggestWish | null {
  if (type !== 'group') return key === '' ? null : { kind: 'value', property: key };
  return key === '$group_key' && typeof groupType === 'number' ? { kind: 'group_key', groupType } : null;
}
