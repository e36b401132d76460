import { flagSentence } from '@halyard/engine/review';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Moment } from '../design/moment.tsx';
import { type Flag, rowOf } from '../flag/flag.ts';
import { StateMark } from '../flag/state-mark.tsx';
import { useNames } from '../flag/use-names.ts';
import type { WeekOfFlag } from './list-queries.ts';
import type { FlagListWish } from './list-wish.ts';
import { Reach } from './reach.tsx';
import { Sparkline } from './sparkline.tsx';
import { isStale, staleReason } from './stale.ts';

interface FlagTableProps {
  readonly project: string;
  readonly flags: readonly Flag[];
  /** By id; null: nothing is counted here. */
  readonly weeks: ReadonlyMap<number, WeekOfFlag> | null | undefined;
  readonly wish: FlagListWish;
  readonly onWish: (changes: FlagListWish) => void;
  readonly chosen: ReadonlySet<number>;
  readonly onChosen: (chosen: ReadonlySet<number>) => void;
  /** Somebody wants to switch a flag: nothing has happened yet (K44). */
  readonly onSwitch: (flag: Flag) => void;
  /** What is shown belongs to the wish before. */
  readonly isOld: boolean;
}

const columns: readonly { readonly text: string; readonly order?: string; readonly className?: string }[] = [
  { text: 'State', order: 'active' },
  { text: 'Flag', order: 'key' },
  { text: 'Who gets it' },
  { text: 'Rollout', order: 'rollout' },
  { text: 'Variants', order: 'variants', className: 'number' },
  { text: 'Tags', order: 'tags' },
  { text: 'Last called', order: 'last_called_at' },
  { text: 'Changed', order: 'updated_at' },
];

/** The flags of a page, a line for each (K41). */
export function FlagTable({ project, flags, weeks, wish, onWish, chosen, onChosen, onSwitch, isOld }: FlagTableProps) {
  const { names } = useNames(project, flags);
  const [now] = useState(() => Date.now());
  const areAll = flags.length > 0 && flags.every(({ id }) => chosen.has(id));
  const chooseAll = (): void =>
    onChosen(
      areAll
        ? new Set([...chosen].filter((id) => !flags.some((flag) => flag.id === id)))
        : new Set([...chosen, ...flags.map(({ id }) => id)]),
    );
  const choose = (id: number): void => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChosen(next);
  };
  return (
    <div className="table-frame" data-old={isOld ? '' : undefined}>
      <table className="flag-table">
        <thead>
          <tr>
            <th scope="col" className="check">
              <input type="checkbox" aria-label="Select all flags of this page" checked={areAll} onChange={chooseAll} />
            </th>
            {columns.map(({ text, order, className }) =>
              order === undefined ? (
                <th key={text} scope="col">
                  {text}
                </th>
              ) : (
                <Sortable key={text} name={order} wish={wish} onChange={onWish} className={className}>
                  {text}
                </Sortable>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {flags.map((flag) => {
            const sentence = flagSentence(rowOf(flag), names);
            const variants = flag.filters.multivariate?.variants ?? [];
            return (
              <tr key={flag.id} data-chosen={chosen.has(flag.id) ? '' : undefined}>
                <td className="check">
                  <input
                    type="checkbox"
                    aria-label={`Select ${flag.key}`}
                    checked={chosen.has(flag.id)}
                    onChange={() => choose(flag.id)}
                  />
                </td>
                <td className="state-cell">
                  <StateButton flag={flag} onSwitch={onSwitch} />
                  {isStale(flag) && <div className="stale">Stale</div>}
                </td>
                <th scope="row" className="flag-name">
                  <Link to="/p/$project/flags/$key" params={{ project, key: flag.key }} className="mono">
                    {flag.key}
                  </Link>
                  {flag.name !== '' && (
                    <div className="quiet small one-line" title={flag.name}>
                      {flag.name}
                    </div>
                  )}
                </th>
                <td className="sentence">
                  <div className="two-lines" title={sentence}>
                    {sentence}
                  </div>
                  {isStale(flag) && (
                    <div className="stale">{staleReason(flag, now)}: remove it from the code, then archive it.</div>
                  )}
                </td>
                <td data-label="Rollout">
                  <Reach flag={flag} />
                </td>
                <td data-label="Variants" className="number">
                  {variants.length === 0 ? (
                    <span className="quiet">–</span>
                  ) : (
                    <span title={variants.map(({ key, rollout_percentage: share }) => `${key} ${share} %`).join(', ')}>
                      {variants.length}
                    </span>
                  )}
                </td>
                <td data-label={flag.tags.length === 0 ? undefined : 'Tags'} className="tags-cell">
                  <div>
                    {flag.tags.map((tag) => (
                      <button key={tag} type="button" className="tag" onClick={() => onWish({ tag })}>
                        {tag}
                      </button>
                    ))}
                  </div>
                </td>
                <td data-label="Last called">
                  <div className="nowrap">
                    <Moment time={flag.last_called_at} />
                    {weeks !== null && weeks !== undefined && flag.last_called_at !== null && (
                      <div>
                        <Sparkline week={weeks.get(flag.id)} />
                      </div>
                    )}
                  </div>
                </td>
                <td data-label="Changed">
                  <div className="nowrap">
                    <Moment time={flag.updated_at ?? flag.created_at} />
                    <div className="quiet small one-line" title={changedBy(flag)}>
                      {changedBy(flag)}
                    </div>
                  </div>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function changedBy(flag: Flag): string {
  return (flag.last_modified_by ?? flag.created_by)?.email ?? '';
}

/** On or off, and the way to the other: over the review (K44). What is archived is not switched. */
function StateButton({ flag, onSwitch }: { readonly flag: Flag; readonly onSwitch: (flag: Flag) => void }) {
  if (flag.archived) return <StateMark flag={flag} />;
  return (
    <button type="button" className="state-button" onClick={() => onSwitch(flag)}>
      <StateMark flag={flag} />
      <span className="visually-hidden">
        : switch {flag.key} {flag.active ? 'off' : 'on'} …
      </span>
    </button>
  );
}

interface SortableProps {
  readonly name: string;
  readonly wish: FlagListWish;
  readonly onChange: (changes: FlagListWish) => void;
  readonly className: string | undefined;
  readonly children: string;
}

/** A column's name, which sorts by it: upwards, downwards, and as before. */
function Sortable({ name, wish: { order }, onChange, className, children }: SortableProps) {
  const direction = order === name ? 'ascending' : order === `-${name}` ? 'descending' : 'none';
  const next = direction === 'ascending' ? `-${name}` : direction === 'descending' ? undefined : name;
  return (
    <th scope="col" aria-sort={direction} className={className}>
      <button type="button" className="sort" onClick={() => onChange({ order: next })}>
        {children}
        <span aria-hidden="true" className="direction">
          {direction === 'ascending' ? '↑' : direction === 'descending' ? '↓' : ''}
        </span>
      </button>
    </th>
  );
}
