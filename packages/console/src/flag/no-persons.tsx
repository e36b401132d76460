import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { storedPersonsQuery } from '../api/queries.ts';

/** What cannot be targeted while nothing is stored of anybody (K72). */
export function NoPersons({ project }: { readonly project: string }) {
  const { data: areThere } = useQuery(storedPersonsQuery(project));
  if (areThere !== false) return null;
  return (
    <p className="notice">
      No person is stored in this project yet. Conditions then see only the properties that a request brings along, and
      cohorts that are lists have nobody in them. Persons are stored when an SDK identifies somebody, or when people are
      added to a{' '}
      <Link to="/p/$project/cohorts" params={{ project }} search={{}}>
        cohort
      </Link>
      .
    </p>
  );
}
