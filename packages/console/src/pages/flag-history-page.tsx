import { flagChanges, flagSentence, type Names } from '@halyard/engine/review';
import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { flagQuery, type HistoryEntry, historyQuery, versionQuery } from '../api/queries.ts';
import { Button } from '../design/controls.tsx';
import { Moment } from '../design/moment.tsx';
import { fieldsOf, type Flag, rowOf } from '../flag/flag.ts';
import { JsonDiff } from '../flag/json-diff.tsx';
import { useNames } from '../flag/use-names.ts';

/** What was changed, by whom, through what, and the way back (K51, K52). */
export function FlagHistoryPage() {
  const { project, key } = useParams({ from: '/inside/p/$project/flags/$key' });
  const { page = 1 } = useSearch({ from: '/inside/p/$project/flags/$key/history' });
  const navigate = useNavigate();
  const { data: flag } = useSuspenseQuery(flagQuery(project, key));
  const { names } = useNames(project, [flag]);
  const { data, error } = useQuery(historyQuery(project, flag.id, page));
  return (
    <div className="stack">
      <h2 className="visually-hidden">History</h2>
      {error !== null && <p className="notice bad">{error.message}</p>}
      {data?.total_count === 0 && <p className="quiet">Nothing was changed since history is kept.</p>}
      <ol className="history">
        {data?.results.map((entry) => (
          <Entry key={entry.id} entry={entry} flag={flag} project={project} names={names} />
        ))}
      </ol>
      {data !== undefined && data.total_count > 20 && (
        <nav className="row" aria-label="Pages">
          <Button isDisabled={page <= 1} onPress={() => void navigate({ to: '.', search: { page: page - 1 } })}>
            Newer
          </Button>
          <Button
            isDisabled={data.next === null}
            onPress={() => void navigate({ to: '.', search: { page: page + 1 } })}
          >
            Older
          </Button>
        </nav>
      )}
    </div>
  );
}

interface EntryProps {
  readonly entry: HistoryEntry;
  readonly flag: Flag;
  readonly project: string;
  readonly names: Names;
}

function Entry({ entry, flag, project, names }: EntryProps) {
  const [isOpen, setOpen] = useState(false);
  const version = versionOf(entry);
  const who = entry.user.is_system === true ? 'System' : (entry.user.email ?? entry.user.first_name);
  const { context } = entry.detail;
  return (
    <li className="card stack tight" id={entry.id}>
      <div className="row spread wrap">
        <div>
          <strong>{words[entry.activity] ?? entry.activity}</strong>
          {version !== null && <span className="quiet"> · version {version}</span>}
          <div className="quiet small">
            <Moment time={entry.created_at} whole /> · {who}
            {context?.via !== undefined && ` · ${context.via}`}
          </div>
        </div>
        <div className="row tight">
          {version !== null && (
            <Button onPress={() => setOpen(!isOpen)} aria-expanded={isOpen}>
              {isOpen ? 'Close' : 'Show'}
            </Button>
          )}
          {version !== null && version < flag.version && (
            <Link
              to="/p/$project/flags/$key"
              params={{ project, key: flag.key }}
              search={{ restore: version }}
              className="button"
            >
              Restore this version …
            </Link>
          )}
        </div>
      </div>
      {(context?.note ?? '') !== '' && <p className="note">“{context?.note}”</p>}
      {isOpen && version !== null && <Version project={project} flag={flag} version={version} names={names} />}
    </li>
  );
}

const words: Readonly<Record<string, string>> = {
  created: 'Created',
  updated: 'Changed',
  deleted: 'Deleted',
  restored: 'Restored',
};

/** The version that an entry made; null where it says none. */
function versionOf({ activity, detail }: HistoryEntry): number | null {
  if (activity === 'created') return 1;
  const after = detail.changes?.find(({ field }) => field === 'version')?.after;
  return typeof after === 'number' ? after : null;
}

interface VersionProps {
  readonly project: string;
  readonly flag: Flag;
  readonly version: number;
  readonly names: Names;
}

/** What a version changed, and how it stands to what is stored now. */
function Version({ project, flag, version, names }: VersionProps) {
  const [against, setAgainst] = useState<'before' | 'now'>('before');
  const other = against === 'now' ? flag.version : version - 1;
  const { data: is, error } = useQuery(versionQuery(project, flag.id, version));
  const { data: was } = useQuery({ ...versionQuery(project, flag.id, other), enabled: other > 0 });
  if (error !== null) return <p className="notice bad">{error.message}</p>;
  if (is === undefined || (other > 0 && was === undefined)) return <p className="quiet">Reading …</p>;
  const [from, to] = against === 'now' ? [is, was] : [was, is];
  const changes =
    from === undefined || to === undefined ? [] : flagChanges(rowOf(fieldsOf(from)), rowOf(fieldsOf(to)), names);
  return (
    <div className="stack tight">
      {flag.version > version && (
        <div className="row tight" role="group" aria-label="Compared with">
          <Button look={against === 'before' ? 'primary' : undefined} onPress={() => setAgainst('before')}>
            What it changed
          </Button>
          <Button look={against === 'now' ? 'primary' : undefined} onPress={() => setAgainst('now')}>
            From it to now
          </Button>
        </div>
      )}
      {other === 0 ? (
        <p>{flagSentence(rowOf(fieldsOf(is)), names)}</p>
      ) : (
        <ul className="changes">
          {changes.map((change) => (
            <li key={change}>{change}</li>
          ))}
          {changes.length === 0 && <li>Nobody’s value changed.</li>}
        </ul>
      )}
      {from !== undefined && to !== undefined && <JsonDiff before={fieldsOf(from)} after={fieldsOf(to)} />}
    </div>
  );
}
