// Bucketing alone, with packed prefixes: for tools that hash many subjects and for the benchmark's floor.
export { bucket, bucketingHash, isInRollout, packPrefix, pickVariant, variantBoundaries } from './bucketing.ts';
export { ROLLOUT, Subject, VARIANT } from './subject.ts';
