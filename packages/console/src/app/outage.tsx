import { type Query, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { ApiProblem } from '../api/problem.ts';
import { projectsQuery } from '../api/queries.ts';

/** How often is asked whether all is well, and whether it is well again. */
const LOOK_MS = 15_000;
const AGAIN_MS = 2_000;

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** What keeps the page from being read anew. */
interface Outage {
  readonly what: 'Halyard' | 'The database';
  /** When the oldest part of what is shown was read, in milliseconds since the epoch; null: nothing was. */
  readonly readAt: number | null;
}

/** Says that Halyard or its database is away, and how old what is shown is; goes by itself when all is back (K75). */
export function OutageNotice() {
  const outage = useOutage();
  const client = useQueryClient();
  // A page on which nobody does anything is told, too.
  useQuery({ ...projectsQuery, refetchInterval: LOOK_MS });
  const isOut = outage !== null;
  useEffect(() => {
    if (!isOut) return undefined;
    const timer = setInterval(
      () => void client.refetchQueries({ type: 'active', predicate: (query) => problemOf(query) !== null }),
      AGAIN_MS,
    );
    return () => clearInterval(timer);
  }, [isOut, client]);
  if (outage === null) return null;
  return (
    <p role="alert" className="notice warn outage">
      <strong>{outage.what} cannot be reached.</strong>{' '}
      {outage.readAt === null
        ? 'Nothing could be read yet.'
        : `What is shown was read at ${clock.format(outage.readAt)}.`}{' '}
      Changes cannot be saved until it is back; it is looked for every two seconds. Flags go on being answered with the
      last definitions that were read.
    </p>
  );
}

function useOutage(): Outage | null {
  const client = useQueryClient();
  const [outage, setOutage] = useState<Outage | null>(null);
  useEffect(() => {
    const cache = client.getQueryCache();
    const look = (): void => {
      const active = cache.findAll({ type: 'active' });
      const [problem] = active.flatMap((query) => problemOf(query) ?? []);
      const times = active.map(({ state }) => state.dataUpdatedAt).filter((time) => time > 0);
      const next: Outage | null =
        problem === undefined
          ? null
          : {
              what: problem.status === 0 ? 'Halyard' : 'The database',
              readAt: times.length === 0 ? null : Math.min(...times),
            };
      setOutage((last) => (last?.what === next?.what && last?.readAt === next?.readAt ? last : next));
    };
    look();
    return cache.subscribe(look);
  }, [client]);
  return outage;
}

/** Why what a page shows could not be read anew; null: it could, or was refused for another reason. */
function problemOf({ state }: Query): ApiProblem | null {
  const error: unknown = state.error ?? state.fetchFailureReason;
  return error instanceof ApiProblem && (error.status === 0 || error.status === 503) ? error : null;
}
