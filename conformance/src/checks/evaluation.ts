import { type JsonObject, jsonText, type JsonValue } from '@halyard/json';
import type { Answer, FlagAnswer, TypedAnswer } from '../doors/door.ts';
import { PASSED, type Verdict, verdict } from '../report.ts';
import { isList, isObject, need } from '../vectors.ts';

/** Compares a door's answer with what the case expects: every flag of the response, its reason where pinned, the errors marker. */
export function compareAnswer(data: JsonObject, answer: Answer): Verdict {
  const expect = need<JsonObject>(data, 'expect');
  const flags = need<JsonObject>(expect, 'flags');
  for (const key of Object.keys(flags)) {
    const wanted = flags[key] as JsonObject;
    const got = answer.flags.get(key);
    if (got === undefined) return verdict(false, `${key} ${jsonText(wanted)}`, `no flag ${key}`);
    const expected = describeExpected(wanted);
    const actual = describe(got, wanted);
    if (expected !== actual) return verdict(false, `${key} ${expected}`, actual);
    const typed = isObject(data['v3']) && got.typed !== undefined ? compareTyped(data['v3'], got.typed) : PASSED;
    if (typed !== PASSED) return typed;
  }
  const absent = expect['absent'];
  const unwanted = [...answer.flags.keys()].find(
    (key) => !Object.hasOwn(flags, key) || (isList(absent) && absent.includes(key)),
  );
  if (unwanted !== undefined) return verdict(false, `no flag ${unwanted}`, 'one in the answer');
  const errors = expect['errors'];
  if (typeof errors === 'boolean' && errors !== answer.errors)
    return verdict(false, `errors ${errors}`, `errors ${answer.errors}`);
  return PASSED;
}

/** Only the members that the case names, and of these what the door shows, are compared. */
function compareTyped(wanted: JsonObject, got: TypedAnswer): Verdict {
  const seen: Record<string, JsonValue | undefined> = {
    value: got.value,
    code: got.code,
    condition_index: got.conditionIndex,
    rule_type: got.ruleType,
    rule_id: got.ruleId,
    internal_variant: got.variant,
  };
  for (const [name, value] of Object.entries(wanted)) {
    const actual = seen[name];
    if (actual === undefined) continue;
    const [left, right] = [jsonText(value), jsonText(actual)];
    if (left !== right) return verdict(false, `typed ${name} ${left}`, right);
  }
  return PASSED;
}

function describeExpected(wanted: JsonObject): string {
  const { reason } = wanted;
  return text(
    wanted['enabled'],
    wanted['variant'],
    wanted['payload'] ?? null,
    isObject(reason) ? [reason['code'], reason['condition_index'] ?? null] : undefined,
    wanted['value'],
  );
}

function describe(got: FlagAnswer, wanted: JsonObject): string {
  return text(
    got.enabled,
    got.variant,
    got.payload,
    isObject(wanted['reason']) ? [got.code, got.conditionIndex] : undefined,
    wanted['value'] === undefined ? undefined : (got.variant ?? got.enabled),
  );
}

function text(
  enabled: JsonValue | undefined,
  variant: JsonValue | undefined,
  payload: JsonValue,
  reason: readonly (JsonValue | undefined)[] | undefined,
  value: JsonValue | undefined,
): string {
  const parts = { enabled: enabled ?? null, variant: variant ?? null, payload } as Record<string, JsonValue>;
  if (reason !== undefined) parts['reason'] = reason.map((part) => part ?? null);
  if (value !== undefined) parts['value'] = value;
  return jsonText(parts);
}
