import type { Batches } from './batches.ts';

/** What `node-pg-migrate` writes down; in no way PostHog's own list. */
export const migrationsTable = 'halyard_migrations';

/**
 * Whether the tables are PostHog's own (D32): nothing but keys of experience continuity may be written to them, and no migration of ours
 * may run. A database without tables is nobody's.
 */
export function* belongToPostHog(): Batches<boolean> {
  const [[found = {}] = []] = yield [
    {
      text: `select (to_regclass('${migrationsTable}') is not null)::text as ours,
  (coalesce(to_regclass('posthog_featureflag'), to_regclass('posthog_person')) is not null)::text as made,
  (to_regclass('django_migrations') is not null)::text as django`,
      values: [],
    },
  ];
  if (found['django'] === 'true') {
    // Any Django project has that table; only PostHog's lists migrations of PostHog.
    const [[listed = {}] = []] = yield [
      { text: `select exists (select from django_migrations where app = 'posthog')::text as posthog`, values: [] },
    ];
    if (listed['posthog'] === 'true') return true;
  }
  // A copy or a persons database may lack that list.
  return found['ours'] !== 'true' && found['made'] === 'true';
}
