/*
 * What the vectors need of `halyard/host` and of the service, without drivers and servers.
 */
export { MemoryStore } from '../../packages/data/src/memory/memory-store.ts';
export { CompiledProject } from '../../packages/halyard/src/compiled-project.ts';

/** Vectors about the body of an answer are not among those that judge. */
export function answerText(): never {
  throw new Error('no service here');
}
