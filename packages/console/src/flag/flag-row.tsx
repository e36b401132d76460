import { type JsonValue, textOf } from '@halyard/json';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { flagQuery, suggestQuery } from '../api/queries.ts';
import { Combo } from '../design/combo.tsx';
import { Chooser } from '../design/controls.tsx';
import { variantsOf } from './edit.ts';
import { useEdit } from './edit-context.ts';
import type { Filter } from './flag.ts';
import { wayBetween } from './flag-chain.ts';

interface FlagRowProps {
  readonly filter: Filter;
  readonly onChange: (filter: Filter) => void;
}

/** The value of another flag: found by its key, stored by its id; one that asks about this flag itself is refused (K37). */
export function FlagRow({ filter, onChange }: FlagRowProps) {
  const { project, flagId } = useEdit();
  const [typed, setTyped] = useState<string | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const { data: offered } = useQuery({
    ...suggestQuery(project, { kind: 'flag' }, typed ?? ''),
    enabled: typed !== null,
  });
  const isNamed = filter.key !== '';
  const { data: other } = useQuery({ ...flagQuery(project, filter.key), enabled: isNamed });
  const pick = async (id: string): Promise<void> => {
    setTyped(null);
    setRefusal(null);
    const way = flagId === null ? null : await wayBetween(project, Number(id), flagId);
    if (way === null) onChange({ ...filter, key: id, value: true });
    else setRefusal(`Would be a circle: ${[way.at(-1), ...way].join(' → ')}.`);
  };
  return (
    <>
      <span>for whom flag</span>
      <Combo
        label="Flag"
        placeholder="flag"
        text={typed ?? other?.key ?? filter.key}
        onType={setTyped}
        onFocus={() => setTyped('')}
        onBlur={() => setTyped(null)}
        onPick={(id) => void pick(id)}
        options={(offered ?? [])
          .filter(({ id }) => id !== flagId)
          .map(({ id, value, name, active }) => ({
            id: String(id),
            text: textOf(value),
            note: active === false ? 'off: cannot be asked about' : (name ?? ''),
          }))}
        isInvalid={refusal !== null}
      />
      <span>is</span>
      <Chooser
        label="Value of the flag"
        hideLabel
        value={JSON.stringify(filter.value ?? true)}
        choices={[
          { id: 'true', text: 'on' },
          { id: 'false', text: 'off' },
          ...valuesOf(filter.value, other === undefined ? [] : variantsOf(other).map(({ key }) => key)).map((key) => ({
            id: JSON.stringify(key),
            text: `variant ${key}`,
          })),
        ]}
        onChange={(text) => onChange({ ...filter, value: JSON.parse(text) as JsonValue })}
      />
      {refusal !== null && (
        <span role="alert" className="error">
          {refusal}
        </span>
      )}
    </>
  );
}

function valuesOf(value: JsonValue | undefined, variants: readonly string[]): readonly string[] {
  return typeof value === 'string' && !variants.includes(value) ? [...variants, value] : variants;
}
