import {
  createRouter,
  type ListedProject,
  listenForChanges,
  listProjects,
  PostgresDefinitionSource,
  PostgresFactSource,
  parseJson,
  ProjectRegistry,
  type Router,
  type RouterSettings,
} from 'halyard/host';
import type { Logger } from 'pino';

/** The projects of a database, kept fresh. */
export interface OpenProjects {
  readonly registry: ProjectRegistry;
  /** Some of the projects, oldest first. Rejects when the database cannot be reached. */
  list(): Promise<readonly ListedProject[]>;
  /** Opens a connection in every pool. Rejects like `list`. */
  warmUp(): Promise<void>;
  close(): Promise<void>;
}

/** Opens projects on a database. Nothing is connected yet. */
export function openProjects(urls: RouterSettings, logger: Logger): OpenProjects {
  const router = createRouter(urls);
  const { mainReader, personsReader, personsWriter } = router;
  const onError = (error: unknown): void => logger.warn({ err: error }, 'a read from the database failed');
  const registry = new ProjectRegistry({
    definitions: new PostgresDefinitionSource({ mainReader, personsReader, parse: parseJson, onError }),
    facts: new PostgresFactSource({ reader: personsReader, writer: personsWriter, parse: parseJson, onError }),
    now: Date.now,
    onProblems: (project, problems) => {
      for (const problem of problems) logger.warn({ team_id: project.teamId, ...problem }, 'definitions left out');
    },
    onStoreFailure: (error, project) => {
      logger.warn({ err: error, team_id: project?.teamId }, 'definitions could not be read');
    },
  });
  const notices = listenForChanges({
    url: router.urls['non-persons writer'],
    onChange: (teamId) => registry.invalidate(teamId),
    onError: (error) => logger.warn({ err: error }, 'change notices do not arrive; polling goes on'),
  });
  return {
    registry,
    list: () => listProjects(mainReader),
    warmUp: () => warmUp(router),
    close: async () => {
      await notices.close();
      await router.close();
    },
  };
}

async function warmUp({ mainReader, mainWriter, personsReader, personsWriter }: Router): Promise<void> {
  const ping = { text: 'select 1', values: [] };
  await Promise.all([mainReader, mainWriter, personsReader, personsWriter].map((pool) => pool.query(ping)));
}
