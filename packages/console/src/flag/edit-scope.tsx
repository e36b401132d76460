import { useSuspenseQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { projectsQuery } from '../api/queries.ts';
import { EditContext } from './edit-context.ts';
import { useNames } from './use-names.ts';
import './editor.css';

interface EditScopeProps {
  readonly project: string;
  /** Id of the flag that is changed; null: it is of no flag. */
  readonly flagId: number | null;
  readonly children: ReactNode;
}

const nothingWrong: readonly never[] = [];

/** What parts of the editor look up, for those that stand elsewhere: filters of a cohort, the condition of a plan. */
export function EditScope({ project, flagId, children }: EditScopeProps) {
  const { data: projects } = useSuspenseQuery(projectsQuery);
  const { names, known } = useNames(project, []);
  const timezone = projects.find(({ id }) => String(id) === project)?.timezone ?? 'UTC';
  const context = useMemo(
    () => ({ project, flagId, known, names, timezone, problems: nothingWrong }),
    [project, flagId, known, names, timezone],
  );
  return <EditContext value={context}>{children}</EditContext>;
}
