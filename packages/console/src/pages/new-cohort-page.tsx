import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiProblem } from '../api/problem.ts';
import { type CohortGroup, treeProblems } from '../cohorts/cohort.ts';
import { createCohort, uploadPeople } from '../cohorts/cohort-queries.ts';
import { TreeEditor } from '../cohorts/tree-editor.tsx';
import { Button, TextField } from '../design/controls.tsx';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { Radio } from '../design/toggles.tsx';
import { EditScope } from '../flag/edit-scope.tsx';

/** A cohort that is being made: by properties, or as a list (M107, M110). */
export function NewCohortPage() {
  const { project } = useParams({ from: '/inside/p/$project/cohorts/new' });
  const navigate = useNavigate();
  const [isStatic, setStatic] = useState(false);
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [tree, setTree] = useState<CohortGroup>({ type: 'AND', values: [] });
  const [file, setFile] = useState<File | null>(null);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const hindrances = [
    ...(name.trim() === '' ? ['The cohort needs a name.'] : []),
    ...(isStatic ? [] : treeProblems(tree)),
  ];
  const make = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      const { id } = await createCohort(project, {
        name,
        description,
        is_static: isStatic,
        ...(isStatic ? {} : { filters: { properties: tree } }),
      });
      if (isStatic && file !== null) await uploadPeople(project, id, file);
      await navigate({ to: '/p/$project/cohorts/$id', params: { project, id: String(id) } });
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="stack">
      <div className="stack tight">
        <Link to="/p/$project/cohorts" params={{ project }} search={{}} className="small">
          ← All cohorts
        </Link>
        <h1>New cohort</h1>
      </div>
      <section className="card stack" aria-label="Cohort">
        <div className="row wrap top-aligned">
          <div className="grow">
            <TextField
              label="Name"
              value={name}
              onChange={setName}
              error={problem?.attr === 'name' ? problem.message : null}
              autoFocus
            />
          </div>
          <div className="grow">
            <TextField label="Description (optional)" value={description} onChange={setDescription} />
          </div>
        </div>
        <fieldset className="bare">
          <legend className="label">Kind</legend>
          <div className="beside choices">
            <Radio name="kind" label="By properties" isSelected={!isStatic} onSelect={() => setStatic(false)}>
              <p className="quiet small">Whoever matches when a flag is evaluated.</p>
            </Radio>
            <Radio name="kind" label="List of people" isSelected={isStatic} onSelect={() => setStatic(true)}>
              <p className="quiet small">People added by hand or from a file.</p>
            </Radio>
          </div>
        </fieldset>
        {isStatic ? (
          <div className="field">
            <label htmlFor="first-people">CSV file (optional)</label>
            <input
              id="first-people"
              type="file"
              accept=".csv,text/csv,text/plain"
              onChange={(event) => setFile(event.target.files?.[0] ?? null)}
            />
            <span className="hint">
              One distinct id a line; or a header, of which one column is person_id, distinct_id or email.
            </span>
          </div>
        ) : (
          <EditScope project={project} flagId={null}>
            <TreeEditor group={tree} onChange={setTree} />
          </EditScope>
        )}
      </section>
      {problem !== null && problem.attr !== 'name' && <ProblemNotice>{problem.message}</ProblemNotice>}
      <div className="save-bar" data-shown="">
        <ul className="grow quiet plain-list" role="status">
          {hindrances.map((hindrance) => (
            <li key={hindrance}>{hindrance}</li>
          ))}
        </ul>
        <Button look="primary" isPending={isBusy} isDisabled={hindrances.length > 0} onPress={() => void make()}>
          Create cohort
        </Button>
      </div>
    </div>
  );
}
