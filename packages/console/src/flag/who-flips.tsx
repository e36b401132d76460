import { Link } from '@tanstack/react-router';
import { flipsOf, type Impact } from '../api/queries.ts';

const count = new Intl.NumberFormat('en');

/** Said in the place of numbers: what is not known is not 0 (K13). */
const UNKNOWN = {
  off: 'Who flips is not known: recent requests are not kept here (HALYARD_RECENT_REQUESTS).',
  empty: 'Who flips is not known: nobody has asked for flags since the service began to keep recent requests.',
};

interface WhoFlipsProps {
  readonly project: string;
  readonly flagKey: string;
  readonly impact: Impact;
}

/** Who gets another value by a change (K11), or why that is not known (K13). */
export function WhoFlips({ project, flagKey, impact }: WhoFlipsProps) {
  const { sample, transitions, unchanged, failed, dependents, persons } = impact;
  const flips = flipsOf(impact);
  if (sample.state === 'off' || sample.state === 'empty') {
    return (
      <p className="notice">
        {UNKNOWN[sample.state]}
        <Persons persons={persons} />
      </p>
    );
  }
  return (
    <section className="stack tight" aria-label="Who flips">
      <p>
        Of <strong>{count.format(sample.compared)}</strong> {sample.compared === 1 ? 'user' : 'users'} seen recently,{' '}
        <strong>{flips === 0 ? 'nobody' : count.format(flips)}</strong>{' '}
        {flips === 1 ? 'changes' : flips === 0 ? 'changes' : 'change'}.
        {sample.state === 'young' && <span className="quiet"> The sample is less than an hour old.</span>}
        {failed > 0 && <span className="quiet"> For {count.format(failed)} it could not be decided.</span>}
      </p>
      {transitions.map(({ from, to, subjects, examples }) => (
        <details key={`${words(from)} ${words(to)}`}>
          <summary>
            {count.format(subjects)} {words(from)} → {words(to)}
          </summary>
          <ul className="examples">
            {examples.map((id) => (
              <li key={id}>
                <Link
                  to="/p/$project/flags/$key/explain"
                  params={{ project, key: flagKey }}
                  search={{ user: id }}
                  className="mono"
                >
                  {id}
                </Link>
              </li>
            ))}
          </ul>
        </details>
      ))}
      {dependents.length > 0 && (
        <p>
          Flags that ask about this one change with it:{' '}
          {dependents.map(({ key, subjects }) => `${key} (${count.format(subjects)})`).join(', ')}
        </p>
      )}
      <p className="quiet small">
        {count.format(unchanged)} keep what they have. <Persons persons={persons} />
      </p>
    </section>
  );
}

function Persons({ persons }: { readonly persons: Impact['persons'] }) {
  if (persons === null) return <span>Stored people could not be counted.</span>;
  if (persons.total === 0) return null;
  return (
    <span>
      {' '}
      The conditions then match {persons.estimated ? 'about ' : ''}
      {count.format(persons.affected)} of {count.format(persons.total)} stored people.
    </span>
  );
}

function words(value: boolean | string): string {
  return value === true ? 'on' : value === false ? 'off' : value;
}
