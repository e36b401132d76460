import { flagSentence } from '@halyard/engine/review';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { type FlagListWish, flagsQuery, PAGE_SIZE, projectsQuery } from '../api/queries.ts';
import { Button, Chooser, TextField } from '../design/controls.tsx';
import { Moment } from '../design/moment.tsx';
import { type Flag, rowOf } from '../flag/flag.ts';
import { useNames } from '../flag/use-names.ts';
import { rolloutWords, variantWords } from '../flag/list-words.ts';
import { StateMark } from '../flag/state-mark.tsx';

/** All flags of a project (K41, K42): searched, chosen, sorted and paged by the service; what is wished for stands in the address. */
export function FlagsPage() {
  const wish = useSearch({ from: '/inside/p/$project/flags' });
  const { project } = useParams({ from: '/inside/p/$project/flags' });
  const navigate = useNavigate({ from: '/p/$project/flags' });
  const { data, error, isPlaceholderData } = useQuery(flagsQuery(project, wish));
  const { names } = useNames(project, data?.flags ?? []);
  const change = (changes: FlagListWish): void =>
    void navigate({ search: (before) => ({ ...before, page: undefined, ...changes }), replace: true });
  const isFiltered = Object.entries(wish).some(
    ([name, value]) => name !== 'page' && name !== 'order' && value !== undefined,
  );
  return (
    <div className="stack">
      <div className="row spread wrap">
        <h1>Flags</h1>
        <Link to="/p/$project/flags/new" params={{ project }} className="button primary">
          New flag
        </Link>
      </div>
      <div className="row wrap filters">
        <SearchField
          value={wish.search ?? ''}
          onChange={(search) => change({ search: search === '' ? undefined : search })}
        />
        <Chooser
          label="State"
          hideLabel
          value={wish.state ?? ''}
          choices={states}
          onChange={(state) => change({ state: state === '' ? undefined : (state as FlagListWish['state']) })}
        />
        <Chooser
          label="Type"
          hideLabel
          value={wish.type ?? ''}
          choices={types}
          onChange={(type) => change({ type: type === '' ? undefined : type })}
        />
        <Chooser
          label="Runtime"
          hideLabel
          value={wish.runtime ?? ''}
          choices={runtimes}
          onChange={(runtime) => change({ runtime: runtime === '' ? undefined : runtime })}
        />
        {wish.tags !== undefined && (
          <Button
            look="plain"
            onPress={() => change({ tags: undefined })}
            aria-label={`No longer only tag ${wish.tags}`}
          >
            tag: {wish.tags} <span aria-hidden="true">×</span>
          </Button>
        )}
        <span role="status" className="quiet">
          {data === undefined ? 'Reading …' : `${data.count} ${data.count === 1 ? 'flag' : 'flags'}`}
        </span>
      </div>
      {error !== null && <p className="notice bad">{error.message}</p>}
      {data !== undefined && data.count === 0 && (isFiltered ? <NothingFound /> : <NoFlags project={project} />)}
      {data !== undefined && data.count > 0 && (
        <div className="table-frame" data-old={isPlaceholderData ? '' : undefined}>
          <table>
            <thead>
              <tr>
                <th scope="col">State</th>
                <Sortable name="key" wish={wish} onChange={change}>
                  Flag
                </Sortable>
                <th scope="col">Who gets it</th>
                <th scope="col">Tags</th>
                <Sortable name="last_called_at" wish={wish} onChange={change}>
                  Last asked for
                </Sortable>
                <Sortable name="updated_at" wish={wish} onChange={change}>
                  Changed
                </Sortable>
              </tr>
            </thead>
            <tbody>
              {data.flags.map((flag) => (
                <FlagRow
                  key={flag.id}
                  flag={flag}
                  project={project}
                  sentence={flagSentence(rowOf(flag), names)}
                  onTag={(tags) => change({ tags })}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {data !== undefined && data.count > PAGE_SIZE && (
        <Pages
          count={data.count}
          page={wish.page ?? 1}
          onChange={(page) => void navigate({ search: (before) => ({ ...before, page }) })}
        />
      )}
    </div>
  );
}

const states = [
  { id: '', text: 'On and off' },
  { id: 'on', text: 'On' },
  { id: 'off', text: 'Off' },
  { id: 'stale', text: 'Stale' },
  { id: 'archived', text: 'Archived' },
];

const types = [
  { id: '', text: 'Every type' },
  { id: 'boolean', text: 'Boolean' },
  { id: 'multivariant', text: 'With variants' },
  { id: 'remote_config', text: 'Remote configuration' },
];

const runtimes = [
  { id: '', text: 'Every runtime' },
  { id: 'client', text: 'Client side' },
  { id: 'server', text: 'Server side' },
];

/** Typing is answered at once; the list follows when the hand rests. */
function SearchField({ value, onChange }: { readonly value: string; readonly onChange: (value: string) => void }) {
  const [text, setText] = useState(value);
  const sent = useRef(value);
  useEffect(() => {
    if (value !== sent.current) {
      sent.current = value;
      setText(value);
    }
  }, [value]);
  useEffect(() => {
    if (text === sent.current) return undefined;
    const timer = setTimeout(() => {
      sent.current = text;
      onChange(text);
    }, 200);
    return () => clearTimeout(timer);
  }, [text, onChange]);
  return (
    <div className="search">
      <TextField
        label="Search"
        hideLabel
        type="search"
        placeholder="Key or description"
        value={text}
        onChange={setText}
      />
    </div>
  );
}

interface SortableProps {
  readonly name: string;
  readonly wish: FlagListWish;
  readonly onChange: (changes: FlagListWish) => void;
  readonly children: string;
}

function Sortable({ name, wish: { order }, onChange, children }: SortableProps) {
  const direction = order === name ? 'ascending' : order === `-${name}` ? 'descending' : 'none';
  const next = direction === 'ascending' ? `-${name}` : direction === 'descending' ? undefined : name;
  return (
    <th scope="col" aria-sort={direction}>
      <button type="button" className="sort" onClick={() => onChange({ order: next })}>
        {children}
        <span aria-hidden="true">{direction === 'ascending' ? ' ↑' : direction === 'descending' ? ' ↓' : ''}</span>
      </button>
    </th>
  );
}

interface FlagRowProps {
  readonly flag: Flag;
  readonly project: string;
  readonly sentence: string;
  readonly onTag: (tag: string) => void;
}

function FlagRow({ flag, project, sentence, onTag }: FlagRowProps) {
  const variants = variantWords(flag);
  return (
    <tr>
      <td data-label="State">
        <StateMark flag={flag} />
        {flag.status === 'STALE' && <div className="stale">Stale</div>}
      </td>
      <th scope="row" className="flag-name">
        <Link to="/p/$project/flags/$key" params={{ project, key: flag.key }} className="mono">
          {flag.key}
        </Link>
        {flag.name !== '' && <div className="quiet small one-line">{flag.name}</div>}
      </th>
      <td data-label="Who gets it" className="sentence">
        <div className="two-lines" title={sentence}>
          {sentence}
        </div>
        <div className="quiet small">
          {rolloutWords(flag)}
          {variants !== '' && ` · ${variants}`}
        </div>
      </td>
      <td data-label="Tags">
        <div className="row wrap tight">
          {flag.tags.map((tag) => (
            <button key={tag} type="button" className="tag" onClick={() => onTag(tag)}>
              {tag}
            </button>
          ))}
        </div>
      </td>
      <td data-label="Last asked for">
        <Moment time={flag.last_called_at} />
      </td>
      <td data-label="Changed">
        <Moment time={flag.updated_at ?? flag.created_at} />
        <div className="quiet small one-line">{(flag.last_modified_by ?? flag.created_by)?.email ?? ''}</div>
      </td>
    </tr>
  );
}

interface PagesProps {
  readonly count: number;
  readonly page: number;
  readonly onChange: (page: number) => void;
}

function Pages({ count, page, onChange }: PagesProps) {
  const last = Math.ceil(count / PAGE_SIZE);
  return (
    <nav aria-label="Pages" className="row">
      <Button onPress={() => onChange(page - 1)} isDisabled={page <= 1}>
        Previous
      </Button>
      <span className="quiet">
        {(page - 1) * PAGE_SIZE + 1} to {Math.min(count, page * PAGE_SIZE)} of {count}
      </span>
      <Button onPress={() => onChange(page + 1)} isDisabled={page >= last}>
        Next
      </Button>
    </nav>
  );
}

function NothingFound() {
  return (
    <div className="card stack empty">
      <h2>No flag fits</h2>
      <p className="quiet">
        The search looks into keys and descriptions. Archived flags are shown when the state is “Archived”.
      </p>
    </div>
  );
}

/** K72: the next steps, with the address and the token that work here. */
function NoFlags({ project }: { readonly project: string }) {
  const { data: projects } = useQuery(projectsQuery);
  const token = projects?.find(({ id }) => String(id) === project)?.api_token ?? '<project token>';
  return (
    <div className="card stack empty">
      <h2>No flags yet</h2>
      <p>Make the first one, or bring those that you have:</p>
      <pre className="code">{`halyard import flags.json          # as PostHog's /flags/definitions serves them\nhalyard import unleash-export.json # an Unleash feature export`}</pre>
      <p>Then ask for them:</p>
      <pre className="code">{`curl -H 'content-type: application/json' -d '{"token":"${token}","distinct_id":"ada"}' '${globalThis.location.origin}/flags?v=2'`}</pre>
      <div>
        <Link to="/p/$project/flags/new" params={{ project }} className="button primary">
          New flag
        </Link>
      </div>
    </div>
  );
}
