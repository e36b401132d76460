import { rates } from './limit-parser.ts';
import { boolean, httpUrl, oneOf } from './parsers.ts';
import { optional, required } from './setting.ts';

/** The API that changes flags instead of evaluating them. */
export const managementSettings = {
  management: required(
    'HALYARD_MANAGEMENT',
    'server',
    boolean,
    'true',
    'Answer the management API below /api/, with connections and limits of its own. Only where HALYARD_MODE is all.',
  ),
  console: required(
    'HALYARD_CONSOLE',
    'server',
    boolean,
    'true',
    'Answer the web console at /console/. Only where the management API is.',
  ),
  publicUrl: optional(
    'HALYARD_PUBLIC_URL',
    'server',
    httpUrl,
    'Address under which people and their tools reach this service, for the links in answers. Without it they say so themselves.',
  ),
  keysInQuery: required(
    'HALYARD_KEYS_IN_QUERY',
    'server',
    boolean,
    'false',
    'Take personal keys from the query parameter personal_api_key, too, where proxies and histories keep them.',
  ),
  managementRateLimit: required(
    'HALYARD_MANAGEMENT_RATE_LIMIT',
    'server',
    rates,
    'off',
    "Requests with personal keys to the management API that a project may have, in all processes together; then 429. PostHog's are 480/minute,4800/hour.",
  ),
  flagTraffic: required(
    'HALYARD_FLAG_TRAFFIC',
    'server',
    boolean,
    'true',
    'Count how often each flag is asked for and what came out, for people who manage flags; kept for 90 days.',
  ),
  recentRequests: required(
    'HALYARD_RECENT_REQUESTS',
    'server',
    boolean,
    'true',
    'Remember recent requests in memory for up to a day, with what flags look at, to tell whom a change would touch. Never written.',
  ),
  posthogWrites: required(
    'HALYARD_POSTHOG_WRITES',
    'server',
    oneOf(['refuse', 'forward', 'direct']),
    'refuse',
    'Changes of flags on a database of PostHog: refuse them, forward them to HALYARD_POSTHOG_URL, or write its tables directly.',
  ),
  posthogUrl: optional(
    'HALYARD_POSTHOG_URL',
    'server',
    httpUrl,
    'Where the PostHog application is that manages the database.',
  ),
};
