import { type JsonObject, jsonText, type JsonValue } from '@halyard/json';
import type { Parts } from '../doors/door.ts';
import { type Verdict, verdict } from '../report.ts';
import { isList, need, nowOf } from '../vectors.ts';

/** One property filter against one property set (section 5). */
export async function checkProperty(data: JsonObject, parts: Parts): Promise<Verdict> {
  const { timezone } = data;
  const got = await parts.matchProperty(need<JsonObject>(data, 'filter'), need<JsonObject>(data, 'properties'), {
    now: nowOf(data),
    partial: data['partial'] === true,
    ...(typeof timezone === 'string' ? { timezone } : {}),
    propertyMatchingVersion: data['property_matching_version'] === 2 ? 2 : 1,
  });
  const expected = need<JsonValue>(data, 'expect');
  const also = data['also_accept'];
  const accepted = [expected, ...(isList(also) ? also : also === undefined ? [] : [also])];
  return verdict(accepted.includes(got), accepted.map(jsonText).join(' or '), String(got));
}
