import { useSuspenseQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiProblem } from '../api/problem.ts';
import { type Cohort, treeOf, treeProblems } from '../cohorts/cohort.ts';
import { changeCohort, cohortQuery } from '../cohorts/cohort-queries.ts';
import { MembersCard } from '../cohorts/members-card.tsx';
import { TreeEditor } from '../cohorts/tree-editor.tsx';
import { UsedIn } from '../cohorts/used-in.tsx';
import { Button, TextField } from '../design/controls.tsx';
import { Dialog } from '../design/dialog.tsx';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { same } from '../flag/draft.ts';
import { EditScope } from '../flag/edit-scope.tsx';

/** A cohort: who is in it, and what uses it. */
export function CohortPage() {
  const { project, id } = useParams({ from: '/inside/p/$project/cohorts/$id' });
  const { data: cohort } = useSuspenseQuery(cohortQuery(project, Number(id)));
  return <CohortOf key={cohort.id} project={project} cohort={cohort} />;
}

function CohortOf({ project, cohort }: { readonly project: string; readonly cohort: Cohort }) {
  const navigate = useNavigate();
  const [name, setName] = useState(cohort.name ?? '');
  const [description, setDescription] = useState(cohort.description ?? '');
  const [tree, setTree] = useState(() => treeOf(cohort));
  const [isLeaving, setLeaving] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [said, setSaid] = useState('');
  const changes = {
    ...(name === (cohort.name ?? '') ? {} : { name }),
    ...(description === (cohort.description ?? '') ? {} : { description }),
    ...(cohort.is_static || same(tree, treeOf(cohort)) ? {} : { filters: { properties: tree } }),
  };
  const isChanged = Object.keys(changes).length > 0;
  const hindrances = 'filters' in changes ? treeProblems(tree) : [];
  const write = async (body: Readonly<Record<string, unknown>>): Promise<boolean> => {
    setBusy(true);
    setProblem(null);
    try {
      const saved = await changeCohort(project, cohort.id, body);
      if (!cohort.is_static) setTree(treeOf(saved));
      setSaid('Saved.');
      return true;
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      setProblem(error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  const remove = async (): Promise<void> => {
    setLeaving(false);
    if (await write({ deleted: true })) await navigate({ to: '/p/$project/cohorts', params: { project }, search: {} });
  };
  return (
    <div className="stack">
      <div className="stack tight">
        <Link to="/p/$project/cohorts" params={{ project }} search={{}} className="small">
          ← All cohorts
        </Link>
        <div className="row wrap">
          <h1>{cohort.name ?? `Cohort ${cohort.id}`}</h1>
          <span className="tag">{cohort.is_static ? 'List of people' : 'By properties'}</span>
          {cohort.deleted && <span className="tag">Deleted</span>}
        </div>
      </div>
      <section className="card stack" aria-label="Cohort">
        <div className="row wrap top-aligned">
          <div className="grow">
            <TextField
              label="Name"
              value={name}
              onChange={setName}
              error={problem?.attr === 'name' ? problem.message : null}
            />
          </div>
          <div className="grow">
            <TextField label="Description" value={description} onChange={setDescription} />
          </div>
        </div>
        {!cohort.is_static && (
          <>
            <h2>Who is in it</h2>
            <EditScope project={project} flagId={null}>
              <TreeEditor group={tree} onChange={setTree} />
            </EditScope>
            <p className="hint">Decided when a flag is evaluated, from stored properties and those of the request.</p>
          </>
        )}
      </section>
      {problem !== null && problem.attr !== 'name' && <ProblemNotice>{problem.message}</ProblemNotice>}
      {cohort.is_static && <MembersCard project={project} cohort={cohort} />}
      <UsedIn project={project} id={cohort.id} />
      <div className="row">
        <Button look="danger" onPress={() => (cohort.deleted ? void write({ deleted: false }) : setLeaving(true))}>
          {cohort.deleted ? 'Restore' : 'Delete …'}
        </Button>
      </div>
      <div className="save-bar" data-shown={isChanged ? '' : undefined}>
        <div className="grow" role="status">
          {hindrances.length > 0 ? (
            <ul className="error plain-list">
              {hindrances.map((hindrance) => (
                <li key={hindrance}>{hindrance}</li>
              ))}
            </ul>
          ) : isChanged ? (
            'Not saved yet. Flags that use it change at once.'
          ) : (
            said
          )}
        </div>
        {isChanged && (
          <>
            <Button
              onPress={() => {
                setName(cohort.name ?? '');
                setDescription(cohort.description ?? '');
                setTree(treeOf(cohort));
              }}
            >
              Discard
            </Button>
            <Button
              look="primary"
              isPending={isBusy}
              isDisabled={hindrances.length > 0}
              onPress={() => void write(changes)}
            >
              Save
            </Button>
          </>
        )}
      </div>
      <Dialog
        title={`Delete ${cohort.name ?? `cohort ${cohort.id}`}`}
        isOpen={isLeaving}
        onClose={() => setLeaving(false)}
        footer={
          <>
            <Button onPress={() => setLeaving(false)}>Cancel</Button>
            <Button look="danger" onPress={() => void remove()}>
              Delete
            </Button>
          </>
        }
      >
        <p>Flags that are on and other cohorts must not use it. It can be restored from its address.</p>
      </Dialog>
    </div>
  );
}
