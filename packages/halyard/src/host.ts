// What a process that serves flags is built from: the service, the conformance doors and the benchmarks import this entry.
export * from '@halyard/data';
export * from '@halyard/engine';
export { CompiledProject } from './compiled-project.ts';
export { ProjectRegistry, type RegistryOptions } from './project-registry.ts';
