import {
  bucketingHash,
  compile,
  evaluate,
  isInRollout,
  matchProperty,
  pickVariant,
  readDate,
  readRelativeDate,
  variantBoundaries,
} from '@halyard/engine';
import type { Parts } from './door.ts';

/** The engine's parts in this process. */
export const engineParts: Parts = {
  bucketingHash: (...call) => Promise.resolve(bucketingHash(...call)),
  isInRollout: (...call) => Promise.resolve(isInRollout(...call)),
  variantBoundaries: (percentages) => Promise.resolve(variantBoundaries(percentages)),
  pickVariant: (hash, percentages) => Promise.resolve(pickVariant(hash, variantBoundaries(percentages))),
  matchProperty: (...call) => Promise.resolve(matchProperty(...call)),
  readDate: (...call) => Promise.resolve(readDate(...call)),
  readRelativeDate: (...call) => Promise.resolve(readRelativeDate(...call)),
  valuesFor(definitions, distinctIds) {
    const program = compile(definitions);
    return Promise.resolve(
      distinctIds.map((distinctId) => evaluate(program, { distinctId, now: 0 }).results[0]?.value ?? null),
    );
  },
};
