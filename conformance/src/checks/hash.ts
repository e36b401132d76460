import { type JsonObject, jsonText, type JsonValue } from '@halyard/json';
import type { Parts } from '../doors/door.ts';
import { PASSED, type Verdict, verdict } from '../report.ts';
import { isList, need, numberOf } from '../vectors.ts';

/** A hash, and which rollouts include it (E15–E19). */
export async function checkHash(data: JsonObject, parts: Parts): Promise<Verdict> {
  const got = await parts.bucketingHash(
    need<string>(data, 'prefix'),
    need<string>(data, 'identifier'),
    need<string>(data, 'salt'),
  );
  const expected = numberOf(need(data, 'hash'));
  if (got !== expected) return verdict(false, String(expected), String(got));
  const { rollout } = data;
  for (const pair of isList(rollout) ? rollout : []) {
    const [percentage, included] = pair as readonly [JsonValue, boolean];
    const inside = await parts.isInRollout(got, numberOf(percentage));
    if (inside !== included) {
      return verdict(false, `${included} at ${numberOf(percentage)} %`, `${inside} at ${numberOf(percentage)} %`);
    }
  }
  return PASSED;
}

/** A point against a percentage (E16, E17). */
export async function checkThreshold(data: JsonObject, parts: Parts): Promise<Verdict> {
  const got = await parts.isInRollout(numberOf(need(data, 'hash')), numberOf(need(data, 'rollout_percentage')));
  return verdict(got === data['included'], jsonText(data['included'] ?? null), String(got));
}

/** A point against variants (E18). */
export async function checkVariantSelection(data: JsonObject, parts: Parts): Promise<Verdict> {
  const variants = need<readonly JsonObject[]>(data, 'variants');
  const percentages = variants.map((variant) => numberOf(variant['rollout_percentage']));
  const boundaries = await parts.variantBoundaries(percentages);
  const { boundaries: expectedBoundaries } = data;
  if (isList(expectedBoundaries)) {
    const expected = expectedBoundaries.map(numberOf);
    if (expected.join() !== boundaries.join())
      return verdict(false, `boundaries ${expected.join()}`, `boundaries ${boundaries.join()}`);
  }
  const position = await parts.pickVariant(numberOf(need(data, 'hash')), percentages);
  const selected = variants[position]?.['key'] ?? null;
  return verdict(selected === data['selected'], jsonText(data['selected'] ?? null), jsonText(selected));
}
