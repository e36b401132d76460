import type { Names } from '@halyard/engine/review';
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { answered, api } from '../api/client.ts';
import type { HistoryPage as Entries } from '../api/queries.ts';
import { Chooser, TextField } from '../design/controls.tsx';
import { Moment } from '../design/moment.tsx';
import { Pager } from '../design/pager.tsx';
import { useNames } from '../flag/use-names.ts';
import { choicesQuery } from '../list/list-queries.ts';
import { changeSentences, flagBeforeAndAfter, type ProjectEntry } from './history-words.ts';

/** Which entries are wanted, as it stands in the address. */
export interface HistoryWish {
  readonly q?: string | undefined;
  readonly kind?: string | undefined;
  readonly user?: string | undefined;
  readonly activity?: string | undefined;
  readonly page?: number | undefined;
}

const SIZE = 25;

const projectHistoryQuery = (project: string, { page = 1, ...filters }: HistoryWish) =>
  queryOptions({
    // Below `flags`, so that it is read anew with them.
    queryKey: ['flags', project, 'history', 'all', filters, page],
    queryFn: async ({ signal }) => {
      const wanted = Object.entries(filters).filter((entry): entry is [string, string] => entry[1] !== undefined);
      const query = { ...Object.fromEntries(wanted), page: String(page), limit: String(SIZE) };
      return (await answered(
        api.GET('/api/halyard/projects/{project_id}/history/', {
          params: { path: { project_id: project }, query },
          signal,
        }),
      )) as unknown as Omit<Entries, 'results'> & { readonly results: readonly ProjectEntry[] };
    },
    placeholderData: keepPreviousData,
  });

const kinds: Readonly<Record<string, { readonly id: string; readonly word: string; readonly many: string }>> = {
  FeatureFlag: { id: 'flag', word: 'Flag', many: 'Flags' },
  Cohort: { id: 'cohort', word: 'Cohort', many: 'Cohorts' },
  EarlyAccessFeature: { id: 'early_access_feature', word: 'Early access', many: 'Early access' },
};
const activities: Readonly<Record<string, string>> = {
  created: 'Created',
  updated: 'Changed',
  deleted: 'Deleted',
  restored: 'Restored',
};

/** What was changed in the project, by whom and through what (K51). */
export function HistoryPage() {
  const { project } = useParams({ from: '/inside/p/$project/history' });
  const wish = useSearch({ from: '/inside/p/$project/history' });
  const navigate = useNavigate({ from: '/p/$project/history' });
  const { data, error } = useQuery(projectHistoryQuery(project, wish));
  const { names } = useNames(
    project,
    (data?.results ?? []).flatMap((entry) => flagBeforeAndAfter(entry) ?? []),
  );
  const { data: authors } = useQuery(choicesQuery(project, 'creator', ''));
  const [typed, setTyped] = useState(wish.q ?? '');
  const change = (changes: HistoryWish): void =>
    void navigate({ search: (before) => ({ ...before, page: undefined, ...changes }), replace: true });
  useEffect(() => {
    if (typed === (wish.q ?? '')) return undefined;
    const timer = setTimeout(() => change({ q: typed === '' ? undefined : typed }), 200);
    return () => clearTimeout(timer);
  });
  const chosen = (name: keyof HistoryWish) => (id: string) => change({ [name]: id === '' ? undefined : id });
  return (
    <div className="stack">
      <h1>History</h1>
      <div className="row wrap filters">
        <div className="search">
          <TextField
            label="Search"
            hideLabel
            type="search"
            placeholder="Key or name"
            value={typed}
            onChange={setTyped}
          />
        </div>
        <Chooser
          label="Kind"
          hideLabel
          value={wish.kind ?? ''}
          choices={[
            { id: '', text: 'Everything' },
            ...Object.values(kinds).map(({ id, many }) => ({ id, text: many })),
          ]}
          onChange={chosen('kind')}
        />
        <Chooser
          label="Change"
          hideLabel
          value={wish.activity ?? ''}
          choices={[{ id: '', text: 'Any change' }, ...Object.entries(activities).map(([id, text]) => ({ id, text }))]}
          onChange={chosen('activity')}
        />
        <Chooser
          label="Author"
          hideLabel
          value={wish.user ?? ''}
          choices={[
            { id: '', text: 'Any author' },
            ...(authors ?? []).map(({ id, value }) => ({ id: String(id), text: `By ${value}` })),
          ]}
          onChange={chosen('user')}
        />
      </div>
      {error !== null && <p className="notice bad">{error.message}</p>}
      {data === undefined && error === null && <p className="quiet">Reading …</p>}
      {data?.total_count === 0 && <p className="quiet">No matching changes.</p>}
      {data !== undefined && data.total_count > 0 && (
        <div className="table-frame">
          <table>
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">What</th>
                <th scope="col">Change</th>
                <th scope="col">Who</th>
              </tr>
            </thead>
            <tbody>
              {data.results.map((entry) => (
                <EntryRow key={entry.id} project={project} entry={entry} names={names} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Pager
        count={data?.total_count ?? 0}
        size={SIZE}
        page={wish.page ?? 1}
        onChange={(page) => void navigate({ search: (before) => ({ ...before, page }) })}
      />
    </div>
  );
}

interface EntryRowProps {
  readonly project: string;
  readonly entry: ProjectEntry;
  readonly names: Names;
}

function EntryRow({ project, entry, names }: EntryRowProps) {
  const { context } = entry.detail;
  const who = entry.user.is_system === true ? 'System' : (entry.user.email ?? entry.user.first_name);
  return (
    <tr id={entry.id}>
      <td data-label="When" className="nowrap">
        <Moment time={entry.created_at} both />
      </td>
      <th scope="row" className="flag-name">
        <div className="quiet small">{kinds[entry.scope]?.word ?? entry.scope}</div>
        <Subject project={project} entry={entry} />
      </th>
      <td className="sentence">
        <strong>{activities[entry.activity] ?? entry.activity}</strong>
        {changeSentences(entry, names).map((sentence) => (
          <div key={sentence}>{sentence}</div>
        ))}
        {(context?.note ?? '') !== '' && <div className="note">“{context?.note}”</div>}
      </td>
      <td data-label="Who">
        <div>
          {who === '' ? 'Former user' : who}
          <div className="quiet small">{context?.via ?? ''}</div>
        </div>
      </td>
    </tr>
  );
}

function Subject({ project, entry }: { readonly project: string; readonly entry: ProjectEntry }) {
  const name = entry.detail.name ?? '';
  if (entry.scope === 'FeatureFlag') {
    return (
      <Link
        to="/p/$project/flags/$key/history"
        params={{ project, key: entry.item_id }}
        search={{}}
        hash={entry.id}
        className="mono"
      >
        {name}
      </Link>
    );
  }
  if (entry.scope === 'Cohort') {
    return (
      <Link to="/p/$project/cohorts/$id" params={{ project, id: entry.item_id }}>
        {name === '' ? `Cohort ${entry.item_id}` : name}
      </Link>
    );
  }
  return (
    <Link to="/p/$project/early-access" params={{ project }}>
      {name}
    </Link>
  );
}
