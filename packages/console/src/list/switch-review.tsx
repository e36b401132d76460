import { useSuspenseQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiProblem } from '../api/problem.ts';
import { flagQuery, projectsQuery, queryClient } from '../api/queries.ts';
import { fieldsOf, type Flag } from '../flag/flag.ts';
import { ReviewDialog } from '../flag/review-dialog.tsx';
import { saveFlag } from '../flag/save-flag.ts';
import { useNames } from '../flag/use-names.ts';

interface SwitchReviewProps {
  readonly project: string;
  readonly flag: Flag;
  readonly onClose: () => void;
  readonly onSaved: (flag: Flag) => void;
}

/** What it means to switch one flag, before it is done (K44): the same review as the editor's. */
export function SwitchReview({ project, flag, onClose, onSaved }: SwitchReviewProps) {
  const { data: projects } = useSuspenseQuery(projectsQuery);
  const [base, setBase] = useState(flag);
  const { names } = useNames(project, [base]);
  const save = async (note: string): Promise<void> => {
    try {
      const saved = await saveFlag(project, base, { ...fieldsOf(base), active: !flag.active }, note);
      await queryClient.invalidateQueries({ queryKey: ['flags', project, 'list'] });
      onSaved(saved);
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status !== 409) throw error;
      setBase(await queryClient.query({ ...flagQuery(project, String(flag.id)), staleTime: 0 }));
      throw new Error('Somebody else changed this flag meanwhile. This is the change on what is stored now.', {
        cause: error,
      });
    }
  };
  return (
    <ReviewDialog
      project={project}
      base={base}
      fields={{ ...fieldsOf(base), active: !flag.active }}
      names={names}
      projectName={projects.find(({ id }) => String(id) === project)?.name ?? project}
      isOpen
      onClose={onClose}
      onSave={save}
    />
  );
}
