import { flagSentence } from '@halyard/engine/review';
import { useSuspenseQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiProblem } from '../api/problem.ts';
import { projectsQuery } from '../api/queries.ts';
import { Button } from '../design/controls.tsx';
import { draftProblems } from '../flag/draft-problems.ts';
import { Editor } from '../flag/editor.tsx';
import { type FlagFields, rowOf } from '../flag/flag.ts';
import { useNames } from '../flag/use-names.ts';
import { ReviewDialog } from '../flag/review-dialog.tsx';
import { createFlag } from '../flag/save-flag.ts';

/** On, with one condition whose share has to be chosen (K34). */
const blank: FlagFields = {
  key: '',
  name: '',
  filters: { groups: [{ properties: [], rollout_percentage: Number.NaN }] },
  active: true,
  archived: false,
  deleted: false,
  ensure_experience_continuity: false,
  is_remote_configuration: false,
  has_encrypted_payloads: false,
  evaluation_runtime: 'all',
  bucketing_identifier: 'distinct_id',
  tags: [],
  evaluation_contexts: [],
};

export function NewFlagPage() {
  const { project } = useParams({ from: '/inside/p/$project/flags/new' });
  const navigate = useNavigate();
  const { data: projects } = useSuspenseQuery(projectsQuery);
  const [fields, setFields] = useState(blank);
  const { names, known } = useNames(project, [fields]);
  const [isReviewing, setReviewing] = useState(false);
  const [problems, setProblems] = useState<ReadonlyMap<string, string>>(new Map());
  const hindrances = draftProblems(fields);
  const save = async (): Promise<void> => {
    try {
      const { key } = await createFlag(project, fields);
      setReviewing(false);
      await navigate({ to: '/p/$project/flags/$key', params: { project, key }, search: {} });
    } catch (error) {
      if (error instanceof ApiProblem && error.attr !== null) setProblems(new Map([[error.attr, error.message]]));
      throw error;
    }
  };
  return (
    <div className="stack">
      <div className="stack tight">
        <Link to="/p/$project/flags" params={{ project }} className="small">
          ← All flags
        </Link>
        <h1>New flag</h1>
        {hindrances.length === 0 && <p className="now">{flagSentence(rowOf(fields), names)}</p>}
      </div>
      <Editor fields={fields} known={known} onChange={setFields} problems={problems} />
      <div className="save-bar" data-shown="">
        <ul className="grow quiet plain-list" role="status">
          {hindrances.map((hindrance) => (
            <li key={hindrance}>{hindrance}</li>
          ))}
        </ul>
        <Button look="primary" isDisabled={hindrances.length > 0} onPress={() => setReviewing(true)}>
          Review …
        </Button>
      </div>
      <ReviewDialog
        project={project}
        base={null}
        fields={fields}
        names={names}
        projectName={projects.find(({ id }) => String(id) === project)?.name ?? project}
        isOpen={isReviewing}
        onClose={() => setReviewing(false)}
        onSave={save}
      />
    </div>
  );
}
