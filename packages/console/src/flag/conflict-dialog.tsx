import { useState } from 'react';
import { writeJson } from '../api/exact-json.ts';
import { Button } from '../design/controls.tsx';
import { Dialog } from '../design/dialog.tsx';
import { Radio } from '../design/toggles.tsx';
import { same } from './draft.ts';
import { fieldNames, fieldsOf, type Filters, type Flag, type FlagFields } from './flag.ts';

/** A place where both changed something: a field, or a member of the filters. */
interface Clash {
  readonly name: string;
  readonly before: unknown;
  readonly theirs: unknown;
  readonly yours: unknown;
}

interface ConflictDialogProps {
  readonly base: Flag;
  readonly fields: FlagFields;
  /** What somebody else has stored meanwhile; null: nobody has. */
  readonly theirs: Flag | null;
  readonly onClose: () => void;
  readonly onChosen: (stored: Flag, fields: FlagFields) => void;
}

/** Somebody else changed the same fields: what it was, theirs, yours, and a choice for each (K53). */
export function ConflictDialog({ base, fields, theirs, onClose, onChosen }: ConflictDialogProps) {
  const [choices, setChoices] = useState<Readonly<Record<string, string>>>({});
  if (theirs === null) return null;
  const clashes = clashesOf(base, fields, theirs);
  return (
    <Dialog
      title={`${theirs.last_modified_by?.email ?? 'Somebody else'} changed this flag meanwhile`}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Back to my draft</Button>
          <Button look="primary" onPress={() => onChosen(theirs, merged(base, fields, theirs, choices))}>
            Go on with these
          </Button>
        </>
      }
    >
      <p>
        Nothing of yours is lost or saved yet.{' '}
        {clashes.length === 0 ? 'You changed different things: both stay.' : 'Both changed:'}
      </p>
      {clashes.map(({ name, before, theirs: other, yours }) => (
        <fieldset key={name} className="clash">
          <legend className="mono">{name}</legend>
          <div className="clash-columns">
            <div>
              <span className="label">Before</span>
              <Shown value={before} />
            </div>
            {(['theirs', 'yours'] as const).map((side) => (
              <Radio
                key={side}
                name={name}
                label={side === 'theirs' ? 'Theirs' : 'Yours'}
                isSelected={(choices[name] ?? 'yours') === side}
                onSelect={() => setChoices({ ...choices, [name]: side })}
              >
                <Shown value={side === 'theirs' ? other : yours} />
              </Radio>
            ))}
          </div>
        </fieldset>
      ))}
    </Dialog>
  );
}

function Shown({ value }: { readonly value: unknown }) {
  return <pre className="small">{typeof value === 'string' ? value : writeJson(value, 1)}</pre>;
}

function placesOf(fields: FlagFields): ReadonlyMap<string, unknown> {
  const { filters, ...others } = fields;
  return new Map([
    ...fieldNames
      .filter((name) => name !== 'filters')
      .map((name) => [name, (others as Record<string, unknown>)[name]] as const),
    ...Object.entries(filters).map(([name, value]) => [`filters.${name}`, value] as const),
  ]);
}

function clashesOf(base: Flag, fields: FlagFields, theirs: Flag): readonly Clash[] {
  const [was, mine, other] = [placesOf(fieldsOf(base)), placesOf(fields), placesOf(fieldsOf(theirs))];
  return [...new Set([...was.keys(), ...mine.keys(), ...other.keys()])]
    .map((name) => ({
      name,
      before: was.get(name) ?? null,
      theirs: other.get(name) ?? null,
      yours: mine.get(name) ?? null,
    }))
    .filter(({ before, theirs: a, yours: b }) => !same(before, a) && !same(before, b) && !same(a, b));
}

/** Theirs with what you changed, and of what both changed what was chosen. */
function merged(base: Flag, fields: FlagFields, theirs: Flag, choices: Readonly<Record<string, string>>): FlagFields {
  const [was, mine, other] = [placesOf(fieldsOf(base)), placesOf(fields), placesOf(fieldsOf(theirs))];
  const result = new Map(other);
  for (const name of new Set([...was.keys(), ...mine.keys()])) {
    const isMine = !same(was.get(name) ?? null, mine.get(name) ?? null);
    if (isMine && choices[name] !== 'theirs') result.set(name, mine.get(name) ?? null);
  }
  const filters: Record<string, unknown> = {};
  const others: Record<string, unknown> = {};
  for (const [name, value] of result) {
    if (name.startsWith('filters.')) filters[name.slice('filters.'.length)] = value;
    else others[name] = value;
  }
  return { ...others, filters: filters as Filters } as unknown as FlagFields;
}
