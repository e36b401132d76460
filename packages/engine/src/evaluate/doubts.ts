import type { CompiledCondition } from '../program/condition.ts';
import type { FlagFilter } from '../program/filter.ts';
import type { ConfigurationV1 } from '../program/flag.ts';
import type { FlagResult } from '../result.ts';

/** What could not be known on the way to a flag's answer: the answer stands if it would have been the same. */
export class Doubts {
  readonly #hypotheses: { assuming: FlagFilter; answer: FlagResult }[] = [];
  #unmapped = false;
  #unmappedRollout = false;

  /** E143: the flag would have given this answer if the filter on a failed flag had passed. */
  suppose(assuming: FlagFilter, answer: FlagResult): void {
    this.#hypotheses.push({ assuming, answer });
  }

  /** E159: this condition was skipped for want of the group type mapping. */
  skip(condition: CompiledCondition): void {
    this.#unmapped = true;
    if (condition.rollout < 100) this.#unmappedRollout = true;
  }

  /** The answer, which stands if it is a failure anyway (E161), or the failure that it is because it hangs on what is not known. */
  settle(answer: FlagResult, { earlyExit, results }: ConfigurationV1): FlagResult {
    if (answer.failed) return answer;
    if (this.#unmapped) {
      // E159: a later match stands, unless a rollout before it might have ended the flag.
      const stands = answer.enabled && !(earlyExit && this.#unmappedRollout);
      if (!stands) return results.failure('group_type_lookup_failed');
    }
    const contradicted = this.#hypotheses.find((hypothesis) => hypothesis.answer.value !== answer.value);
    return contradicted === undefined ? answer : results.dependencyFailed(contradicted.assuming.targetKey);
  }
}
