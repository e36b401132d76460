import { useState } from 'react';
import { ApiProblem } from '../api/problem.ts';
import { Button, TextField } from '../design/controls.tsx';
import { Dialog } from '../design/dialog.tsx';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { useConfirmed } from './confirmed.tsx';
import { type Key, KeyTable } from './key-table.tsx';
import { NewSecret } from './secret.tsx';

interface KeySectionProps {
  readonly title: string;
  /** Where such a key may go, and where not (K73). */
  readonly place: string;
  readonly keys: readonly Key[];
  /** What a key may be let do; one that is fixed is no choice. */
  readonly scopes: readonly string[];
  readonly create: (label: string, scopes: readonly string[]) => Promise<Key>;
  readonly roll: (id: string) => Promise<Key>;
  readonly remove: (id: string) => Promise<void>;
}

/** Keys that are listed, made, rolled and revoked; a value is shown once. */
export function KeySection({ title, place, keys, scopes, create, roll, remove }: KeySectionProps) {
  const [shown, setShown] = useState<Key | null>(null);
  const [isMaking, setMaking] = useState(false);
  const [asked, setAsked] = useState<{ readonly key: Key; readonly what: 'roll' | 'revoke' } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const { run, dialog } = useConfirmed();
  const carryOut = async (): Promise<void> => {
    if (asked === null) return;
    const { key, what } = asked;
    setAsked(null);
    setProblem(null);
    try {
      if (what === 'roll') {
        const rolled = await run(() => roll(key.id));
        if (rolled !== null) setShown(rolled);
      } else {
        await run(() => remove(key.id));
        if (shown?.id === key.id) setShown(null);
      }
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <section className="stack" aria-label={title}>
      <div className="row spread wrap">
        <h2>{title}</h2>
        <Button onPress={() => setMaking(true)}>New key …</Button>
      </div>
      <p className="quiet">{place}</p>
      {shown !== null && shown.value !== null && <NewSecret label={shown.label} value={shown.value} place={place} />}
      {problem !== null && <ProblemNotice>{problem}</ProblemNotice>}
      <KeyTable
        keys={keys}
        onRoll={(key) => setAsked({ key, what: 'roll' })}
        onDelete={(key) => setAsked({ key, what: 'revoke' })}
      />
      {isMaking && (
        <KeyDialog
          scopes={scopes}
          onClose={() => setMaking(false)}
          onMake={async (label, chosen) => {
            const made = await run(() => create(label, chosen));
            if (made !== null) setShown(made);
            setMaking(false);
          }}
        />
      )}
      <Dialog
        title={asked?.what === 'roll' ? `Roll ${asked.key.label}` : `Revoke ${asked?.key.label ?? ''}`}
        isOpen={asked !== null}
        onClose={() => setAsked(null)}
        footer={
          <>
            <Button onPress={() => setAsked(null)}>Cancel</Button>
            <Button look="danger" onPress={() => void carryOut()}>
              {asked?.what === 'roll' ? 'Roll' : 'Revoke'}
            </Button>
          </>
        }
      >
        <p>
          {asked?.what === 'roll'
            ? 'It gets a new value, shown once. The old one stops working at once.'
            : 'It stops working at once.'}
        </p>
      </Dialog>
      {dialog}
    </section>
  );
}

interface KeyDialogProps {
  readonly scopes: readonly string[];
  readonly onClose: () => void;
  readonly onMake: (label: string, scopes: readonly string[]) => Promise<void>;
}

function KeyDialog({ scopes, onClose, onMake }: KeyDialogProps) {
  const [label, setLabel] = useState('');
  const [chosen, setChosen] = useState<readonly string[]>(scopes.length === 1 ? scopes : []);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const make = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await onMake(label, chosen);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const isAll = chosen.includes('*');
  return (
    <Dialog
      title="New key"
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            look="primary"
            isPending={isBusy}
            isDisabled={label.trim() === '' || chosen.length === 0}
            onPress={() => void make()}
          >
            Create key
          </Button>
        </>
      }
    >
      <TextField
        label="Label"
        value={label}
        onChange={setLabel}
        hint="What the key is for."
        error={problem?.attr === 'label' ? problem.message : null}
        autoFocus
      />
      <fieldset className="bare stack tight">
        <legend className="label">Scopes</legend>
        <div className="scopes">
          {scopes.map((scope) => (
            <label key={scope} className="row tight">
              <input
                type="checkbox"
                checked={isAll || chosen.includes(scope)}
                disabled={(isAll && scope !== '*') || scopes.length === 1}
                onChange={(event) =>
                  setChosen(event.target.checked ? [...chosen, scope] : chosen.filter((one) => one !== scope))
                }
              />
              {scope === '*' ? 'everything' : scope}
            </label>
          ))}
        </div>
      </fieldset>
      {problem !== null && problem.attr !== 'label' && <ProblemNotice>{problem.message}</ProblemNotice>}
    </Dialog>
  );
}
