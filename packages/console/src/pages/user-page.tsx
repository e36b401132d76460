import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { explainQuery } from '../api/queries.ts';
import { TextField } from '../design/controls.tsx';
import { AskedForm } from '../flag/asked-form.tsx';
import { NoPersons } from '../flag/no-persons.tsx';
import { askedSearch, useAsked } from '../flag/use-asked.ts';
import { WhatWasSeen } from '../flag/what-was-seen.tsx';
import { reasonWords, resultWords } from '../flag/explanation-view.tsx';

/** Everything that somebody gets (K21). */
export function UserPage() {
  const { project } = useParams({ from: '/inside/p/$project/users' });
  const initial = useSearch({ from: '/inside/p/$project/users' });
  const [asked, ask] = useAsked();
  const [part, setPart] = useState('');
  const { data, error } = useQuery(
    explainQuery(project, asked ?? { distinctId: '', personProperties: {}, groups: {} }),
  );
  const flags = (data ?? []).filter(({ key }) => key.toLowerCase().includes(part.trim().toLowerCase()));
  return (
    <div className="stack">
      <h1>What does somebody get?</h1>
      <NoPersons project={project} />
      <AskedForm initial={initial} onAsked={ask} />
      {error !== null && <p className="notice bad">{error.message}</p>}
      {asked !== null && data !== undefined && (
        <>
          <div className="filters">
            <div className="search">
              <TextField
                label="Filter by key"
                hideLabel
                placeholder="Key"
                type="search"
                value={part}
                onChange={setPart}
              />
            </div>
          </div>
          <div className="table-frame">
            <table>
              <thead>
                <tr>
                  <th scope="col">Flag</th>
                  <th scope="col">Value</th>
                  <th scope="col">Why</th>
                </tr>
              </thead>
              <tbody>
                {flags.map((explanation) => (
                  <tr key={explanation.key}>
                    <th scope="row" className="flag-name">
                      <Link
                        to="/p/$project/flags/$key/explain"
                        params={{ project, key: explanation.key }}
                        search={askedSearch({
                          user: asked.distinctId,
                          person: asked.personProperties,
                          groups: asked.groups,
                        })}
                        className="mono"
                      >
                        {explanation.key}
                      </Link>
                    </th>
                    <td data-label="Value">{resultWords(explanation)}</td>
                    <td data-label="Why">{reasonWords(explanation)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <WhatWasSeen explanations={data} />
        </>
      )}
    </div>
  );
}
