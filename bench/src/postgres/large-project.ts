import { ask } from '@halyard/data/testing';
import { fromLocalEvaluation } from '@halyard/engine';
import type { JsonValue } from '@halyard/json';
import { ProjectWriter } from 'halyard/host';

/** Makes a project of many flags as such a project has them: tags, calls lately, counts of a week. */
export async function fillLargeProject(url: string, token: string, size: number): Promise<void> {
  const flags = Array.from({ length: size }, (_, n) => ({
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
    await writer.importDefinitions(fromLocalEvaluation({ flags: flags as JsonValue }), { token });
  } finally {
    await writer.close();
  }
  const ofProject = `and f.team_id = (select id from posthog_team where api_token = '${token}')`;
  await ask(
    url,
    `insert into posthog_tag (id, name, team_id) select gen_random_uuid(), 'team-' || i, t.id from posthog_team t, generate_series(1, 12) i where t.api_token = '${token}'`,
    `insert into posthog_taggeditem (id, tag_id, feature_flag_id) select gen_random_uuid(), t.id, f.id
       from posthog_featureflag f join posthog_tag t on t.team_id = f.team_id and t.name = 'team-' || (f.id % 12 + 1) ${ofProject}`,
    `insert into halyard_flag_traffic (team_id, flag_id, hour, value, count)
       select f.team_id, f.id, date_trunc('hour', now()) - interval '1 hour' * h, v, 10
         from posthog_featureflag f, generate_series(0, 167, 3) h, unnest(array['true', 'false']) v where f.id % 4 = 0 ${ofProject}`,
    `update posthog_featureflag set last_called_at = now() - interval '1 minute' * (id % 5000)`,
    'analyze',
  );
}
