import { useState } from 'react';
import { Chooser, TextField } from '../design/controls.tsx';
import { Switch } from '../design/toggles.tsx';
import { conditionsOf } from './edit.ts';
import { useEdit } from './edit-context.ts';
import type { FlagFields } from './flag.ts';
import { percentOf } from './percent.ts';
import { textAt } from './places.ts';

interface SettingsCardProps {
  readonly fields: FlagFields;
  readonly onChange: (fields: FlagFields) => void;
}

/** What is seldom changed, each with what it does and what it does not go with (K38). */
export function SettingsCard({ fields, onChange }: SettingsCardProps) {
  const byDevice = fields.bucketing_identifier === 'device_id';
  const isRemote = fields.is_remote_configuration === true;
  const hasNoShare = conditionsOf(fields).some(({ rollout_percentage: share }) => percentOf(share) === 0);
  return (
    <details className="card">
      <summary>
        <h2>Settings</h2>
      </summary>
      <div className="stack">
        <Setting place="tags" text="For finding it again; nobody’s value depends on them.">
          <NamesField label="Tags" names={fields.tags} onChange={(tags) => onChange({ ...fields, tags })} />
        </Setting>
        <Setting place="evaluation_runtime" text="Who may ask for it. Code elsewhere does not hear of it.">
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
        </Setting>
        <Setting
          place="evaluation_contexts"
          text="Where it is decided: requests that name other contexts do not get it. None: everywhere."
        >
          <NamesField
            label="Evaluation contexts"
            names={fields.evaluation_contexts}
            onChange={(contexts) => onChange({ ...fields, evaluation_contexts: contexts })}
          />
        </Setting>
        <Setting
          place="bucketing_identifier"
          text={
            byDevice
              ? 'Not together with experience continuity: everybody’s value stays the same over a sign-in already.'
              : 'Who falls into which share. A change draws everybody anew.'
          }
        >
          <Chooser
            label="Shares are drawn by"
            value={fields.bucketing_identifier ?? 'distinct_id'}
            choices={[
              { id: 'distinct_id', text: 'person' },
              { id: 'device_id', text: 'device: the same before and after a sign-in' },
            ]}
            onChange={(id) => onChange({ ...fields, bucketing_identifier: id })}
          />
        </Setting>
        <Setting
          place="ensure_experience_continuity"
          text={
            byDevice
              ? 'Not together with shares by device.'
              : 'Costs a look into the database for each request; libraries that evaluate by themselves cannot do it.'
          }
        >
          <Switch
            isSelected={fields.ensure_experience_continuity === true}
            isDisabled={byDevice && fields.ensure_experience_continuity !== true}
            onChange={(on) => onChange({ ...fields, ensure_experience_continuity: on })}
          >
            Signing in changes nobody’s value (experience continuity)
          </Switch>
        </Setting>
        <Setting
          place="is_remote_configuration"
          text={
            isRemote && hasNoShare
              ? 'A condition of 0 % lets nobody have the value; a new remote configuration is made with 100 %.'
              : 'Its payload is what counts. Only such a flag can have an encrypted payload.'
          }
        >
          <Switch
            isSelected={isRemote}
            isDisabled={fields.has_encrypted_payloads === true}
            onChange={(on) => onChange({ ...fields, is_remote_configuration: on })}
          >
            Remote configuration: a value for everybody instead of a decision
          </Switch>
        </Setting>
        {(isRemote || fields.has_encrypted_payloads === true) && (
          <Setting
            place="has_encrypted_payloads"
            text="Kept sealed, and read with a secret key only. The service needs a key of its own for it (FLAGS_SECRET_KEYS)."
          >
            <Switch
              isSelected={fields.has_encrypted_payloads === true}
              onChange={(on) => onChange({ ...fields, has_encrypted_payloads: on })}
            >
              Encrypted payload
            </Switch>
          </Setting>
        )}
        <Setting place="early_exit" text="Without it, who is left out is asked for by the next condition.">
          <Switch
            isSelected={fields.filters.early_exit === true}
            onChange={(on) => onChange({ ...fields, filters: { ...fields.filters, early_exit: on } })}
          >
            Who matches a condition but is outside its share comes to no further one (early exit)
          </Switch>
        </Setting>
      </div>
    </details>
  );
}

interface SettingProps {
  readonly place: string;
  /** What it does, or why it does not go with another. */
  readonly text: string;
  readonly children: React.ReactNode;
}

function Setting({ place, text, children }: SettingProps) {
  const { problems } = useEdit();
  const problem = textAt(problems, place);
  return (
    <div data-place={place}>
      {children}
      <p className="hint">{text}</p>
      {problem !== null && <p className="error">{problem}</p>}
    </div>
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
