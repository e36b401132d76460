import { useQuery } from '@tanstack/react-query';
import { MOST_COUNTED, type SwitchedOff, switchedOffQuery } from './list-queries.ts';

interface BulkImpactProps {
  readonly project: string;
  readonly ids: readonly number[];
  readonly keys: ReadonlyMap<string, string> | undefined;
}

/** For how many recent users each of the flags changes when all are switched off, before they are (K44). */
export function BulkImpact({ project, ids, keys }: BulkImpactProps) {
  const isCounted = ids.length <= MOST_COUNTED;
  const { data, error } = useQuery({ ...switchedOffQuery(project, ids), enabled: isCounted });
  if (!isCounted)
    return <p className="quiet">Who flips is counted for at most {MOST_COUNTED} flags: choose fewer to see it.</p>;
  if (error !== null) return <p className="notice warn">Who flips could not be counted: {error.message}</p>;
  if (data === undefined) return <p className="quiet">Counting who flips …</p>;
  return (
    <ul className="plain-list stack tight" aria-label="Who flips">
      {ids.map((id) => (
        <li key={id}>
          <code>{keys?.get(String(id)) ?? `flag ${id}`}</code> {words(data.get(id) ?? null)}
        </li>
      ))}
    </ul>
  );
}

function words(counted: SwitchedOff): string {
  if (counted === null) return 'is not known: no recent requests';
  if ('refused' in counted) return `alone is refused: ${counted.refused}`;
  return `gives ${counted.flips} of ${counted.of} users seen recently another value`;
}
