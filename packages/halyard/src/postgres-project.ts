import type { RouterSettings } from '@halyard/data';
import type { CompiledProject } from './compiled-project.ts';
import { openProjects } from './open-projects.ts';

/** A project in a PostHog or Halyard database. */
export interface PostgresSource {
  /** URL of the database, or the URLs of the four pools. */
  readonly postgres: string | RouterSettings;
  /** The project's public token. */
  readonly token: string;
}

export interface PostgresProject {
  /** The newest definitions known. */
  readonly project: () => CompiledProject;
  readonly close: () => Promise<void>;
}

/**
 * Opens the project and keeps its definitions fresh: by notices where the schema sends them, by comparing revisions otherwise.
 * Rejects when the database cannot be reached or has no project with that token.
 */
export async function connectPostgres(
  source: PostgresSource,
  now: () => number,
  onError: (error: unknown) => void,
): Promise<PostgresProject> {
  const settings = typeof source.postgres === 'string' ? { write: source.postgres } : source.postgres;
  const { registry, close } = openProjects(settings, {
    now,
    onError,
    onStoreFailure: onError,
    onFreshness: ({ became, error }) => {
      if (became === 'stale') onError(error);
    },
  });
  let latest: CompiledProject;
  try {
    const first = await registry.byToken(source.token);
    if (first === null) throw new Error('the database has no project with this token: check definitions.token');
    latest = first;
  } catch (error) {
    await close();
    throw error;
  }
  return {
    project() {
      // A known project comes back at once; a deleted one goes on with its last definitions.
      const known = registry.byToken(source.token);
      if (known !== null && !(known instanceof Promise)) latest = known;
      return latest;
    },
    close,
  };
}
