import { useState } from 'react';
import { Button } from '../design/controls.tsx';
import { ConditionCard } from './condition-card.tsx';
import {
  aggregated,
  conditionsOf,
  variantsOf,
  withCondition,
  withMovedCondition,
  withNewCondition,
  withoutCondition,
} from './edit.ts';
import type { FlagFields } from './flag.ts';

interface ConditionsListProps {
  readonly fields: FlagFields;
  readonly onChange: (fields: FlagFields) => void;
}

/** Who gets it: conditions from top to bottom (K33). */
export function ConditionsList({ fields, onChange }: ConditionsListProps) {
  const conditions = conditionsOf(fields);
  // Which of them are folded, by where they stand.
  const [folded, setFolded] = useState<readonly boolean[]>([]);
  const foldedNow = conditions.map((_, at) => folded[at] ?? false);
  const move = (from: number, to: number): void => {
    const moved = foldedNow.toSpliced(from, 1);
    setFolded(moved.toSpliced(to, 0, foldedNow[from] ?? false));
    onChange(withMovedCondition(fields, from, to));
  };
  return (
    <section className="stack" aria-label="Conditions" data-place="groups">
      <h2>Who gets it</h2>
      <p className="quiet">
        Tried from top to bottom. The first condition that matches and lets somebody in decides;{' '}
        {fields.filters.early_exit === true
          ? 'one that matches but leaves him out ends it, too: he gets off (early exit, in the settings).'
          : 'one that matches but leaves him out passes him on.'}
      </p>
      {conditions.map((condition, at) => (
        <ConditionCard
          // A condition has no name of its own; where it stands is who it is.
          key={at}
          condition={aggregated(condition, fields)}
          at={at}
          count={conditions.length}
          variants={variantsOf(fields)}
          isFolded={foldedNow[at] ?? false}
          onFold={(isFolded) => setFolded(foldedNow.with(at, isFolded))}
          onChange={(next) => onChange(withCondition(fields, at, next))}
          onMove={move}
          onDuplicate={() => {
            setFolded(foldedNow.toSpliced(at + 1, 0, false));
            onChange(withNewCondition(fields, condition, at + 1));
          }}
          onRemove={() => {
            setFolded(foldedNow.toSpliced(at, 1));
            onChange(withoutCondition(fields, at));
          }}
        />
      ))}
      {conditions.length === 0 && <p className="notice warn">Without a condition nobody gets it.</p>}
      <div>
        <Button onPress={() => onChange(withNewCondition(fields))}>Add a condition</Button>
      </div>
    </section>
  );
}
