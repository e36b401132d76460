import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { flagQuery } from '../api/queries.ts';
import { Chooser } from '../design/controls.tsx';
import { Moment } from '../design/moment.tsx';
import { lookOf } from '../traffic/looks.ts';
import { type Range, ranges, type Traffic, trafficQuery } from '../traffic/traffic-query.ts';

const TrafficChart = lazy(async () => ({ default: (await import('../traffic/traffic-chart.tsx')).TrafficChart }));

const number = new Intl.NumberFormat('en');
const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });

/** How often the flag is asked for, and what came out (M183). */
export function FlagTrafficPage() {
  const { project, key } = useParams({ from: '/inside/p/$project/flags/$key' });
  const { range = 'week' } = useSearch({ from: '/inside/p/$project/flags/$key/traffic' });
  const navigate = useNavigate();
  const { data: flag } = useSuspenseQuery(flagQuery(project, key));
  const { data: traffic, error } = useQuery(trafficQuery(project, flag.id, range));
  return (
    <div className="stack">
      <div className="row spread wrap">
        <h2 className="visually-hidden">Traffic</h2>
        <Chooser
          label="Time"
          hideLabel
          value={range}
          choices={Object.entries(ranges).map(([id, { text }]) => ({ id, text: `Last ${text}` }))}
          onChange={(id) => void navigate({ to: '.', search: { range: id as Range }, replace: true })}
        />
        <p className="quiet small">
          Last called: <Moment time={flag.last_called_at} />
        </p>
      </div>
      {error !== null && <p className="notice bad">{error.message}</p>}
      {traffic === null && (
        <p className="notice">Nothing is counted here: HALYARD_FLAG_TRAFFIC is off, or the database is PostHog’s.</p>
      )}
      {traffic === undefined && error === null && <p className="quiet">Reading …</p>}
      {traffic !== null && traffic !== undefined && <Shown traffic={traffic} range={range} />}
      <p className="hint">
        Each count is an evaluation by <code>/flags</code>: this flag’s value in an answer, also where all flags were
        asked for. What SDKs decide by themselves is not seen.{' '}
        {ranges[range].by === 'day' ? 'Days begin at midnight UTC.' : 'Hours are shown in your time zone.'}
      </p>
    </div>
  );
}

function Shown({ traffic, range }: { readonly traffic: Traffic; readonly range: Range }) {
  if (traffic.total === 0) {
    return (
      <div className="card stack tight empty">
        <h3>No evaluations in the last {ranges[range].text}</h3>
        <p className="quiet">They appear here within half a minute of a request to /flags.</p>
      </div>
    );
  }
  return (
    <>
      <div className="card">
        <Suspense fallback={<div className="chart quiet">Drawing …</div>}>
          <TrafficChart traffic={traffic} />
        </Suspense>
      </div>
      <div className="table-frame">
        <table className="keep">
          <thead>
            <tr>
              <th scope="col">Value</th>
              <th scope="col" className="number">
                Evaluations
              </th>
              <th scope="col" className="number">
                Share
              </th>
              <th scope="col">Last seen</th>
            </tr>
          </thead>
          <tbody>
            {traffic.values.map(({ value, total, lastSeen }, at) => {
              const { colour, dash } = lookOf(at);
              return (
                <tr key={value}>
                  <th scope="row">
                    <svg
                      className="line-look"
                      width="28"
                      height="8"
                      aria-hidden="true"
                      style={{ color: `var(${colour})` }}
                    >
                      <line
                        x1="0"
                        x2="28"
                        y1="4"
                        y2="4"
                        stroke="currentColor"
                        strokeWidth="2"
                        strokeDasharray={dash.join(' ')}
                      />
                    </svg>
                    <span className="mono">{value === 'true' ? 'on' : value === 'false' ? 'off' : value}</span>
                  </th>
                  <td className="number">{number.format(total)}</td>
                  <td className="number">{percent.format(total / traffic.total)}</td>
                  <td>
                    <Moment time={lastSeen} />
                  </td>
                </tr>
              );
            })}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">Total</th>
              <td className="number">{number.format(traffic.total)}</td>
            </tr>
          </tfoot>
        </table>
      </div>
    </>
  );
}
