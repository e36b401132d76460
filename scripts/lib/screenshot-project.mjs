/*
 * The demo project as it looks after some weeks of work: labels, authors, calls, plans and people, so that no column of
 * a picture is empty. Everything goes through the management API, but for time that has passed: that is written as rows.
 */

/** @typedef {(method: string, path: string, body?: unknown) => Promise<unknown>} Send */

/**
 * Fills a freshly seeded demo project.
 *
 * @param {Send} send asks the management API as whoever is signed in
 * @param {(...statements: string[]) => Promise<unknown[]>} sql
 * @param {number} project
 */
export async function fillProject(send, sql, project) {
  const root = `/api/projects/${project}`;
  await sql(
    `update posthog_user set first_name = 'Ada', last_name = 'Lovelace' where email = 'ada@example.com'`,
    `with u as (insert into posthog_user (email, first_name) values ('grace@example.com', 'Grace') returning id)
     insert into posthog_organizationmembership (user_id, organization_id, level)
     select u.id, t.organization_id, 8 from u, posthog_team t where t.id = ${project}`,
  );
  const { results: flags } = /** @type {{ results: { id: number, key: string }[] }} */ (
    await send('GET', `${root}/feature_flags/?limit=100`)
  );
  const flag = (/** @type {string} */ key) => {
    const found = flags.find((one) => one.key === key);
    if (found === undefined) throw new Error(`The demo project has no flag ${key}.`);
    return found;
  };
  const tags = [
    ['checkout', ['new-checkout', 'button-color', 'smart-cart', 'pricing-test']],
    ['growth', ['welcome-tour', 'pricing-test', 'install-banner']],
    ['enterprise', ['pro-reports', 'team-dashboard', 'vip-support']],
    ['mobile', ['mobile-onboarding', 'install-banner']],
    ['legacy', ['old-export']],
  ];
  for (const [tag, keys] of /** @type {[string, string[]][]} */ (tags)) {
    const ids = keys.map((key) => flag(key).id);
    await send('POST', `${root}/feature_flags/bulk_update_tags/`, { ids, action: 'add', tags: [tag] });
  }
  const share = (/** @type {number} */ percent) => ({ groups: [{ properties: [], rollout_percentage: percent }] });
  for (const [percent, note] of /** @type {[number, string][]} */ ([
    [10, 'First tenth, support is told'],
    [25, 'No complaints so far'],
    [50, ''],
  ])) {
    await send('PATCH', `${root}/feature_flags/dark-mode/`, { filters: share(percent), change_note: note });
  }
  await send('POST', `${root}/feature_flags/`, {
    key: 'free-shipping-banner',
    name: 'The banner over the cart. Everybody has it since the summer sale.',
    filters: share(100),
    tags: ['checkout', 'legacy'],
  });
  await send('POST', `${root}/cohorts/`, {
    name: 'Paying customers in Europe',
    description: 'For launches that need a contract and a European address.',
    filters: {
      properties: {
        type: 'AND',
        values: [
          { type: 'person', key: 'plan', operator: 'exact', value: ['pro', 'enterprise'] },
          {
            type: 'OR',
            values: [
              { type: 'person', key: 'country', operator: 'exact', value: ['GB', 'DE', 'FR', 'NL'] },
              { type: 'person', key: 'email', operator: 'ends_with', value: '.eu' },
            ],
          },
        ],
      },
    },
  });
  await send('POST', `${root}/early_access_feature/`, {
    name: 'Faster search',
    description: 'Results while you type.',
    stage: 'beta',
    documentation_url: 'https://docs.example.com/search',
    feature_flag_id: flag('labs-preview').id,
  });
  await send('POST', `${root}/early_access_feature/`, {
    name: 'Offline mode',
    description: 'Keep working on a train.',
    stage: 'concept',
  });
  const day = 86_400_000;
  const at = (/** @type {number} */ ms) => new Date(Math.ceil((Date.now() + ms) / 3_600_000) * 3_600_000).toISOString();
  const plan = (/** @type {string} */ key, /** @type {object} */ more) =>
    send('POST', `${root}/scheduled_changes/`, { record_id: String(flag(key).id), model_name: 'FeatureFlag', ...more });
  await plan('old-export', { payload: { operation: 'update_status', value: true }, scheduled_at: at(2 * day) });
  await plan('dark-mode', {
    payload: {
      operation: 'add_release_condition',
      value: {
        groups: [
          { properties: [{ key: 'plan', type: 'person', operator: 'exact', value: ['pro'] }], rollout_percentage: 100 },
        ],
      },
    },
    scheduled_at: at(9 * 3_600_000),
  });
  await plan('install-banner', {
    payload: { operation: 'update_status', value: false },
    scheduled_at: at(5 * day),
    is_recurring: true,
    cron_expression: '0 18 * * 5',
  });
  await plan('pricing-test', { payload: { operation: 'update_status', value: false }, scheduled_at: at(-2 * day) });
  await sql(
    `update posthog_scheduledchange set executed_at = scheduled_at + interval '12 seconds',
       failure_reason = 'Cannot disable this flag while active flags depend on it: smart-cart'
     where scheduled_at < now()`,
  );
  await passTime(sql, project);
  const keys = [
    ['CI of the shop', ['feature_flag:write']],
    ['Terraform', ['feature_flag:write', 'cohort:write']],
  ];
  for (const [label, scopes] of keys) await send('POST', '/api/personal_api_keys/', { label, scopes });
  await send('POST', `${root}/project_secret_api_keys/`, { label: 'Backend', scopes: ['feature_flag:read'] });
}

/**
 * Flags that are months old, and calls of the last 30 days that rise and fall with the hours.
 *
 * @param {(...statements: string[]) => Promise<unknown[]>} sql
 * @param {number} project
 */
async function passTime(sql, project) {
  await sql(
    `insert into halyard_setting (name, value) values ('flag_calls_counted_since', to_jsonb((now() - interval '90 days')::text))
     on conflict (name) do update set value = excluded.value`,
    `update posthog_featureflag set created_at = now() - interval '1 day' * (20 + id % 90) where team_id = ${project}`,
    `update posthog_featureflag set updated_at = created_at + interval '9 days', last_modified_by_id = null
     where team_id = ${project} and key in ('old-export', 'free-shipping-banner', 'api-limits', 'europe-launch', 'careful-launch')`,
    `update posthog_featureflag set created_at = now() - interval '140 days', updated_at = now() - interval '120 days'
     where team_id = ${project} and key in ('free-shipping-banner', 'careful-launch')`,
    `update posthog_featureflag set updated_at = now() - interval '1 hour' * (id * id * 7 % 900)
     where team_id = ${project} and key not in ('old-export', 'free-shipping-banner', 'api-limits', 'europe-launch', 'careful-launch')`,
    `delete from halyard_flag_traffic where team_id = ${project}`,
    `update posthog_featureflag set last_called_at = null where team_id = ${project}`,
    `insert into halyard_flag_traffic (team_id, flag_id, hour, value, count)
     select ${project}, f.id, h.hour, v.value,
       greatest(1, round((40 + f.id * 37 % 300) * v.share * (1.2 + sin(extract(hour from h.hour) / 24 * 6.283 - 2))
         * (case when extract(isodow from h.hour) > 5 then 0.45 else 1 end) * (1 + (f.id * 7 + extract(day from h.hour)::int * 13) % 10 / 20.0)))::bigint
       from posthog_featureflag f
       cross join generate_series(date_trunc('hour', now()) - interval '30 days', date_trunc('hour', now()), interval '1 hour') h (hour)
       cross join lateral (
         select m.value ->> 'key' as value, (m.value ->> 'rollout_percentage')::numeric / 100 as share
           from jsonb_array_elements(f.filters -> 'multivariate' -> 'variants') m
         union all
         select 'true', 0.6 where f.filters @? '$.groups[*]' and not f.filters @? '$.multivariate.variants[*]'
         union all
         select 'false', 0.4 where not f.filters @? '$.multivariate.variants[*]') v
      where f.team_id = ${project} and f.active and f.key not in ('free-shipping-banner', 'careful-launch', 'labs-preview')
     on conflict do nothing`,
    `update posthog_featureflag f set last_called_at = now() - interval '1 minute' * (id * 11 % 90)
     where exists (select from halyard_flag_traffic t where t.flag_id = f.id)`,
    `update posthog_featureflag set last_called_at = now() - interval '41 days' where key = 'careful-launch'`,
  );
}
