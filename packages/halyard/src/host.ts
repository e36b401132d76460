// What a process that serves flags is built from: the service, the conformance doors and the benchmarks import this entry.
export * from '@halyard/data';
export * from '@halyard/engine';
export { CompiledProject } from './compiled-project.ts';
export type { FreshnessState } from '@halyard/data/conversation';
export type { Freshness, FreshnessChange } from './projects/freshness-report.ts';
export { type FollowOptions, followChanges } from './projects/follow-changes.ts';
export { ProjectRegistry, type RegistryMetrics } from './projects/project-registry.ts';
export type { RegistryLimits, RegistryOptions } from './projects/registry-options.ts';
