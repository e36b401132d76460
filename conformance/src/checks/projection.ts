import { answerText } from '@halyard/service';
import type { FlagResult } from 'halyard';
import { type JsonObject, jsonText, type JsonValue, parseJson } from '@halyard/json';
import { PASSED, type Verdict, verdict } from '../report.ts';
import { isList, isObject, need } from '../vectors.ts';

const SHAPES = {
  flags_v3: 'v3',
  flags_v2: 'v2',
  flags_v1: 'legacy',
  decide_v2: 'decide-2',
  decide_v1: 'decide-1',
} as const;

/** One flag outcome in every shape of the response (H57–H62). Only the members that the vector names are compared. */
export function checkProjection(data: JsonObject): Verdict {
  const outcome = need<JsonObject>(data, 'outcome');
  const results = outcome['omitted'] === true ? [] : [resultOf(outcome)];
  const projections = need<JsonObject>(data, 'projections');
  for (const name of Object.keys(projections)) {
    if (!Object.hasOwn(SHAPES, name)) return { outcome: 'skipped', reason: `no response shape ${name}` };
    const text = answerText({
      shape: SHAPES[name as keyof typeof SHAPES],
      evaluation: { results, errors: outcome['failed'] === true },
      program: {},
      requestId: '00000000-0000-4000-8000-000000000000',
      evaluatedAt: 0,
      minimalFlagCalledEvents: false,
      config: '',
    });
    const { response_version: _, ...expected } = projections[name] as JsonObject;
    const difference = differs(expected, parseJson(text), name);
    if (difference !== null) return difference;
  }
  return PASSED;
}

function resultOf(outcome: JsonObject): FlagResult {
  const reason = need<JsonObject>(outcome, 'reason');
  const enabled = need<boolean>(outcome, 'enabled');
  const variant = need<string | null>(outcome, 'variant');
  return {
    id: 0,
    flag: {
      id: need<number>(outcome, 'flag_id'),
      key: need<string>(outcome, 'key'),
      version: need<number>(outcome, 'flag_version'),
      hasExperiment: false,
      configVersion: 1,
    },
    enabled,
    variant,
    value: variant ?? enabled,
    payload: outcome['payload'] ?? undefined,
    reason: {
      code: need<string>(reason, 'code'),
      conditionIndex: (reason['condition_index'] as number | null | undefined) ?? null,
      description: null,
    },
    failed: outcome['failed'] === true,
  };
}

/** The first place where `got` lacks or contradicts what is expected; objects under `featureFlags` and `flags` must have equal keys. */
function differs(expected: JsonValue, got: JsonValue | undefined, path: string): Verdict | null {
  if (!isObject(expected)) {
    const same = got !== undefined && jsonText(got) === jsonText(expected);
    return same ? null : verdict(false, `${path} ${jsonText(expected)}`, got === undefined ? 'nothing' : jsonText(got));
  }
  if (!isObject(got) || isList(got))
    return verdict(false, `${path} to be an object`, got === undefined ? 'nothing' : jsonText(got));
  if (/\.(flags|featureFlags|featureFlagPayloads)$/.test(path)) {
    const extra = Object.keys(got).find((key) => !Object.hasOwn(expected, key));
    if (extra !== undefined) return verdict(false, `${path} without ${extra}`, jsonText(got));
  }
  for (const key of Object.keys(expected)) {
    const difference = differs(expected[key] as JsonValue, got[key], `${path}.${key}`);
    if (difference !== null) return difference;
  }
  return null;
}
