import { useState } from 'react';
import { Chooser, TextField } from '../design/controls.tsx';
import { Switch } from '../design/toggles.tsx';
import type { FlagFields } from './flag.ts';

interface SettingsCardProps {
  readonly fields: FlagFields;
  readonly onChange: (fields: FlagFields) => void;
}

/** What is seldom changed, each with what it does (K38). */
export function SettingsCard({ fields, onChange }: SettingsCardProps) {
  const byDevice = fields.bucketing_identifier === 'device_id';
  return (
    <details className="card">
      <summary>
        <h2>Settings</h2>
      </summary>
      <div className="stack">
        <NamesField label="Tags" names={fields.tags} onChange={(tags) => onChange({ ...fields, tags })} />
        <Chooser
          label="Runtime"
          value={fields.evaluation_runtime ?? 'all'}
          choices={[
            { id: 'all', text: 'Everywhere' },
            { id: 'client', text: 'Browsers and apps only' },
            { id: 'server', text: 'Servers only: never sent to browsers' },
          ]}
          onChange={(runtime) => onChange({ ...fields, evaluation_runtime: runtime })}
        />
        <NamesField
          label="Evaluation contexts"
          names={fields.evaluation_contexts}
          onChange={(contexts) => onChange({ ...fields, evaluation_contexts: contexts })}
        />
        <Chooser
          label="Shares are drawn by"
          value={fields.bucketing_identifier ?? 'distinct_id'}
          choices={[
            { id: 'distinct_id', text: 'person' },
            { id: 'device_id', text: 'device: the same before and after a sign-in' },
          ]}
          onChange={(id) => onChange({ ...fields, bucketing_identifier: id })}
        />
        <Switch
          isSelected={fields.ensure_experience_continuity === true}
          isDisabled={byDevice && fields.ensure_experience_continuity !== true}
          onChange={(on) => onChange({ ...fields, ensure_experience_continuity: on })}
        >
          Signing in changes nobody’s value (experience continuity)
        </Switch>
        {byDevice && <p className="hint">Not together with shares by device, which keep everybody’s value already.</p>}
        <Switch
          isSelected={fields.is_remote_configuration === true}
          onChange={(on) => onChange({ ...fields, is_remote_configuration: on })}
        >
          Remote configuration: a value for everybody instead of a decision
        </Switch>
        <Switch
          isSelected={fields.filters.early_exit === true}
          onChange={(on) => onChange({ ...fields, filters: { ...fields.filters, early_exit: on } })}
        >
          Who matches a condition but is outside its share comes to no further one (early exit)
        </Switch>
      </div>
    </details>
  );
}

interface NamesFieldProps {
  readonly label: string;
  readonly names: readonly string[];
  readonly onChange: (names: readonly string[]) => void;
}

/** Names with commas between them; read when the field is left. */
function NamesField({ label, names, onChange }: NamesFieldProps) {
  const [text, setText] = useState<string | null>(null);
  const commit = (): void => {
    if (text === null) return;
    setText(null);
    const read = text
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
    onChange([...new Set(read)]);
  };
  return (
    // What is typed is taken when the focus leaves, wherever to.
    <div onBlur={commit}>
      <TextField label={label} hint="With commas between them" value={text ?? names.join(', ')} onChange={setText} />
    </div>
  );
}
