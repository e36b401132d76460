import type { JsonObject, JsonValue } from '@halyard/json';

/**
 * The flags of the demo project: every feature once. The document has the format of PostHog's local-evaluation
 * endpoint, the one that `halyard import` reads.
 */
export const demoDefinitions: JsonObject = {
  flags: [
    flag(1, 'new-checkout', 'On for everybody, with a payload', {
      groups: [{ properties: [], rollout_percentage: 100 }],
      payloads: { true: '{"steps":3}' },
    }),
    flag(2, 'dark-mode', 'A stable half of all users', { groups: [{ properties: [], rollout_percentage: 50 }] }),
    flag(3, 'button-color', 'Three variants with payloads; one condition pins its variant', {
      groups: [
        { properties: [person('plan', 'exact', ['enterprise'])], rollout_percentage: 100, variant: 'blue' },
        { properties: [], rollout_percentage: 100 },
      ],
      multivariate: { variants: [variant('red', 34), variant('blue', 33), variant('green', 33)] },
      payloads: { red: '{"hex":"#d33"}', blue: '{"hex":"#36c"}', green: '{"hex":"#4a4"}' },
    }),
    flag(4, 'pro-reports', 'A property of the person: paying plans', {
      groups: [{ properties: [person('plan', 'exact', ['pro', 'enterprise'])], rollout_percentage: 100 }],
    }),
    flag(5, 'beta-search', 'Text, version and date filters together', {
      groups: [
        {
          properties: [
            person('email', 'regex', '@example\\.(com|org)$'),
            person('app_version', 'semver_gte', '2.4.0'),
            person('signed_up_at', 'is_date_before', '-7d'),
          ],
          rollout_percentage: 100,
        },
      ],
    }),
    flag(6, 'team-dashboard', 'Decided for the whole organization, by its tier', {
      aggregation_group_type_index: 0,
      groups: [
        {
          properties: [{ key: 'tier', type: 'group', group_type_index: 0, operator: 'exact', value: ['gold'] }],
          rollout_percentage: 100,
        },
      ],
    }),
    flag(7, 'europe-launch', 'A cohort described by filters', { groups: [inCohort(1)] }),
    flag(8, 'vip-support', 'A cohort with stored members', { groups: [inCohort(2)] }),
    flag(9, 'smart-cart', 'Depends on another flag', {
      groups: [
        {
          properties: [
            { key: 'new-checkout', type: 'flag', operator: 'flag_evaluates_to', value: true },
            person('items_in_cart', 'gt', 2),
          ],
          rollout_percentage: 100,
        },
      ],
    }),
    flag(
      10,
      'welcome-tour',
      'Stays the same when a visitor signs in (experience continuity)',
      { groups: [{ properties: [], rollout_percentage: 50 }] },
      { ensure_experience_continuity: true },
    ),
    flag(
      11,
      'install-banner',
      'Decided per device instead of per user',
      { groups: [{ properties: [], rollout_percentage: 50 }] },
      { bucketing_identifier: 'device_id' },
    ),
    flag(
      12,
      'pricing-test',
      'An experiment with a tenth of all users held out',
      {
        groups: [{ properties: [], rollout_percentage: 100 }],
        multivariate: { variants: [variant('control', 50), variant('annual-first', 50)] },
        holdout: { id: 7, exclusion_percentage: 10 },
      },
      { has_experiment: true },
    ),
    flag(13, 'labs-preview', 'Users enrol themselves; nobody else gets it', {
      groups: [{ properties: [], rollout_percentage: 0 }],
      feature_enrollment: true,
    }),
    flag(
      14,
      'api-limits',
      'For servers only, as remote configuration',
      {
        groups: [{ properties: [], rollout_percentage: 100 }],
        payloads: { true: '{"requests_per_minute":600}' },
      },
      { evaluation_runtime: 'server' },
    ),
    flag(
      15,
      'mobile-onboarding',
      'Only for requests of the context "mobile", and for those that name none',
      { groups: [{ properties: [], rollout_percentage: 100 }] },
      { evaluation_contexts: ['mobile'] },
    ),
    flag(16, 'careful-launch', 'Early exit: who misses the rollout is not offered the next condition', {
      early_exit: true,
      groups: [
        { properties: [person('plan', 'is_set', 'is_set')], rollout_percentage: 20 },
        { properties: [], rollout_percentage: 100 },
      ],
    }),
    flag(
      17,
      'old-export',
      'Switched off: not part of any answer',
      { groups: [{ properties: [], rollout_percentage: 100 }] },
      { active: false },
    ),
  ],
  group_type_mapping: { 0: 'organization' },
  cohorts: [
    {
      id: 1,
      name: 'Europe',
      is_static: false,
      filters: {
        properties: {
          type: 'OR',
          values: [{ type: 'AND', values: [person('country', 'exact', ['GB', 'DE', 'FR', 'NL'])] }],
        },
      },
    },
    { id: 2, name: 'VIPs', is_static: true, filters: {} },
  ],
};

function flag(id: number, key: string, name: string, filters: JsonObject, more: JsonObject = {}): JsonObject {
  return { id, key, name, filters, active: true, version: 1, ...more };
}

function variant(key: string, percentage: number): JsonObject {
  return { key, rollout_percentage: percentage };
}

function person(key: string, operator: string, value: JsonValue): JsonObject {
  return { key, type: 'person', operator, value };
}

function inCohort(id: number): JsonObject {
  return { properties: [{ key: 'id', type: 'cohort', operator: 'in', value: id }], rollout_percentage: 100 };
}
