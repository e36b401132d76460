import { flagSentence } from '@halyard/engine/review';
import { useSuspenseQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiProblem } from '../api/problem.ts';
import { projectsQuery } from '../api/queries.ts';
import { Button } from '../design/controls.tsx';
import { Editor } from '../flag/editor.tsx';
import { blankFields, type FlagFields, rowOf } from '../flag/flag.ts';
import { focusPlace, type Problem, problemsFrom } from '../flag/places.ts';
import { useJudged } from '../flag/use-judged.ts';
import { useNames } from '../flag/use-names.ts';
import { ReviewDialog } from '../flag/review-dialog.tsx';
import { createFlag } from '../flag/save-flag.ts';

/** On, with one condition whose share has to be chosen (K34). */
const blank: FlagFields = {
  ...blankFields,
  filters: { groups: [{ properties: [], rollout_percentage: Number.NaN }] },
};

export function NewFlagPage() {
  const { project } = useParams({ from: '/inside/p/$project/flags/new' });
  const navigate = useNavigate();
  const { data: projects } = useSuspenseQuery(projectsQuery);
  const [fields, setFields] = useState(blank);
  const { names, known } = useNames(project, [fields]);
  const [isReviewing, setReviewing] = useState(false);
  const [refused, setRefused] = useState<readonly Problem[]>([]);
  const judged = useJudged(project, null, fields, true);
  const hindrances = judged.length > 0 ? judged : refused;
  const change = (next: FlagFields): void => {
    setRefused([]);
    setFields(next);
  };
  const save = async (): Promise<void> => {
    try {
      const { key } = await createFlag(project, fields);
      setReviewing(false);
      await navigate({ to: '/p/$project/flags/$key', params: { project, key }, search: {} });
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 400) setRefused(problemsFrom(error.all));
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
      <Editor
        project={project}
        flagId={null}
        fields={fields}
        known={known}
        names={names}
        onChange={change}
        problems={hindrances}
        isFresh={fields === blank}
      />
      <div className="save-bar" data-shown="">
        <div className="grow" role="status">
          <ul className="quiet plain-list">
            {hindrances.map(({ place, text }) => (
              <li key={`${place} ${text}`}>
                <button type="button" className="link quiet" onClick={() => focusPlace(place)}>
                  {text}
                </button>
              </li>
            ))}
          </ul>
        </div>
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
