import { flagSentence } from '@halyard/engine/review';
import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { useBlocker, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { ApiProblem } from '../api/problem.ts';
import { flagQuery, projectsQuery, queryClient, versionQuery } from '../api/queries.ts';
import { Button } from '../design/controls.tsx';
import { ConflictDialog } from '../flag/conflict-dialog.tsx';
import { useDraft } from '../flag/draft.ts';
import { Editor } from '../flag/editor.tsx';
import { fieldsOf, type Flag, type FlagFields, rowOf } from '../flag/flag.ts';
import { focusPlace, type Problem, problemsFrom } from '../flag/places.ts';
import { TryPanel } from '../flag/try-panel.tsx';
import { useJudged } from '../flag/use-judged.ts';
import { useNames } from '../flag/use-names.ts';
import { ReviewDialog } from '../flag/review-dialog.tsx';
import { saveFlag } from '../flag/save-flag.ts';

/** Who gets a flag, and the one save for all of it (K31). */
export function FlagTargetingPage() {
  const { project, key } = useParams({ from: '/inside/p/$project/flags/$key' });
  const { data: flag } = useSuspenseQuery(flagQuery(project, key));
  return <TargetingOf key={flag.id} project={project} flag={flag} />;
}

function TargetingOf({ project, flag }: { readonly project: string; readonly flag: Flag }) {
  const { restore } = useSearch({ from: '/inside/p/$project/flags/$key/' });
  const navigate = useNavigate();
  const { data: projects } = useSuspenseQuery(projectsQuery);
  const draft = useDraft(project, flag);
  const { names, known } = useNames(project, [flag, draft.fields]);
  const [isReviewing, setReviewing] = useState(false);
  const [theirs, setTheirs] = useState<Flag | null>(null);
  const [refused, setRefused] = useState<{ readonly fields: FlagFields; readonly problems: readonly Problem[] } | null>(
    null,
  );
  const [saved, setSaved] = useState(false);
  const judged = useJudged(project, draft.base, draft.fields, draft.isChanged);
  // What a save was refused for stands until something is changed.
  const hindrances = judged.length > 0 || refused?.fields !== draft.fields ? judged : refused.problems;
  const { data: past } = useQuery({ ...versionQuery(project, flag.id, restore ?? 0), enabled: restore !== undefined });

  // K52: an earlier version comes as a draft on what is stored now.
  const { change } = draft;
  useEffect(() => {
    if (past === undefined) return;
    change({ ...fieldsOf(past), key: flag.key });
    void navigate({ to: '.', search: {}, replace: true });
  }, [past, change, flag.key, navigate]);

  useBlocker({
    shouldBlockFn: ({ current, next }) =>
      // The draft is kept where the flag is only looked at from another side.
      !next.pathname.startsWith(current.pathname.replace(/\/$/, '')) &&
      !globalThis.confirm('Your changes are not saved. They are kept in this browser until you come back. Leave?'),
    disabled: !draft.isChanged,
    enableBeforeUnload: false,
  });

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.key !== 's') return;
      event.preventDefault();
      if (draft.isChanged && hindrances.length === 0) setReviewing(true);
    };
    globalThis.addEventListener('keydown', onKey);
    return () => globalThis.removeEventListener('keydown', onKey);
  });

  const save = async (note: string): Promise<void> => {
    try {
      const stored = await saveFlag(project, draft.base, draft.fields, note);
      draft.rebase(stored, fieldsOf(stored));
      setReviewing(false);
      setRefused(null);
      setSaved(true);
      if (stored.key !== flag.key)
        await navigate({ to: '/p/$project/flags/$key', params: { project, key: stored.key }, search: {} });
      if (stored.deleted) await navigate({ to: '/p/$project/flags', params: { project }, search: {} });
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      if (error.status === 409) {
        setReviewing(false);
        setTheirs(await queryClient.query({ ...flagQuery(project, String(flag.id)), staleTime: 0 }));
      }
      if (error.status === 400) setRefused({ fields: draft.fields, problems: problemsFrom(error.all) });
      throw error;
    }
  };
  const isBehind = draft.isChanged && flag.version !== draft.base.version;

  return (
    <div className="stack">
      {isBehind && (
        <p className="notice warn" role="status">
          {flag.last_modified_by?.email ?? 'Somebody else'} saved version {flag.version} while you were editing version{' '}
          {draft.base.version}. Your draft is kept; where both changed the same, you will be asked.
        </p>
      )}
      {draft.isChanged && hindrances.length === 0 && (
        <p className="notice draft-sentence">
          <strong>Draft:</strong> {flagSentence(rowOf(draft.fields), names)}
        </p>
      )}
      <Editor
        project={project}
        flagId={flag.id}
        fields={draft.fields}
        known={known}
        names={names}
        onChange={draft.change}
        problems={hindrances}
      />
      <TryPanel project={project} flag={flag} fields={draft.fields} onChange={draft.change} />
      <div className="row wrap">
        {!flag.deleted && (
          <Button onPress={() => draft.change({ ...draft.fields, archived: !draft.fields.archived, active: false })}>
            {draft.fields.archived ? 'Take out of the archive' : 'Archive'}
          </Button>
        )}
        <Button look="danger" onPress={() => draft.change({ ...draft.fields, deleted: !draft.fields.deleted })}>
          {draft.fields.deleted ? 'Keep it' : 'Delete'}
        </Button>
      </div>
      <div className="save-bar" data-shown={draft.isChanged ? '' : undefined}>
        <div className="grow" role="status">
          {hindrances.length > 0 ? (
            <button type="button" className="link error" onClick={() => focusPlace(hindrances[0]?.place ?? '')}>
              {hindrances.length === 1 ? 'One thing has' : `${hindrances.length} things have`} to be put right first.
            </button>
          ) : draft.isChanged ? (
            'Nothing is saved yet.'
          ) : saved ? (
            'Saved.'
          ) : (
            ''
          )}
        </div>
        {draft.isChanged && (
          <>
            <Button onPress={draft.discard}>Discard</Button>
            <Button look="primary" isDisabled={hindrances.length > 0} onPress={() => setReviewing(true)}>
              Review …
            </Button>
          </>
        )}
      </div>
      <ReviewDialog
        project={project}
        base={draft.base}
        fields={draft.fields}
        names={names}
        projectName={projects.find(({ id }) => String(id) === project)?.name ?? project}
        isOpen={isReviewing}
        onClose={() => setReviewing(false)}
        onSave={save}
      />
      <ConflictDialog
        base={draft.base}
        fields={draft.fields}
        theirs={theirs}
        onClose={() => setTheirs(null)}
        onChosen={(stored, fields) => {
          setTheirs(null);
          draft.rebase(stored, fields);
          queryClient.setQueryData(['flags', project, 'one', flag.key], stored);
          setReviewing(true);
        }}
      />
    </div>
  );
}
