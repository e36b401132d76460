import { errorClass, type Position, type ProjectDefinitions } from '@halyard/data';
import { ageSeconds, type FreshnessRecord, isLookedAt, type Snapshot } from '@halyard/data/conversation';
import type { CompiledProject } from '../compiled-project.ts';
import type { Freshness, FreshnessChange } from './freshness-report.ts';

/** One project in memory: its snapshot, and how fresh that is. */
export class HeldProject {
  readonly token: string;
  readonly record: FreshnessRecord;
  compiled: CompiledProject;
  position: Position | undefined;
  origin: string;

  constructor(token: string, record: FreshnessRecord, compiled: CompiledProject, loaded: ProjectDefinitions) {
    this.token = token;
    this.record = record;
    this.compiled = compiled;
    this.position = loaded.position;
    this.origin = loaded.origin ?? 'store';
  }

  /** What was read becomes the snapshot. */
  take(compiled: CompiledProject, loaded: ProjectDefinitions): void {
    this.compiled = compiled;
    this.position = loaded.position;
    this.origin = loaded.origin ?? 'store';
  }

  get isLookedAt(): boolean {
    return isLookedAt(this.record);
  }

  get snapshot(): Snapshot {
    return { project: this.compiled.project, revision: this.compiled.revision, position: this.position };
  }

  inspect(now: number): Freshness {
    const { state, lastError } = this.record;
    return {
      state,
      teamId: this.compiled.teamId,
      revision: this.compiled.revision,
      origin: this.origin,
      ageSeconds: ageSeconds(this.record, now),
      lastError: lastError === null ? null : errorClass(lastError),
    };
  }

  change(became: FreshnessChange['became'], age: number | null): FreshnessChange {
    return {
      became,
      teamId: this.compiled.teamId,
      revision: this.compiled.revision,
      ageSeconds: age,
      error: became === 'stale' ? this.record.lastError : null,
    };
  }
}
