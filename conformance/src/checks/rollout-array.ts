import { type JsonObject, jsonText, type JsonValue } from '@halyard/json';
import type { Definitions } from '@halyard/engine';
import type { Parts } from '../doors/door.ts';
import { PASSED, type Verdict, verdict } from '../report.ts';
import { need, numberOf } from '../vectors.ts';

/** The results of one rollout for a run of distinct ids. */
export async function checkRolloutArray(data: JsonObject, parts: Parts): Promise<Verdict> {
  const key = need<string>(data, 'flag_key');
  const variants = data['variants'];
  const definitions: Definitions = {
    teamId: 1,
    flags: [
      {
        id: 1,
        key,
        active: true,
        filters: {
          groups: [{ properties: [], rollout_percentage: need<JsonValue>(data, 'rollout_percentage') }],
          ...(variants === undefined ? {} : { multivariate: { variants } }),
        },
      },
    ],
    cohorts: [],
    groupTypeMapping: {},
  };
  const pattern = need<string>(data, 'distinct_ids');
  const from = numberOf(need(data, 'from'));
  const count = numberOf(need(data, 'count'));
  const expect = need<string>(data, 'expect');
  const legend = need<JsonObject>(data, 'legend');
  if (expect.length !== count) return verdict(false, `${count} results`, `a vector with ${expect.length}`);
  const distinctIds = Array.from({ length: count }, (_, i) => pattern.replace('%d', String(from + i)));
  const values = await parts.valuesFor(definitions, distinctIds);
  for (const [i, distinctId] of distinctIds.entries()) {
    const expected = legend[expect.charAt(i)];
    if (values[i] !== expected)
      return verdict(false, `${jsonText(expected ?? null)} for ${distinctId}`, jsonText(values[i] ?? null));
  }
  return PASSED;
}
