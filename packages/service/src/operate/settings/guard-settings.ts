import { limitOverrides, limitsOfTeams, rate, teamIds } from './limit-parser.ts';
import { bearerToken, boolean, httpUrl, integer, oneOf, path, redisUrl } from './parsers.ts';
import { optional, required } from './setting.ts';

const MODES = ['off', 'log', 'on'] as const;

/** What protects the service, recognises who asks, or lets PostHog's own interface in. All of it is off unless said. */
export const guardSettings = {
  mode: required(
    'HALYARD_MODE',
    'server',
    oneOf(['all', 'flags', 'definitions']),
    'all',
    'Which routes there are: flags, those that evaluate; definitions, those of local evaluation and remote configuration.',
  ),
  internalToken: optional(
    'HALYARD_INTERNAL_TOKEN',
    'server',
    bearerToken,
    "Lets requests with Authorization: Bearer TOKEN ask for what is PostHog's own interface's: detailed analysis and definitions of their own.",
  ),
  rateLimit: required(
    'HALYARD_RATE_LIMIT',
    'server',
    oneOf(MODES),
    'off',
    'Limit /flags by token: log serves, logs and marks what is over the limit, on answers it with 429.',
  ),
  rateLimitBurst: required(
    'HALYARD_RATE_LIMIT_BURST',
    'server',
    integer(1, 1_000_000),
    '625',
    'Requests with one token at once.',
  ),
  rateLimitPerSecond: required(
    'HALYARD_RATE_LIMIT_PER_SECOND',
    'server',
    integer(1, 1_000_000),
    '10',
    'Requests with one token per second in the long run.',
  ),
  rateLimitOverrides: optional(
    'HALYARD_RATE_LIMIT_OVERRIDES',
    'server',
    limitOverrides,
    'Limits of single tokens, which are enforced always: {"phc_…": "600/minute"}; second, minute, hour or day; 100 at most.',
  ),
  ipRateLimit: required(
    'HALYARD_IP_RATE_LIMIT',
    'server',
    oneOf(MODES),
    'off',
    'Limit /flags by client address, in the same way.',
  ),
  ipRateLimitBurst: required(
    'HALYARD_IP_RATE_LIMIT_BURST',
    'server',
    integer(1, 1_000_000),
    '1250',
    'Requests of one address at once.',
  ),
  ipRateLimitPerSecond: required(
    'HALYARD_IP_RATE_LIMIT_PER_SECOND',
    'server',
    integer(1, 1_000_000),
    '50',
    'Requests of one address per second in the long run.',
  ),
  rateLimitWarnPercent: required(
    'HALYARD_RATE_LIMIT_WARN_PERCENT',
    'server',
    integer(1, 100),
    '80',
    'Share of a limit beyond which answers carry X-PostHog-Rate-Limit-Warning.',
  ),
  rateLimitStore: required(
    'HALYARD_RATE_LIMIT_STORE',
    'server',
    oneOf(['memory', 'redis']),
    'memory',
    'Where requests are counted: memory, each process its share; redis, all together in REDIS_URL, and in memory while that is away.',
  ),
  definitionsRateLimit: required(
    'HALYARD_DEFINITIONS_RATE_LIMIT',
    'server',
    rate,
    '600/minute',
    'Definitions for local evaluation that a project may have, in each process.',
  ),
  definitionsConditionalRateLimit: required(
    'HALYARD_DEFINITIONS_CONDITIONAL_RATE_LIMIT',
    'server',
    rate,
    '6000/minute',
    'How often a project may ask whether its definitions have changed, in each process.',
  ),
  definitionsRateLimitOverrides: optional(
    'HALYARD_DEFINITIONS_RATE_LIMIT_OVERRIDES',
    'server',
    limitsOfTeams,
    'The former of single projects, by id: {"1": "1200/minute"}.',
  ),
  definitionsConditionalRateLimitOverrides: optional(
    'HALYARD_DEFINITIONS_CONDITIONAL_RATE_LIMIT_OVERRIDES',
    'server',
    limitsOfTeams,
    'The latter of single projects, by id.',
  ),
  definitionsUnlimited: optional(
    'HALYARD_DEFINITIONS_UNLIMITED_PROJECTS',
    'server',
    teamIds,
    'Ids of projects whose definitions are not limited: 1,7.',
  ),
  remoteConfigRateLimit: required(
    'HALYARD_REMOTE_CONFIG_RATE_LIMIT',
    'server',
    rate,
    '600/minute',
    'Remote configuration that a project may have with personal keys, in each process. Secret keys are not limited.',
  ),
  bots: required(
    'HALYARD_BOTS',
    'server',
    oneOf(MODES),
    'off',
    'Recognise crawlers: log tells them apart in log and metrics, on answers them without an evaluation.',
  ),
  botNetworks: optional(
    'HALYARD_BOT_NETWORKS',
    'server',
    path,
    'File with networks of crawlers, such as 192.0.2.0/24, one in each line.',
  ),
  geoipFile: optional(
    'HALYARD_GEOIP_FILE',
    'server',
    path,
    "City database in MaxMind's format, such as GeoLite2-City.mmdb: the place of the client's address fills $geoip_ properties.",
  ),
  cookielessRedisUrl: optional(
    'HALYARD_COOKIELESS_REDIS_URL',
    'server',
    redisUrl,
    'Redis with the daily salts of ids without cookies, shared with the ingestion. Without it $posthog_cookieless is an id like any other.',
  ),
  tracesUrl: optional(
    'HALYARD_TRACES_URL',
    'server',
    httpUrl,
    'Where OpenTelemetry spans are sent, OTLP over HTTP, such as http://collector:4318/v1/traces. Needs packages of its own.',
  ),
  quotaRedisUrl: optional(
    'HALYARD_QUOTA_REDIS_URL',
    'server',
    redisUrl,
    "Redis that has PostHog's lists of projects over their quota. Without it no project is.",
  ),
  usageRedisUrl: optional(
    'HALYARD_USAGE_REDIS_URL',
    'server',
    redisUrl,
    "Redis in which billable requests are counted under PostHog's keys, by project and SDK. Without it only metrics count them.",
  ),
  replayQuota: required(
    'HALYARD_REPLAY_QUOTA',
    'server',
    boolean,
    'false',
    'Switch recording off for projects that are over the quota of session replay, too.',
  ),
};
