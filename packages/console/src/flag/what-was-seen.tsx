import { seenText } from '@halyard/engine/review';
import type { Explanation } from '../api/queries.ts';

type Filter = Explanation['conditions'][number]['filters'][number];

const SOURCES: Readonly<Record<string, string>> = {
  request: 'sent',
  stored: 'stored',
  filled: 'from another property',
  missing: 'missing',
  not_loaded: 'could not be read',
};

/** The properties that were looked at for somebody, each with its value and where it came from (K21). */
export function WhatWasSeen({ explanations }: { readonly explanations: readonly Explanation[] }) {
  const seen = new Map<string, Filter>();
  for (const { conditions } of explanations) {
    for (const filter of conditions.flatMap(({ filters }) => filters)) {
      if (filter.type !== 'cohort' && filter.type !== 'flag') seen.set(`${filter.type} ${filter.key}`, filter);
    }
  }
  if (seen.size === 0) return null;
  return (
    <details className="card">
      <summary>
        <h2>What was looked at</h2>
      </summary>
      <table>
        <thead>
          <tr>
            <th scope="col">Property</th>
            <th scope="col">Value</th>
            <th scope="col">Source</th>
          </tr>
        </thead>
        <tbody>
          {[...seen].map(([name, filter]) => (
            <tr key={name}>
              <th scope="row" className="mono">
                {filter.type === 'group' ? `group: ${filter.key}` : filter.key}
              </th>
              <td data-label="Value">{seenText(filter as Parameters<typeof seenText>[0])}</td>
              <td data-label="Source">{SOURCES[filter.source] ?? filter.source}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
