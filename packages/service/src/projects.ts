import {
  BoundedFactSource,
  createRouter,
  type DefinitionSource,
  errorClass,
  findSchema,
  followChanges,
  type FoundSchema,
  type FreshnessChange,
  type ListedProject,
  listProjects,
  PostgresStore,
  ProjectRegistry,
  type Router,
  type RouterSettings,
  SharedDefinitions,
} from 'halyard/host';
import type { Logger } from 'pino';
import type { Log } from './operate/log/logger.ts';

/** The projects of a database, kept fresh. */
export interface OpenProjects {
  readonly registry: ProjectRegistry;
  /** Some of the projects, oldest first. Rejects when the database cannot be reached. */
  list(): Promise<readonly ListedProject[]>;
  /** What the tables look like. Rejects like `list`. */
  schema(): Promise<FoundSchema>;
  /** How the database pools stand. */
  readonly pools: Router['pools'];
  /** Opens a connection in every pool. Rejects like `list`. */
  warmUp(): Promise<void>;
  close(): Promise<void>;
}

export interface OpenProjectsOptions {
  /** How long a request waits for stored facts. Default: a minute, for somebody who runs a command. */
  readonly factsTimeoutMs?: number;
  /** Where processes share definitions; without it they do not. */
  readonly redis?: RedisSettings;
}

export interface RedisSettings {
  readonly url: string;
  /** Begins every key. */
  readonly prefix: string;
}

/** Opens projects on a database. Nothing is connected yet. */
export function openProjects(
  urls: RouterSettings,
  { logger, outages }: Log,
  { factsTimeoutMs = 60_000, redis }: OpenProjectsOptions = {},
): OpenProjects {
  const router = createRouter({
    ...urls,
    log: (level, message, fields) => logger[level](fields ?? {}, message),
  });
  const { mainReader, personsReader } = router;
  const onError = (error: unknown): void => outages.warn('a read from the database failed', error);
  const readerMayLag = router.urls['persons reader'] !== router.urls['persons writer'];
  const store = new PostgresStore({ ...router, readerMayLag, onError });
  const shared =
    redis === undefined
      ? null
      : shareDefinitions(store.definitions, redis, logger, (teamId, revision) => registry.invalidate(teamId, revision));
  const registry = new ProjectRegistry({
    definitions: shared ?? store.definitions,
    facts: new BoundedFactSource(store.facts, factsTimeoutMs, onError),
    now: Date.now,
    onProblems: (project, problems) => {
      for (const problem of problems) logger.warn({ team_id: project.teamId, ...problem }, 'definitions left out');
    },
    onFreshness: (change) => logFreshness(logger, change),
  });
  const notices = followChanges(registry, {
    url: router.urls['non-persons writer'],
    sendNotice: (text) => store.sendNotice(text),
    onError: (error) => outages.warn('change notices do not arrive; polling goes on', error),
  });
  return {
    registry,
    pools: router.pools,
    list: () => listProjects(mainReader),
    schema: () => findSchema(mainReader, personsReader),
    warmUp: () => warmUp(router),
    close: async () => {
      registry.close();
      await notices.close();
      await shared?.close();
      await router.close();
    },
  };
}

function shareDefinitions(
  source: DefinitionSource,
  redis: RedisSettings,
  logger: Logger,
  onChange: (teamId: number, revision: string) => void,
): SharedDefinitions {
  return new SharedDefinitions({
    ...redis,
    source,
    onChange,
    onState: (up, error) => {
      if (up) logger.info('definitions are shared through Redis');
      else logger.warn({ error_class: error?.kind, err: error }, 'Redis cannot be used; definitions are not shared');
    },
    onBroken: (error) => logger.warn({ err: error }, 'something broken in Redis was ignored'),
  });
}

function logFreshness(logger: Logger, { became, teamId, revision, ageSeconds, error }: FreshnessChange): void {
  const fields = { team_id: teamId, revision, age_seconds: ageSeconds };
  if (became === 'recovered') logger.info(fields, 'definitions are the newest again');
  else
    logger.warn(
      { ...fields, error_class: errorClass(error), err: error },
      'definitions are stale; the last good ones stay in use',
    );
}

async function warmUp({ mainReader, mainWriter, personsReader, personsWriter }: Router): Promise<void> {
  const ping = { text: 'select 1', values: [] };
  await Promise.all([mainReader, mainWriter, personsReader, personsWriter].map((pool) => pool.query(ping)));
}
