import { createRouter, PostgresStore, type RouterSettings } from '@halyard/data';
import type { CompiledProject } from './compiled-project.ts';
import { followChanges } from './projects/follow-changes.ts';
import { ProjectRegistry } from './projects/project-registry.ts';

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
  const router = createRouter(settings);
  const readerMayLag = router.urls['persons reader'] !== router.urls['persons writer'];
  const store = new PostgresStore({ ...router, readerMayLag, onError });
  const registry = new ProjectRegistry({
    definitions: store.definitions,
    facts: store.facts,
    now,
    onStoreFailure: onError,
    onFreshness: ({ became, error }) => {
      if (became === 'stale') onError(error);
    },
  });
  let first: CompiledProject | null;
  try {
    first = await registry.byToken(source.token);
    if (first === null) throw new Error('the database has no project with this token: check definitions.token');
  } catch (error) {
    registry.close();
    await router.close();
    throw error;
  }
  let latest = first;
  const notices = followChanges(registry, {
    url: router.urls['non-persons writer'],
    sendNotice: (text) => store.sendNotice(text),
    onError,
  });
  return {
    project() {
      // A known project comes back at once; a deleted one goes on with its last definitions.
      const known = registry.byToken(source.token);
      if (known !== null && !(known instanceof Promise)) latest = known;
      return latest;
    },
    async close() {
      registry.close();
      await notices.close();
      await router.close();
    },
  };
}
