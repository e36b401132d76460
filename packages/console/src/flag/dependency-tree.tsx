import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { dependentsQuery, flagQuery } from '../api/queries.ts';
import { neededIds } from './flag-chain.ts';
import type { FlagFields } from './flag.ts';

interface DependencyTreeProps {
  readonly project: string;
  /** Null: nobody can ask about it yet. */
  readonly id: number | null;
  readonly fields: FlagFields;
}

/** Deeper than chains in use; one that is longer ends in dots. */
const DEEPEST = 6;

/** What a flag asks about and what asks about it, both ways (K37); nothing where there is neither. */
export function DependencyTree({ project, id, fields }: DependencyTreeProps) {
  const needed = neededIds(fields);
  const { data: dependents = [] } = useQuery({ ...dependentsQuery(project, id ?? 0), enabled: id !== null });
  if (needed.length === 0 && dependents.length === 0) return null;
  return (
    <section className="card stack tight" aria-label="Flags that depend on each other">
      {needed.length > 0 && (
        <>
          <h3>Asks about</h3>
          <ul className="tree">
            {needed.map((one) => (
              <Needed key={one} project={project} id={one} depth={1} />
            ))}
          </ul>
        </>
      )}
      {dependents.length > 0 && (
        <>
          <h3>Asked about by</h3>
          <ul className="tree">
            {dependents.map((flag) => (
              <Dependent key={flag.id} project={project} flag={flag} depth={1} />
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Needed({ project, id, depth }: { readonly project: string; readonly id: number; readonly depth: number }) {
  const { data: flag } = useQuery(flagQuery(project, String(id)));
  if (flag === undefined) return <li className="mono">{id}</li>;
  const further = neededIds(flag);
  return (
    <li>
      <FlagLink project={project} flagKey={flag.key} />
      {further.length > 0 && (
        <ul>
          {depth >= DEEPEST ? (
            <li>…</li>
          ) : (
            further.map((one) => <Needed key={one} project={project} id={one} depth={depth + 1} />)
          )}
        </ul>
      )}
    </li>
  );
}

interface DependentProps {
  readonly project: string;
  readonly flag: { readonly id: number; readonly key: string };
  readonly depth: number;
}

function Dependent({ project, flag, depth }: DependentProps) {
  const { data: further = [] } = useQuery({ ...dependentsQuery(project, flag.id), enabled: depth < DEEPEST });
  return (
    <li>
      <FlagLink project={project} flagKey={flag.key} />
      {further.length > 0 && (
        <ul>
          {further.map((one) => (
            <Dependent key={one.id} project={project} flag={one} depth={depth + 1} />
          ))}
        </ul>
      )}
    </li>
  );
}

function FlagLink({ project, flagKey }: { readonly project: string; readonly flagKey: string }) {
  return (
    <Link to="/p/$project/flags/$key" params={{ project, key: flagKey }} search={{}} className="mono">
      {flagKey}
    </Link>
  );
}
