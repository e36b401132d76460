import type { Batches, Row } from '@halyard/data/import';
import { jsonText, type JsonValue } from '@halyard/json';

/**
 * Begins the work anew and takes it as far as the answers go. Nothing is kept between calls, so that a host which gives up leaves nothing
 * behind; the work must ask the same for the same answers.
 *
 * @param answers per batch the rows of its statements; a host that has asked nothing yet sends none
 * @returns `?` and the batch to run next, as a JSON list of `{text, values}`, or `=` and the result as JSON
 */
export function batchesAnswer(work: Batches<JsonValue>, answers: JsonValue | undefined): string {
  let step = work.next();
  for (const answer of (answers ?? []) as unknown as readonly (readonly (readonly Row[])[])[]) {
    if (step.done === true) break;
    step = work.next(answer);
  }
  if (step.done === true) return `=${jsonText(step.value)}`;
  return `?${JSON.stringify(step.value.map(({ text, values }) => ({ text, values })))}`;
}
