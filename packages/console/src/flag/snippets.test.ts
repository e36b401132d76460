import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { curlOf, terraformOf } from './snippets.ts';

describe('lines to copy', () => {
  it('K23: a request with quotes in it reaches curl as it is', () => {
    const asked = { distinctId: `it's "me" $HOME`, personProperties: { plan: 'pro' }, groups: {} };
    const line = curlOf('http://127.0.0.1:8000', 'phc_x', 'dark-mode', asked);
    const printed = execFileSync('sh', ['-c', `printf '%s\\n' ${line}`], { encoding: 'utf8' }).split('\n');
    expect(printed).toContain('http://127.0.0.1:8000/flags?v=2');
    expect(JSON.parse(printed[4] ?? '')).toEqual({
      token: 'phc_x',
      distinct_id: asked.distinctId,
      person_properties: { plan: 'pro' },
      flag_keys_to_evaluate: ['dark-mode'],
    });
  });

  it('K40: the block of a flag for Terraform, in which texts are no templates', () => {
    const block = terraformOf({
      key: '1.new-cart',
      name: 'Costs ${amount}',
      active: true,
      tags: ['a'],
      filters: { groups: [{ properties: [], rollout_percentage: 50 }] },
      archived: false,
      deleted: false,
      ensure_experience_continuity: true,
      is_remote_configuration: false,
      has_encrypted_payloads: false,
      evaluation_runtime: 'all',
      bucketing_identifier: 'distinct_id',
      evaluation_contexts: [],
    });
    expect(block).toMatch(/^resource "posthog_feature_flag" "_1_new-cart" \{\n {2}key {5}= "1\.new-cart"\n/);
    expect(block).toContain('name    = "Costs $${amount}"');
    expect(block).toContain('ensure_experience_continuity = true');
    expect(block).toMatch(/filters = jsonencode\(\{[\s\S]*"rollout_percentage": 50[\s\S]*\}\)\n\}$/);
  });
});
