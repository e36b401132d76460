import { isList, isObject, type JsonValue, member, textOf } from '@halyard/json';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { cohortQuery, suggestQuery } from '../api/queries.ts';
import { Combo } from '../design/combo.tsx';
import { Chooser } from '../design/controls.tsx';
import { useEdit } from './edit-context.ts';
import type { Filter } from './flag.ts';
import { operatorOf } from './operators.ts';

interface CohortRowProps {
  readonly filter: Filter;
  readonly onChange: (filter: Filter) => void;
}

const count = new Intl.NumberFormat('en');

/** Membership of a cohort, which is looked for by its name, with a look into it (K37). */
export function CohortRow({ filter, onChange }: CohortRowProps) {
  const { project, known } = useEdit();
  const id = Number(filter.value ?? 0);
  const name = known?.cohorts.find((cohort) => cohort.id === id)?.name;
  const [typed, setTyped] = useState<string | null>(null);
  const { data: offered } = useQuery({
    ...suggestQuery(project, { kind: 'cohort' }, typed ?? ''),
    enabled: typed !== null,
  });
  const { data: cohort } = useQuery({ ...cohortQuery(project, id), enabled: id > 0 });
  const shown = id > 0 ? (cohort?.name ?? name ?? `Cohort ${id}`) : '';
  return (
    <>
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
      <Combo
        label="Cohort"
        placeholder="cohort"
        text={typed ?? shown}
        onType={setTyped}
        onFocus={() => setTyped('')}
        onBlur={() => setTyped(null)}
        onPick={(picked) => {
          setTyped(null);
          onChange({ ...filter, value: Number(picked) });
        }}
        options={(offered ?? []).map(({ value, name: called }) => ({
          id: textOf(value),
          text: called ?? `Cohort ${textOf(value)}`,
          note: `id ${textOf(value)}`,
        }))}
      />
      {cohort !== undefined && (
        <details className="peek">
          <summary>
            {cohort.is_static
              ? `a list of ${cohort.count === null ? 'people' : `${count.format(cohort.count)} people`}`
              : 'by its definition'}
          </summary>
          <Definition filters={cohort.filters} isStatic={cohort.is_static} />
        </details>
      )}
    </>
  );
}

function Definition({ filters, isStatic }: { readonly filters: JsonValue; readonly isStatic: boolean }) {
  if (isStatic) return <p className="quiet">People are put into it one by one.</p>;
  const properties = isObject(filters) ? member(filters, 'properties') : undefined;
  return properties === undefined ? <p className="quiet">It has no definition.</p> : <Part part={properties} />;
}

/** A group of filters, or one. */
function Part({ part }: { readonly part: JsonValue }) {
  if (!isObject(part)) return null;
  const values = member(part, 'values');
  if (!isList(values)) return <>{leafWords(part)}</>;
  return (
    <>
      <span className="quiet">{member(part, 'type') === 'OR' ? 'any of' : 'all of'}</span>
      <ul>
        {values.map((value, at) => (
          // The parts of one definition never move here.
          <li key={at}>
            <Part part={value} />
          </li>
        ))}
      </ul>
    </>
  );
}

function leafWords(leaf: Readonly<Record<string, JsonValue>>): string {
  const [key, operator, value] = ['key', 'operator', 'value'].map((name) => leaf[name]);
  if (leaf['type'] === 'cohort') return `${leaf['negation'] === true ? 'not ' : ''}in cohort ${textOf(value ?? null)}`;
  const words = operatorOf(typeof operator === 'string' ? operator : 'exact').text;
  return `${textOf(key ?? '')} ${words} ${value === undefined || value === null ? '' : textOf(value)}`.trim();
}
