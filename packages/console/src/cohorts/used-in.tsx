import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { cohortUsersQuery } from './cohort-queries.ts';

/** What a change of the cohort changes, too: flags and cohorts that use it (M113). */
export function UsedIn({ project, id }: { readonly project: string; readonly id: number }) {
  const { data, error } = useQuery(cohortUsersQuery(project, id));
  if (error !== null) return <p className="notice bad">{error.message}</p>;
  if (data === undefined) return <p className="quiet">Reading …</p>;
  return (
    <section className="card stack tight" aria-label="Used in">
      <h2>Used in</h2>
      {data.flags.length === 0 && data.cohorts.length === 0 && <p className="quiet">Nothing uses it.</p>}
      <ul className="plain-list lines">
        {data.flags.map(({ id: flag, key = '', active }) => (
          <li key={flag} className="row">
            <span className="quiet small kind">Flag</span>
            <Link to="/p/$project/flags/$key" params={{ project, key }} search={{}} className="mono">
              {key}
            </Link>
            {active === false && <span className="quiet small">off</span>}
          </li>
        ))}
        {data.cohorts.map(({ id: cohort, name }) => (
          <li key={cohort} className="row">
            <span className="quiet small kind">Cohort</span>
            <Link to="/p/$project/cohorts/$id" params={{ project, id: String(cohort) }}>
              {name ?? `Cohort ${cohort}`}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
