import { type ErrorComponentProps, Link } from '@tanstack/react-router';
import { ApiProblem } from '../api/problem.ts';
import { Button } from '../design/controls.tsx';

/** What a page says in the place of what could not be read. */
export function ErrorPage({ error, reset }: ErrorComponentProps) {
  const problem = error instanceof ApiProblem ? error : null;
  if (problem?.status === 404) return <NotFoundPage />;
  return (
    <main className="page narrow stack">
      <h1>{problem === null ? 'The console has failed' : 'This cannot be shown now'}</h1>
      <p>{error instanceof Error ? error.message : String(error)}</p>
      {problem !== null && problem.status >= 500 && (
        <p className="quiet">Flags go on being answered with the last definitions that were read.</p>
      )}
      <div className="row">
        <Button look="primary" onPress={reset}>
          Try again
        </Button>
        <Link to="/" className="button">
          To the flags
        </Link>
      </div>
    </main>
  );
}

export function NotFoundPage() {
  return (
    <main className="page narrow stack">
      <h1>There is nothing here</h1>
      <p>
        The address may be mistyped, or what it names was deleted or belongs to a project that you are no member of.
      </p>
      <div>
        <Link to="/" className="button primary">
          To the flags
        </Link>
      </div>
    </main>
  );
}
