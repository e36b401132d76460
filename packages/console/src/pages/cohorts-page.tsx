import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { COHORT_PAGE, type CohortListWish, cohortsQuery } from '../cohorts/cohort-queries.ts';
import { Chooser, TextField } from '../design/controls.tsx';
import { Moment } from '../design/moment.tsx';
import { Pager } from '../design/pager.tsx';

const number = new Intl.NumberFormat('en');

/** Sets of people that flags name. */
export function CohortsPage() {
  const { project } = useParams({ from: '/inside/p/$project/cohorts' });
  const wish = useSearch({ from: '/inside/p/$project/cohorts' });
  const navigate = useNavigate({ from: '/p/$project/cohorts' });
  const { data, error } = useQuery(cohortsQuery(project, wish));
  const [typed, setTyped] = useState(wish.search ?? '');
  const change = (changes: CohortListWish): void =>
    void navigate({ search: (before) => ({ ...before, page: undefined, ...changes }), replace: true });
  useEffect(() => {
    if (typed === (wish.search ?? '')) return undefined;
    const timer = setTimeout(() => change({ search: typed === '' ? undefined : typed }), 200);
    return () => clearTimeout(timer);
  });
  const isFiltered = wish.search !== undefined || wish.type !== undefined;
  return (
    <div className="stack">
      <div className="row spread wrap">
        <div className="row">
          <h1>Cohorts</h1>
          <span role="status" className="quiet">
            {data === undefined
              ? 'Reading …'
              : `${number.format(data.count)} ${data.count === 1 ? 'cohort' : 'cohorts'}`}
          </span>
        </div>
        <Link to="/p/$project/cohorts/new" params={{ project }} className="button primary">
          New cohort
        </Link>
      </div>
      <div className="row wrap filters">
        <div className="search">
          <TextField label="Search" hideLabel type="search" placeholder="Name" value={typed} onChange={setTyped} />
        </div>
        <Chooser
          label="Kind"
          hideLabel
          value={wish.type ?? ''}
          choices={[
            { id: '', text: 'Any kind' },
            { id: 'dynamic', text: 'By properties' },
            { id: 'static', text: 'Lists of people' },
          ]}
          onChange={(type) => change({ type: type === '' ? undefined : type })}
        />
      </div>
      {error !== null && <p className="notice bad">{error.message}</p>}
      {data !== undefined && data.count === 0 && (
        <div className="card stack tight empty">
          <h2>{isFiltered ? 'No matching cohorts' : 'No cohorts yet'}</h2>
          <p className="quiet">
            A cohort is a set of people with a name: those with some properties, or a list. Conditions of flags can ask
            for it.
          </p>
        </div>
      )}
      {data !== undefined && data.count > 0 && (
        <div className="table-frame">
          <table>
            <thead>
              <tr>
                <th scope="col">Cohort</th>
                <th scope="col">Kind</th>
                <th scope="col" className="number">
                  People
                </th>
                <th scope="col">Created</th>
              </tr>
            </thead>
            <tbody>
              {data.cohorts.map((cohort) => (
                <tr key={cohort.id}>
                  <th scope="row" className="flag-name">
                    <Link to="/p/$project/cohorts/$id" params={{ project, id: String(cohort.id) }}>
                      {cohort.name ?? `Cohort ${cohort.id}`}
                    </Link>
                    <div className="quiet small one-line">{cohort.description}</div>
                  </th>
                  <td data-label="Kind">{cohort.is_static ? 'List of people' : 'By properties'}</td>
                  <td data-label="People" className="number">
                    {cohort.count === null ? <span className="quiet">dynamic</span> : number.format(cohort.count)}
                  </td>
                  <td data-label="Created">
                    <div>
                      <Moment time={cohort.created_at} unknown />
                      <div className="quiet small one-line">{cohort.created_by?.email ?? ''}</div>
                    </div>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {data !== undefined && (
        <Pager
          count={data.count}
          size={COHORT_PAGE}
          page={wish.page ?? 1}
          onChange={(page) => void navigate({ search: (before) => ({ ...before, page }) })}
        />
      )}
    </div>
  );
}
