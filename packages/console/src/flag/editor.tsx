import { Button, TextField } from '../design/controls.tsx';
import { Switch } from '../design/toggles.tsx';
import { ConditionCard } from './condition-card.tsx';
import {
  conditionsOf,
  variantsOf,
  withCondition,
  withMovedCondition,
  withNewCondition,
  withoutCondition,
} from './edit.ts';
import type { FlagFields } from './flag.ts';
import type { KnownNames } from './names.ts';
import { SettingsCard } from './settings-card.tsx';
import { VariantsCard } from './variants-card.tsx';

interface EditorProps {
  readonly fields: FlagFields;
  readonly known: KnownNames | undefined;
  readonly onChange: (fields: FlagFields) => void;
  /** What the service says of a field, by its name or place. */
  readonly problems: ReadonlyMap<string, string>;
}

/** Everything of a flag in one form (K31). */
export function Editor({ fields, known, onChange, problems }: EditorProps) {
  const conditions = conditionsOf(fields);
  return (
    <div className="stack">
      <section className="card stack" aria-label="Flag">
        <Switch
          isSelected={fields.active}
          isDisabled={fields.archived}
          onChange={(active) => onChange({ ...fields, active })}
        >
          {fields.active ? 'On, for whom the conditions let in' : 'Off for everybody'}
        </Switch>
        <div className="row wrap top-aligned">
          <div className="grow">
            <TextField
              label="Key"
              value={fields.key}
              onChange={(key) => onChange({ ...fields, key })}
              error={problems.get('key')}
              hint="Code asks for the flag by it."
              mono
            />
          </div>
          <div className="grow">
            <TextField
              label="Description"
              value={fields.name}
              onChange={(name) => onChange({ ...fields, name })}
              error={problems.get('name')}
            />
          </div>
        </div>
      </section>
      {fields.filters.version === 2 ? (
        <p className="notice">
          This flag has ordered rules, which are changed as JSON for now: over the API, or with halyard apply.
        </p>
      ) : (
        <>
          <VariantsCard fields={fields} onChange={onChange} />
          <section className="stack" aria-label="Conditions">
            <h2>Who gets it</h2>
            <p className="quiet">
              Tried from top to bottom. The first condition that matches and lets somebody in decides; one that matches
              but leaves him out passes him on.
            </p>
            {conditions.map((condition, at) => (
              <ConditionCard
                // A condition has no name of its own; where it stands is who it is.
                key={at}
                condition={condition}
                at={at}
                count={conditions.length}
                variants={variantsOf(fields)}
                known={known}
                problem={problems.get(`groups[${at}]`) ?? null}
                onChange={(next) => onChange(withCondition(fields, at, next))}
                onMove={(to) => onChange(withMovedCondition(fields, at, to))}
                onDuplicate={() => onChange(withNewCondition(fields, condition))}
                onRemove={() => onChange(withoutCondition(fields, at))}
              />
            ))}
            {conditions.length === 0 && <p className="notice warn">Without a condition nobody gets it.</p>}
            <div>
              <Button onPress={() => onChange(withNewCondition(fields))}>Add a condition</Button>
            </div>
          </section>
        </>
      )}
      <SettingsCard fields={fields} onChange={onChange} />
    </div>
  );
}
