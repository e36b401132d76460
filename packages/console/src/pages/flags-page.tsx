import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useState } from 'react';
import { useChangedElsewhere } from '../app/posthog-notice.tsx';
import { Pager } from '../design/pager.tsx';
import type { Flag } from '../flag/flag.ts';
import { BulkBar } from '../list/bulk-bar.tsx';
import type { BulkAction } from '../list/bulk-dialog.tsx';
import { Filters } from '../list/filters.tsx';
import { FirstRequest } from '../list/first-request.tsx';
import { FlagTable } from '../list/flag-table.tsx';
import { flagsQuery, staleCountQuery, weekQuery } from '../list/list-queries.ts';
import { type FlagListWish, isFiltered, PAGE_SIZE } from '../list/list-wish.ts';

// What few visits need comes when it is needed.
const SwitchReview = lazy(async () => ({ default: (await import('../list/switch-review.tsx')).SwitchReview }));
const BulkDialog = lazy(async () => ({ default: (await import('../list/bulk-dialog.tsx')).BulkDialog }));

/** All flags of a project (K41, K42): searched, chosen, sorted and paged by the service; what is wished for stands in the address. */
export function FlagsPage() {
  const wish = useSearch({ from: '/inside/p/$project/flags' });
  const { project } = useParams({ from: '/inside/p/$project/flags' });
  const navigate = useNavigate({ from: '/p/$project/flags' });
  const { data, error, isPlaceholderData } = useQuery(flagsQuery(project, wish));
  const { data: weeks } = useQuery(weekQuery(project, data?.flags.map(({ id }) => id) ?? []));
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [switched, setSwitched] = useState<Flag | null>(null);
  const [action, setAction] = useState<BulkAction | null>(null);
  const [said, setSaid] = useState('');
  const [wereNoCalls, setWereNoCalls] = useState(false);
  const areUncalled =
    data !== undefined &&
    data.flags.length > 0 &&
    !isFiltered(wish) &&
    data.flags.every((flag) => flag.last_called_at === null);
  // Once shown it stays, to say that the first request has come.
  if (areUncalled && !wereNoCalls) setWereNoCalls(true);
  const hasNoCalls = areUncalled || (wereNoCalls && !isFiltered(wish));
  const elsewhere = useChangedElsewhere(project);
  const change = useCallback(
    (changes: FlagListWish): void =>
      void navigate({ search: (before) => ({ ...before, page: undefined, ...changes }), replace: true }),
    [navigate],
  );
  return (
    <div className="stack wide">
      <div className="row spread wrap">
        <div className="row wrap">
          <h1>Flags</h1>
          <span role="status" className="quiet">
            {data === undefined ? 'Reading …' : `${number.format(data.count)} ${data.count === 1 ? 'flag' : 'flags'}`}
          </span>
          <StaleCount project={project} wish={wish} onChange={change} />
        </div>
        <NewFlag project={project} />
      </div>
      <Filters project={project} wish={wish} onChange={change} />
      <p role="status" className={said === '' ? 'visually-hidden' : 'notice good'}>
        {said}
      </p>
      {error !== null && <p className="notice bad">{error.message}</p>}
      {data !== undefined && data.count === 0 && (isFiltered(wish) ? <NothingFound /> : <NoFlags project={project} />)}
      {data !== undefined && data.count > 0 && (
        <FlagTable
          project={project}
          flags={data.flags}
          weeks={weeks}
          wish={wish}
          onWish={change}
          chosen={chosen}
          onChosen={setChosen}
          onSwitch={setSwitched}
          isOld={isPlaceholderData}
        />
      )}
      {hasNoCalls && <NotAskedYet project={project} />}
      {data !== undefined && (
        <Pager
          count={data.count}
          size={PAGE_SIZE}
          page={wish.page ?? 1}
          onChange={(page) => void navigate({ search: (before) => ({ ...before, page }) })}
        />
      )}
      {elsewhere === null && (
        <BulkBar
          project={project}
          wish={wish}
          count={data?.count ?? 0}
          chosen={chosen}
          onChosen={setChosen}
          onAction={setAction}
        />
      )}
      <Suspense fallback={null}>
        {switched !== null && (
          <SwitchReview
            project={project}
            flag={switched}
            onClose={() => setSwitched(null)}
            onSaved={(flag) => {
              setSwitched(null);
              setSaid(`${flag.key} is ${flag.active ? 'on' : 'off'}.`);
            }}
          />
        )}
        {action !== null && (
          <BulkDialog
            project={project}
            action={action}
            ids={[...chosen]}
            onClose={() => setAction(null)}
            onDone={(refused) => {
              setAction(null);
              setChosen(new Set(refused));
              setSaid(refused.length === 0 ? 'Done.' : '');
            }}
          />
        )}
      </Suspense>
    </div>
  );
}

/** The way to a new flag: here, or in PostHog where flags are made there (K74). */
function NewFlag({ project }: { readonly project: string }) {
  const url = useChangedElsewhere(project)?.() ?? null;
  if (url !== null) {
    return (
      <a href={`${url}/new`} className="button primary" rel="noreferrer">
        New flag in PostHog
      </a>
    );
  }
  return (
    <Link to="/p/$project/flags/new" params={{ project }} className="button primary">
      New flag
    </Link>
  );
}

const number = new Intl.NumberFormat('en');

interface StaleCountProps {
  readonly project: string;
  readonly wish: FlagListWish;
  readonly onChange: (changes: FlagListWish) => void;
}

/** How many flags nobody needs any more, and the way to them (K43). */
function StaleCount({ project, wish, onChange }: StaleCountProps) {
  const { data: stale } = useQuery(staleCountQuery(project));
  if (stale === undefined || stale === 0 || wish.state === 'stale') return null;
  return (
    <button type="button" className="link stale" onClick={() => onChange({ state: 'stale' })}>
      {number.format(stale)} stale
    </button>
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

/** The next steps (K72). */
function NoFlags({ project }: { readonly project: string }) {
  return (
    <div className="card stack empty">
      <h2>No flags yet</h2>
      <p>Make the first one, or bring those that you have:</p>
      <pre className="code">{`halyard import flags.json          # as PostHog's /flags/definitions serves them\nhalyard import unleash-export.json # an Unleash feature export`}</pre>
      <div>
        <NewFlag project={project} />
      </div>
      <FirstRequest project={project} />
    </div>
  );
}

/** Flags that nobody has ever asked for: how that is done (K72). */
function NotAskedYet({ project }: { readonly project: string }) {
  return (
    <section className="card stack" aria-label="First request">
      <h2>Nobody has asked for these flags yet</h2>
      <FirstRequest project={project} />
    </section>
  );
}
