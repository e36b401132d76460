import type { Position } from '@halyard/data';
import type { CompiledProject } from '../compiled-project.ts';
import { errorClass, type Freshness, type FreshnessEvent, type FreshnessState, nextState } from './freshness.ts';
import type { Snapshot } from './look.ts';

/** One project in memory: its snapshot, and how fresh that is. */
export class HeldProject {
  readonly token: string;
  compiled: CompiledProject;
  position: Position | undefined;
  origin: string;
  state: FreshnessState = 'loading';
  /** From when on a request causes a look. */
  dueAt = Number.POSITIVE_INFINITY;
  /** From when on a look is due even without a request. */
  idleUntil = Number.POSITIVE_INFINITY;
  /** When the last look ended, well or not. */
  checkedAt: number;
  /** When the snapshot was last known to be the newest. */
  confirmedAt: number | null = null;
  /** Failed looks in a row. */
  failures = 0;
  lastError: unknown = null;
  /** A notice came and its change may not have been seen yet: the writer is to be asked. */
  announced = false;

  constructor(token: string, compiled: CompiledProject, position: Position | undefined, origin: string, now: number) {
    this.token = token;
    this.compiled = compiled;
    this.position = position;
    this.origin = origin;
    this.checkedAt = now;
  }

  /** @returns whether the state changed */
  move(event: FreshnessEvent): boolean {
    const before = this.state;
    this.state = nextState(before, event);
    return this.state !== before;
  }

  get isBeingChecked(): boolean {
    return this.state === 'checking' || this.state === 'retrying';
  }

  get snapshot(): Snapshot {
    return { project: this.compiled.project, revision: this.compiled.revision, position: this.position };
  }

  /** Since the snapshot was last known to be the newest; null when it never was. */
  ageSeconds(now: number): number | null {
    return this.confirmedAt === null ? null : Math.max(0, now - this.confirmedAt) / 1_000;
  }

  inspect(now: number): Freshness {
    return {
      state: this.state,
      teamId: this.compiled.teamId,
      revision: this.compiled.revision,
      origin: this.origin,
      ageSeconds: this.ageSeconds(now),
      lastError: this.lastError === null ? null : errorClass(this.lastError),
    };
  }
}
