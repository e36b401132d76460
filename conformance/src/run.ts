import { jsonText } from '@halyard/json';
import { checkNaive, checkRelativeDate } from './checks/date.ts';
import { compareAnswer } from './checks/evaluation.ts';
import { checkHash, checkThreshold, checkVariantSelection } from './checks/hash.ts';
import { checkProjection } from './checks/projection.ts';
import { checkProperty } from './checks/property.ts';
import { checkRolloutArray } from './checks/rollout-array.ts';
import type { Door, Parts } from './doors/door.ts';
import type { Report, Verdict } from './report.ts';
import type { Vector, VectorFile } from './vectors.ts';

/** Runs every vector of the files through a door. Those about parts of the engine are for doors that show them. */
export async function runFiles(files: readonly VectorFile[], door: Door, report: Report): Promise<void> {
  const evaluations = files.flatMap((file) => file.vectors.filter(isEvaluation));
  await door.prepare(evaluations.map((vector) => vector.data));
  for (const file of files) {
    for (const vector of file.vectors) report.add(vector.id, await judge(vector, door));
    report.endFile(file.name);
  }
}

async function judge(vector: Vector, door: Door): Promise<Verdict> {
  try {
    if (isEvaluation(vector)) {
      const answer = await door.answer(vector.data);
      return 'skipped' in answer ? { outcome: 'skipped', reason: answer.skipped } : compareAnswer(vector.data, answer);
    }
    if (door.parts === undefined) return { outcome: 'skipped', reason: 'not a whole evaluation' };
    return await judgePart(vector, door.parts);
  } catch (error) {
    const got = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { outcome: 'failed', expected: 'an answer', got };
  }
}

/** A vector is known by the list it stands in and by its members, so that files may have any name. */
async function judgePart({ list, data }: Vector, parts: Parts): Promise<Verdict> {
  if (list === 'cases' && 'outcome' in data) return checkProjection(data);
  if (list === 'arrays') return checkRolloutArray(data, parts);
  if (list === 'thresholds') return checkThreshold(data, parts);
  if (list === 'variant_selection') return checkVariantSelection(data, parts);
  if (list === 'naive_to_utc') return checkNaive(data, parts);
  if (list === 'vectors' && 'filter' in data) return checkProperty(data, parts);
  if (list === 'vectors' && 'hash' in data) return checkHash(data, parts);
  if (list === 'vectors' && 'value' in data && 'now' in data) return checkRelativeDate(data, parts);
  return { outcome: 'failed', expected: 'a vector of a known form', got: `${list} ${jsonText(data).slice(0, 80)}` };
}

/** Whether a vector is a whole evaluation, which every door can be asked for. */
export function isEvaluation({ list, data }: Vector): boolean {
  return list === 'cases' && 'flags' in data && 'request' in data;
}
