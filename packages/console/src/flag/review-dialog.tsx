import { flagChanges, flagSentence, type Names } from '@halyard/engine/review';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiProblem } from '../api/problem.ts';
import { checkQuery, flipsOf, impactQuery } from '../api/queries.ts';
import { useChangedElsewhere } from '../app/posthog-notice.tsx';
import { Button, TextField } from '../design/controls.tsx';
import { Dialog } from '../design/dialog.tsx';
import { HoldButton } from '../design/hold-button.tsx';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { fieldsOf, type Flag, type FlagFields, rowOf } from './flag.ts';
import { JsonDiff } from './json-diff.tsx';
import { problemsFrom } from './places.ts';
import { ProblemList } from './problem-list.tsx';
import { bodyOf } from './use-judged.ts';
import { WhoFlips } from './who-flips.tsx';

interface ReviewDialogProps {
  readonly project: string;
  /** What is stored; null: the flag is about to be made. */
  readonly base: Flag | null;
  readonly fields: FlagFields;
  readonly names: Names;
  readonly projectName: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onSave: (note: string) => Promise<void>;
}

/** Beyond this share of the users who were seen recently a change is confirmed by the flag's key (K12). */
const MANY = 0.2;

/** A change as it will be, before it is (K11): sentences, warnings, the difference, a note. */
export function ReviewDialog({
  project,
  base,
  fields,
  names,
  projectName,
  isOpen,
  onClose,
  onSave,
}: ReviewDialogProps) {
  const [note, setNote] = useState('');
  const [typedKey, setTypedKey] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const elsewhere = useChangedElsewhere(project);
  const draft = bodyOf(base, fields);
  const { data: judged, error: unjudged } = useQuery({
    ...checkQuery(project, base?.id ?? null, draft),
    enabled: isOpen,
  });
  const { errors = [], warnings = [] } = judged ?? {};
  const isUsable = judged !== undefined && errors.length === 0;
  const { data: impact, error: uncounted } = useQuery({
    ...impactQuery(project, base?.id ?? null, draft),
    enabled: isOpen && isUsable,
  });
  const before = base === null ? null : rowOf(base);
  const after = rowOf(fields);
  const changes = before === null ? [] : flagChanges(before, after, names);
  const share = impact === undefined || impact.sample.compared === 0 ? 0 : flipsOf(impact) / impact.sample.compared;
  // K12: what is off, gone, or another value for many wants a second thought.
  const isGrave = base !== null && ((base.active && !fields.active) || fields.deleted || share > MANY);
  const mayGo = errors.length === 0 && (!isGrave || typedKey === base.key);
  const save = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await onSave(note);
      setNote('');
      setTypedKey('');
    } catch (error) {
      setProblem(
        error instanceof ApiProblem && error.status === 409
          ? null
          : error instanceof Error
            ? error.message
            : String(error),
      );
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={
        <>
          {base === null ? 'Make' : 'Change'} <code>{fields.key}</code> in {projectName}
        </>
      }
      isOpen={isOpen}
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Go on editing</Button>
          {elsewhere === null && isGrave && (
            <HoldButton isPending={isBusy} isDisabled={errors.length > 0} onHeld={() => void save()}>
              Hold for a second instead
            </HoldButton>
          )}
          {elsewhere === null ? (
            <Button
              look={isGrave ? 'danger' : 'primary'}
              isPending={isBusy}
              isDisabled={!mayGo}
              onPress={() => void save()}
            >
              {isBusy ? 'Saving …' : saveWords(base, fields)}
            </Button>
          ) : (
            <ChangeInPostHog url={elsewhere(base?.id)} />
          )}
        </>
      }
    >
      {base === null ? (
        <p>{flagSentence(after, names)}</p>
      ) : (
        <>
          <ul className="changes" aria-label="Changes">
            {changes.map((change) => (
              <li key={change}>{change}</li>
            ))}
            {changes.length === 0 && <li>Nobody’s value changes: what differs is for people who read the flag.</li>}
          </ul>
          <p className="quiet">
            <strong>Then:</strong> {flagSentence(after, names)}
          </p>
        </>
      )}
      {impact !== undefined && <WhoFlips project={project} flagKey={base?.key ?? fields.key} impact={impact} />}
      {impact === undefined && uncounted === null && isUsable && <p className="quiet">Counting who flips …</p>}
      {uncounted !== null && <p className="notice warn">Who flips could not be counted: {uncounted.message}</p>}
      <ProblemList problems={problemsFrom(errors)} onGo={onClose} />
      {unjudged !== null && <p className="notice warn">The service could not judge the draft: {unjudged.message}</p>}
      {warnings.length > 0 && (
        <ul className="notice warn warnings" aria-label="Warnings">
          {warnings.map(({ message, path }) => (
            <li key={`${path} ${message}`}>{message}</li>
          ))}
        </ul>
      )}
      {base !== null && (
        <details>
          <summary>Difference as JSON</summary>
          <JsonDiff before={fieldsOf(base)} after={fields} />
        </details>
      )}
      {elsewhere === null && <TextField label="Note for the history (optional)" value={note} onChange={setNote} />}
      {elsewhere === null && isGrave && (
        <TextField
          label={`Type ${base.key} to ${fields.deleted ? 'delete it' : base.active && !fields.active ? 'switch it off for everybody' : 'change it for so many'}`}
          value={typedKey}
          onChange={setTypedKey}
          mono
        />
      )}
      {problem !== null && <ProblemNotice>{problem}</ProblemNotice>}
    </Dialog>
  );
}

function saveWords(base: Flag | null, fields: FlagFields): string {
  if (base === null) return 'Make the flag';
  if (fields.deleted) return 'Delete';
  if (base.active && !fields.active) return 'Switch off';
  return 'Save';
}

/** The way to where this change can be made (K74). */
function ChangeInPostHog({ url }: { readonly url: string | null }) {
  if (url === null) return <span className="quiet">This change cannot be made here.</span>;
  return (
    <a href={url} className="button primary" rel="noreferrer">
      Change it in PostHog
    </a>
  );
}
