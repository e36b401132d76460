import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { answered, api } from '../api/client.ts';
import { flagKeysQuery, queryClient } from '../api/queries.ts';
import { Button, Chooser, TextField } from '../design/controls.tsx';
import { Dialog } from '../design/dialog.tsx';
import { BulkImpact } from './bulk-impact.tsx';
import { ProblemNotice } from '../design/problem-notice.tsx';

export type BulkAction = 'tag' | 'archive' | 'delete';

interface BulkDialogProps {
  readonly project: string;
  readonly action: BulkAction;
  readonly ids: readonly number[];
  readonly onClose: () => void;
  /** What was done, and to which it was not: they stay chosen. */
  readonly onDone: (refused: readonly number[]) => void;
}

interface Outcome {
  readonly done: number;
  readonly refused: readonly { readonly id: number; readonly key: string | undefined; readonly reason: string }[];
}

const words: Readonly<Record<BulkAction, { title: string; button: string; done: string }>> = {
  tag: { title: 'Tag', button: 'Change tags', done: 'changed' },
  archive: { title: 'Archive', button: 'Archive', done: 'archived' },
  delete: { title: 'Delete', button: 'Delete', done: 'deleted' },
};

/** One change of many flags, and afterwards which of them refused it and why, one by one (K44, M98). */
export function BulkDialog({ project, action, ids, onClose, onDone }: BulkDialogProps) {
  const [way, setWay] = useState('add');
  const [tags, setTags] = useState('');
  const [note, setNote] = useState('');
  const [typed, setTyped] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const { data: keys } = useQuery(flagKeysQuery(project, ids));
  const { title, button, done } = words[action];
  const many = ids.length === 1 ? '1 flag' : `${ids.length} flags`;
  const names = tags
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
  const mayGo =
    action === 'tag' ? names.length > 0 || way === 'set' : action === 'delete' ? typed === String(ids.length) : true;
  const run = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      const result = await ask(project, action, ids, { way, tags: names, note });
      await queryClient.invalidateQueries({ queryKey: ['flags', project] });
      if (result.refused.length === 0) onDone([]);
      else setOutcome(result);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  if (outcome !== null) {
    const refused = outcome.refused.map(({ id }) => id);
    return (
      <Dialog
        title={`${outcome.done} of ${many} ${done}`}
        isOpen
        onClose={() => onDone(refused)}
        footer={
          <Button look="primary" onPress={() => onDone(refused)}>
            Close
          </Button>
        }
      >
        <p>These were not changed, and stay selected:</p>
        <ul className="refusals plain-list" aria-label="Refusals">
          {outcome.refused.map(({ id, key, reason }) => (
            <li key={id}>
              <code>{key ?? keys?.get(String(id)) ?? `flag ${id}`}</code>
              <span>{reason}</span>
            </li>
          ))}
        </ul>
      </Dialog>
    );
  }
  return (
    <Dialog
      title={`${title} ${many}`}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            look={action === 'delete' ? 'danger' : 'primary'}
            isPending={isBusy}
            isDisabled={!mayGo}
            onPress={() => void run()}
          >
            {isBusy ? 'Saving …' : button}
          </Button>
        </>
      }
    >
      {action === 'archive' && (
        <p>
          They are switched off for everybody. They can be taken out of the archive again. A flag that others need is
          left.
        </p>
      )}
      {action === 'delete' && (
        <p>They are off for everybody at once. History and a way back stay. A flag that others need stays as it is.</p>
      )}
      {action !== 'tag' && <BulkImpact project={project} ids={ids} keys={keys} />}
      <ul className="row wrap tight plain-list chosen-keys" aria-label="Flags">
        {ids.slice(0, 50).map((id) => (
          <li key={id} className="tag mono">
            {keys?.get(String(id)) ?? `flag ${id}`}
          </li>
        ))}
        {ids.length > 50 && <li className="quiet">and {ids.length - 50} more</li>}
      </ul>
      {action === 'tag' && (
        <>
          <Chooser
            label="What to do"
            value={way}
            choices={[
              { id: 'add', text: 'Add these tags' },
              { id: 'remove', text: 'Remove these tags' },
              { id: 'set', text: 'Replace all tags with these' },
            ]}
            onChange={setWay}
          />
          <TextField label="Tags" value={tags} onChange={setTags} hint="Separated by commas." />
        </>
      )}
      {action === 'archive' && <TextField label="Note for the history (optional)" value={note} onChange={setNote} />}
      {action === 'delete' && (
        <TextField label={`Type ${ids.length} to delete ${many}`} value={typed} onChange={setTyped} mono />
      )}
      {problem !== null && <ProblemNotice>{problem}</ProblemNotice>}
    </Dialog>
  );
}

interface Wish {
  readonly way: string;
  readonly tags: readonly string[];
  readonly note: string;
}

async function ask(project: string, action: BulkAction, ids: readonly number[], wish: Wish): Promise<Outcome> {
  const params = { path: { project_id: project } };
  if (action === 'archive') {
    const body = { ids: [...ids], ...(wish.note === '' ? {} : { change_note: wish.note }) };
    const answer = await answered(api.POST('/api/halyard/projects/{project_id}/archive_flags/', { params, body }));
    return { done: answer.archived.length, refused: answer.errors as unknown as Outcome['refused'] };
  }
  if (action === 'delete') {
    const answer = (await answered(
      api.POST('/api/projects/{project_id}/feature_flags/bulk_delete/', { params, body: { ids: [...ids] } }),
    )) as unknown as { deleted: readonly unknown[]; errors: Outcome['refused'] };
    return { done: answer.deleted.length, refused: answer.errors };
  }
  const body = { ids: [...ids], action: wish.way, tags: [...wish.tags] };
  const answer = (await answered(
    api.POST('/api/projects/{project_id}/feature_flags/bulk_update_tags/', { params, body }),
  )) as unknown as { updated: readonly unknown[]; skipped: Outcome['refused'] };
  return { done: answer.updated.length, refused: answer.skipped };
}
