import { compile, evaluate, type JsonObject, type JsonValue } from '@halyard/engine';
import { PASSED, type Verdict, verdict } from '../report.ts';
import { need, numberOf } from '../vectors.ts';

/** The results of one rollout for a run of distinct ids. */
export function checkRolloutArray(data: JsonObject): Verdict {
  const key = need<string>(data, 'flag_key');
  const variants = data['variants'];
  const program = compile({
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
  });
  const pattern = need<string>(data, 'distinct_ids');
  const from = numberOf(need(data, 'from'));
  const count = numberOf(need(data, 'count'));
  const expect = need<string>(data, 'expect');
  const legend = need<JsonObject>(data, 'legend');
  if (expect.length !== count) return verdict(false, `${count} results`, `a vector with ${expect.length}`);
  for (let i = 0; i < count; i++) {
    const distinctId = pattern.replace('%d', String(from + i));
    const got = evaluate(program, { distinctId, now: 0 }).results[0]?.value;
    const expected = legend[expect.charAt(i)];
    if (got !== expected) return verdict(false, `${String(expected)} for ${distinctId}`, String(got));
  }
  return PASSED;
}
