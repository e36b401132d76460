import { flagSentence } from '@halyard/engine/review';
import { useSuspenseQuery } from '@tanstack/react-query';
import { Link, Outlet, useParams } from '@tanstack/react-router';
import { flagQuery } from '../api/queries.ts';
import { rowOf } from '../flag/flag.ts';
import { useNames } from '../flag/use-names.ts';
import { StateMark } from '../flag/state-mark.tsx';

/** A flag: what it does now, and the ways to look at it. */
export function FlagPage() {
  const { project, key } = useParams({ from: '/inside/p/$project/flags/$key' });
  const { data: flag } = useSuspenseQuery(flagQuery(project, key));
  const { names } = useNames(project, [flag]);
  const place = { project, key };
  return (
    <div className="stack">
      <div className="stack tight">
        <Link to="/p/$project/flags" params={{ project }} className="small">
          ← All flags
        </Link>
        <div className="row wrap">
          <h1 className="mono">{flag.key}</h1>
          <StateMark flag={flag} />
          {flag.status === 'STALE' && <span className="tag">Stale</span>}
          {!flag.deleted && (
            <Link to="/p/$project/schedule" params={{ project }} search={{ plan: flag.key }} className="small end">
              Schedule a change …
            </Link>
          )}
        </div>
        {flag.name !== '' && <p className="quiet">{flag.name}</p>}
        <p className="now">{flagSentence(rowOf(flag), names)}</p>
      </div>
      <nav className="tabs" aria-label="Views of the flag">
        <Link
          to="/p/$project/flags/$key"
          params={place}
          search={{}}
          activeOptions={{ exact: true, includeSearch: false }}
        >
          Targeting
        </Link>
        <Link to="/p/$project/flags/$key/explain" params={place} search={{}} activeOptions={{ includeSearch: false }}>
          Explain
        </Link>
        <Link to="/p/$project/flags/$key/traffic" params={place} search={{}} activeOptions={{ includeSearch: false }}>
          Traffic
        </Link>
        <Link to="/p/$project/flags/$key/history" params={place} search={{}} activeOptions={{ includeSearch: false }}>
          History
        </Link>
        <Link to="/p/$project/flags/$key/code" params={place}>
          Code
        </Link>
      </nav>
      <Outlet />
    </div>
  );
}
