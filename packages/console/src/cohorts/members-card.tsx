import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { Button, TextField } from '../design/controls.tsx';
import { ProblemNotice } from '../design/problem-notice.tsx';
import type { Cohort } from './cohort.ts';
import { changeMembership, membersQuery, personsQuery, uploadPeople } from './cohort-queries.ts';

interface MembersCardProps {
  readonly project: string;
  readonly cohort: Cohort;
}

/** The people of a list: who is in, in and out one by one, and many by a file (M111, M112). */
export function MembersCard({ project, cohort }: MembersCardProps) {
  const [page, setPage] = useState(1);
  const [said, setSaid] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const { data, error } = useQuery(membersQuery(project, cohort.id, page));
  const run = async (work: () => Promise<string>): Promise<void> => {
    setProblem(null);
    try {
      setSaid(await work());
    } catch (failed) {
      setSaid('');
      setProblem(failed instanceof Error ? failed.message : String(failed));
    }
  };
  return (
    <section className="card stack" aria-label="People">
      <div className="row spread wrap">
        <h2>People {cohort.count !== null && <span className="quiet">{cohort.count}</span>}</h2>
      </div>
      <Upload
        onFile={(file) =>
          run(async () => {
            const before = cohort.count ?? 0;
            const { count, unknown_people: unknown = 0 } = await uploadPeople(project, cohort.id, file);
            const added = (count ?? before) - before;
            return `${added} added.${unknown === 0 ? '' : ` ${unknown} unknown, left out.`}`;
          })
        }
      />
      <AddPerson
        project={project}
        onAdd={(person, name) =>
          run(async () => {
            await changeMembership(project, cohort.id, person, true);
            return `${name} added.`;
          })
        }
      />
      <p role="status" className={said === '' ? 'visually-hidden' : 'notice good'}>
        {said}
      </p>
      {problem !== null && <ProblemNotice>{problem}</ProblemNotice>}
      {error !== null && <p className="notice bad">{error.message}</p>}
      {data !== undefined && data.results.length === 0 && <p className="quiet">Nobody yet.</p>}
      <ul className="plain-list lines" aria-label="Members">
        {data?.results.map(({ uuid, name, distinct_ids: ids }) => (
          <li key={uuid} className="row spread">
            <div className="grow">
              <div className="one-line">{name}</div>
              <div className="quiet small one-line mono">{ids.join(', ')}</div>
            </div>
            <div className="row tight">
              {ids[0] !== undefined && (
                <Link to="/p/$project/users" params={{ project }} search={{ user: ids[0] }} className="button plain">
                  Flags
                </Link>
              )}
              <Button
                look="plain"
                aria-label={`Remove ${name}`}
                onPress={() =>
                  void run(async () => {
                    await changeMembership(project, cohort.id, uuid, false);
                    return `${name} removed.`;
                  })
                }
              >
                Remove
              </Button>
            </div>
          </li>
        ))}
      </ul>
      {(page > 1 || (data !== undefined && data.next !== null)) && (
        <nav className="row" aria-label="Pages of people">
          <Button isDisabled={page <= 1} onPress={() => setPage(page - 1)}>
            Previous
          </Button>
          <Button isDisabled={data === undefined || data.next === null} onPress={() => setPage(page + 1)}>
            Next
          </Button>
        </nav>
      )}
    </section>
  );
}

function Upload({ onFile }: { readonly onFile: (file: File) => Promise<void> }) {
  const field = useRef<HTMLInputElement>(null);
  const [isBusy, setBusy] = useState(false);
  return (
    <div className="field">
      <label htmlFor="people-file">Add people from a CSV file</label>
      <input
        id="people-file"
        ref={field}
        type="file"
        accept=".csv,text/csv,text/plain"
        disabled={isBusy}
        aria-describedby="people-file-hint"
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file === undefined) return;
          setBusy(true);
          void onFile(file).finally(() => {
            setBusy(false);
            if (field.current !== null) field.current.value = '';
          });
        }}
      />
      <span className="hint" id="people-file-hint">
        One distinct id a line; or a header, of which one column is person_id, distinct_id or email. Who is in already
        stays.
      </span>
    </div>
  );
}

interface AddPersonProps {
  readonly project: string;
  readonly onAdd: (person: string, name: string) => Promise<void>;
}

function AddPerson({ project, onAdd }: AddPersonProps) {
  const [typed, setTyped] = useState('');
  const { data: found, isPlaceholderData } = useQuery(personsQuery(project, typed));
  const people = typed.trim() === '' || isPlaceholderData ? [] : (found ?? []);
  return (
    <div className="stack tight">
      <TextField
        label="Add a person"
        placeholder="Name, e-mail or distinct id"
        type="search"
        value={typed}
        onChange={setTyped}
      />
      {people.length > 0 && (
        <ul className="plain-list lines" aria-label="People found">
          {people.map(({ uuid, name, distinct_ids: ids }) => (
            <li key={uuid} className="row spread">
              <span className="grow one-line">
                {name} <span className="quiet small mono">{ids[0]}</span>
              </span>
              <Button aria-label={`Add ${name}`} onPress={() => void onAdd(uuid, name).then(() => setTyped(''))}>
                Add
              </Button>
            </li>
          ))}
        </ul>
      )}
      {typed.trim() !== '' && found?.length === 0 && !isPlaceholderData && (
        <p className="quiet small">No stored person matches.</p>
      )}
    </div>
  );
}
