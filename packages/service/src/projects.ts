import { errorClass, type FreshnessChange, type OpenProjects, openProjects, type RouterSettings } from 'halyard/host';
import type { Logger } from 'pino';
import type { Log } from './operate/log/logger.ts';
import { logRedis } from './operate/log/redis-line.ts';

export interface LoggedProjectsOptions {
  /** How long a request waits for stored facts. Default: a minute, for somebody who runs a command. */
  readonly factsTimeoutMs?: number;
  /** Processes that share the memory of the machine or container. Default 1. */
  readonly workers?: number;
  /** Look-ups per second and address of tokens that belong to nobody. Default: any number. */
  readonly unknownPerSecond?: number;
  /** Note the use of keys in the database (D63). Default false. */
  readonly stampKeys?: boolean;
  /** Where processes share definitions; without it they do not. */
  readonly redis?: RedisSettings;
}

export interface RedisSettings {
  readonly url: string;
  /** Begins every key. */
  readonly prefix: string;
}

/** Opens projects on a database, which say in the log how they fare. Nothing is connected yet. */
export function openLoggedProjects(
  urls: RouterSettings,
  { logger, outages }: Log,
  { factsTimeoutMs = 60_000, stampKeys = false, unknownPerSecond, workers, redis }: LoggedProjectsOptions = {},
): OpenProjects {
  const log: RouterSettings['log'] = (level, message, fields) => logger[level](fields ?? {}, message);
  return openProjects(
    { ...urls, log },
    {
      factsTimeoutMs,
      stampKeys,
      onError: (error) => outages.warn('a read from the database failed', error),
      onNoticesError: (error) => outages.warn('change notices do not arrive; polling goes on', error),
      onProblems: (project, problems) => {
        for (const problem of problems) logger.warn({ team_id: project.teamId, ...problem }, 'definitions left out');
      },
      onFreshness: (change) => logFreshness(logger, change),
      ...(workers === undefined ? {} : { workers }),
      ...(unknownPerSecond === undefined ? {} : { unknownPerSecond }),
      ...(redis === undefined ? {} : { redis: { ...redis, ...redisLog(logger) } }),
    },
  );
}

function redisLog(logger: Logger) {
  return {
    onState: logRedis(
      logger,
      'definitions are shared through Redis',
      'Redis cannot be used; definitions are not shared',
    ),
    onBroken: (error: unknown) => logger.warn({ err: error }, 'something broken in Redis was ignored'),
  };
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
