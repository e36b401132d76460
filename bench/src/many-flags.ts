import { ask } from '@halyard/data/testing';
import { fromLocalEvaluation } from '@halyard/engine';
import type { JsonValue } from '@halyard/json';
import { ProjectWriter } from 'halyard/host';

/** A project as a large team has it: tags, hours of traffic and times of last calls beside its flags. */
export async function writeManyFlags(url: string, count: number): Promise<void> {
  const flags = Array.from({ length: count }, (_, n) => ({
    id: n + 1,
    key: `${['cart', 'search', 'billing', 'mobile'][n % 4]}-feature-${n}`,
    name: `What feature ${n} is for, in a few words`,
    active: n % 7 !== 0,
    version: 1,
    filters: {
      groups: [
        {
          properties: [{ key: 'plan', type: 'person', operator: 'exact', value: ['pro', `v${n}`] }],
          rollout_percentage: n % 101,
        },
        { properties: [], rollout_percentage: n % 50 },
      ],
    },
  }));
  const writer = await ProjectWriter.open(url);
  try {
    await writer.importDefinitions(fromLocalEvaluation({ flags: flags as JsonValue }), { token: 'phc_bench' });
  } finally {
    await writer.close();
  }
  await ask(
    url,
    `insert into posthog_tag (id, name, team_id) select gen_random_uuid(), 'team-' || i, t.id from posthog_team t, generate_series(1, 12) i`,
    `insert into posthog_taggeditem (id, tag_id, feature_flag_id) select gen_random_uuid(), t.id, f.id
       from posthog_featureflag f join posthog_tag t on t.name = 'team-' || (f.id % 12 + 1)`,
    `insert into halyard_flag_traffic (team_id, flag_id, hour, value, count)
       select f.team_id, f.id, date_trunc('hour', now()) - interval '1 hour' * h, v, 10
         from posthog_featureflag f, generate_series(0, 167, 3) h, unnest(array['true', 'false']) v where f.id % 4 = 0`,
    `update posthog_featureflag set last_called_at = now() - interval '1 minute' * (id % 5000)`,
    'analyze',
  );
}
