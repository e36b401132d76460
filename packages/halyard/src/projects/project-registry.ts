import type { ProjectDefinitions, StoreSide } from '@halyard/data';
import { compile } from '@halyard/engine';
import { CompiledProject } from '../compiled-project.ts';
import { CheckQueue } from './check-queue.ts';
import type { Freshness, FreshnessState } from './freshness.ts';
import { HeldProject } from './held-project.ts';
import { HeldProjects } from './held-projects.ts';
import { look } from './look.ts';
import { defaultLimits, type RegistryLimits, type RegistryOptions } from './registry-options.ts';
import { estimateBytes } from './size-estimate.ts';
import { UnknownTokens } from './unknown-tokens.ts';

/** Failures to read projects that are not held are told this often at most. */
const TELL_FAILURES_MS = 1_000;

export interface RegistryMetrics {
  /** Projects by state; unknown tokens under `unknown`. */
  readonly states: Readonly<Record<FreshnessState, number>>;
  /** Estimated memory of the projects held. */
  readonly bytes: number;
  /** Age of the oldest stale snapshot; 0 when none is stale. */
  readonly oldestStaleSeconds: number;
  /** Notices arrive, so a change is seen at once. */
  readonly listening: boolean;
  /** Looks under way, and those that wait for them. */
  readonly checksRunning: number;
  readonly checksWaiting: number;
  /** Since the start: looks, failed ones, definitions taken, projects dropped for others. */
  readonly checks: number;
  readonly failedChecks: number;
  readonly reads: number;
  readonly dropped: number;
}

/**
 * Compiled projects by token, kept fresh as `docs/freshness.md` describes. A project that is held comes back at once and is looked
 * after behind the request; a failing store never replaces the last good snapshot, and no older definitions replace newer ones.
 */
export class ProjectRegistry {
  readonly #options: RegistryOptions;
  readonly #limits: RegistryLimits;
  readonly #held: HeldProjects;
  readonly #unknown: UnknownTokens;
  readonly #loading = new Map<string, Promise<CompiledProject | null>>();
  /** Teams announced while something was loading, which may have been read before the change. */
  readonly #announcedMeanwhile = new Set<number>();
  readonly #queue: CheckQueue;
  #timer: NodeJS.Timeout | undefined;
  #listening = false;
  #closed = false;
  #sweptAt = Number.NEGATIVE_INFINITY;
  #failureToldAt = Number.NEGATIVE_INFINITY;
  #checks = 0;
  #failedChecks = 0;
  #reads = 0;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options };
    const { maxProjects, maxBytes, maxUnknownTokens, unknownForMs, maxChecks, sweepEveryMs } = this.#limits;
    this.#held = new HeldProjects(maxProjects, maxBytes);
    this.#unknown = new UnknownTokens(maxUnknownTokens, unknownForMs);
    this.#queue = new CheckQueue(maxChecks);
    if (sweepEveryMs > 0) this.#timer = setInterval(() => this.sweep(), sweepEveryMs).unref();
  }

  /**
   * The project with this public token, `null` when there is none. Rejects with the store's error when the token has never been
   * seen and the store cannot say.
   */
  byToken(token: string): CompiledProject | null | Promise<CompiledProject | null> {
    const held = this.#held.get(token);
    const now = this.#options.now();
    if (held !== undefined) {
      if (now >= held.dueAt) this.#check(held, false);
      return held.compiled;
    }
    return this.#unknown.has(token, now) ? null : this.#load(token);
  }

  /**
   * A notice: this team's definitions have changed.
   *
   * @param revision the new one, where the notice tells it
   */
  invalidate(teamId: number, revision?: string): void {
    let known = false;
    for (const held of this.#held.ofTeam(teamId)) {
      known = true;
      if (held.compiled.revision !== revision) this.#announce(held);
    }
    if (this.#loading.size > 0) this.#announcedMeanwhile.add(teamId);
    if (!known) this.#unknown.doubt(this.#options.now()); // it may be a project that has just appeared
  }

  /** Notices begin or cease to arrive. Changes may have been missed before, so everything is looked at. */
  setListening(listening: boolean): void {
    if (!listening && !this.#listening) return;
    this.#listening = listening;
    this.#unknown.doubt(this.#options.now());
    for (const held of this.#held.all()) {
      if (listening) this.#announce(held);
      else if (!held.isBeingChecked) this.#plan(held);
    }
  }

  /** Looks after projects that nobody asks for, and after stale ones. Runs by itself every `sweepEveryMs`. */
  sweep(): void {
    const now = this.#options.now();
    const wentBack = now < this.#sweptAt; // the clock was set: what was planned means nothing
    this.#sweptAt = now;
    for (const held of this.#held.all()) {
      if (held.isBeingChecked) continue;
      if (wentBack) {
        held.checkedAt = now;
        this.#plan(held);
      }
      const dueAt = held.state === 'stale' || held.announced ? held.dueAt : held.idleUntil;
      if (now >= dueAt) this.#check(held, false);
    }
  }

  /** What is known about a token. Does not count as a use. */
  inspect(token: string): Freshness {
    const held = this.#held.peek(token);
    const now = this.#options.now();
    if (held !== undefined) return held.inspect(now);
    const state = this.#loading.has(token) ? 'loading' : this.#unknown.has(token, now) ? 'unknown' : 'unseen';
    return { state, teamId: null, revision: null, origin: null, ageSeconds: null, lastError: null };
  }

  metrics(): RegistryMetrics {
    const now = this.#options.now();
    const states = { unseen: 0, loading: this.#loading.size, fresh: 0, checking: 0, stale: 0, retrying: 0, unknown: 0 };
    states.unknown = this.#unknown.size;
    let oldestStaleSeconds = 0;
    for (const held of this.#held.all()) {
      states[held.state]++;
      if (held.state === 'stale' || held.state === 'retrying')
        oldestStaleSeconds = Math.max(oldestStaleSeconds, held.ageSeconds(now) ?? 0);
    }
    return {
      states,
      bytes: this.#held.bytes,
      oldestStaleSeconds,
      listening: this.#listening,
      checksRunning: this.#queue.running,
      checksWaiting: this.#queue.waiting,
      checks: this.#checks,
      failedChecks: this.#failedChecks,
      reads: this.#reads,
      dropped: this.#held.dropped,
    };
  }

  /** Stops looking after anything. What is held goes on being handed out. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#queue.close();
  }

  /** Reads a project that is not held and waits for it. Concurrent callers share one reading. */
  #load(token: string): Promise<CompiledProject | null> {
    let loading = this.#loading.get(token);
    if (loading === undefined) {
      loading = this.#read(token).finally(() => {
        this.#loading.delete(token);
        if (this.#loading.size === 0) this.#announcedMeanwhile.clear();
      });
      this.#loading.set(token, loading);
    }
    return loading;
  }

  async #read(token: string): Promise<CompiledProject | null> {
    const loaded = await this.#readFirst(token);
    const now = this.#options.now();
    if (loaded === null) {
      this.#unknown.add(token, now);
      return null;
    }
    this.#unknown.delete(token);
    const held = new HeldProject(token, this.#compile(loaded), loaded.position, loaded.origin ?? 'store', now);
    this.#held.add(held, estimateBytes(loaded.definitions));
    const confirmed = loaded.unconfirmed === undefined;
    held.move(confirmed ? 'read' : 'unconfirmed');
    held.confirmedAt = confirmed ? now : (loaded.confirmedAt ?? null);
    if (!confirmed) {
      held.lastError = loaded.unconfirmed;
      held.failures = 1;
      this.#tell(held, 'stale');
    }
    this.#plan(held);
    if (this.#announcedMeanwhile.has(held.compiled.teamId)) this.#announce(held);
    return held.compiled;
  }

  async #readFirst(token: string): Promise<ProjectDefinitions | null> {
    const { definitions, onStoreFailure, now } = this.#options;
    try {
      if (this.#unknown.isDoubted(token)) {
        // A project that has just appeared may not have reached the reader yet.
        const found = await definitions.load(token, { side: 'writer' }).catch(() => null);
        if (found !== null) return found;
      }
      return await definitions.load(token);
    } catch (error) {
      if (now() - this.#failureToldAt >= TELL_FAILURES_MS) {
        this.#failureToldAt = now();
        onStoreFailure?.(error);
      }
      throw error;
    }
  }

  #announce(held: HeldProject): void {
    held.announced = true;
    if (!held.isBeingChecked) this.#check(held, true);
  }

  /** Queues a look. The state says so at once, so that nobody queues another one. */
  #check(held: HeldProject, urgent: boolean): void {
    if (this.#closed) return;
    held.move(urgent ? 'announced' : 'due');
    held.dueAt = Number.POSITIVE_INFINITY;
    this.#queue.add(() => this.#look(held), urgent);
  }

  async #look(held: HeldProject): Promise<void> {
    if (!this.#held.has(held)) return; // dropped while it waited
    const side: StoreSide = held.announced ? 'writer' : 'reader';
    held.announced = false; // a notice from here on may be about what this look does not see
    this.#checks++;
    let unsure = side === 'writer';
    let again = false;
    try {
      const seen = await look(this.#options.definitions, held.snapshot, side);
      if (!this.#held.has(held)) return;
      again = held.announced;
      if (seen.found === 'absent') {
        this.#forget(held);
        return;
      }
      if (seen.found === 'read') this.#take(held, seen.loaded);
      this.#succeeded(held, seen.found);
      unsure &&= seen.found === 'confirmed' && seen.side === 'reader';
    } catch (error) {
      if (!this.#held.has(held)) return;
      again = held.announced;
      this.#failed(held, error);
    }
    if (again) this.#announce(held);
    else if (unsure) this.#askWriterAgain(held);
  }

  /** The writer did not answer, and the reader may not know yet what the notice was about. */
  #askWriterAgain(held: HeldProject): void {
    held.announced = true;
    held.dueAt = Math.min(held.dueAt, this.#options.now() + this.#limits.retryAfterMs);
  }

  #take(held: HeldProject, loaded: ProjectDefinitions): void {
    const compiled = this.#compile(loaded);
    this.#held.update(held, estimateBytes(loaded.definitions), () => {
      held.compiled = compiled;
      held.position = loaded.position;
      held.origin = loaded.origin ?? 'store';
    });
  }

  #succeeded(held: HeldProject, event: 'read' | 'confirmed'): void {
    const wasStale = held.state === 'retrying';
    held.move(event);
    if (wasStale) this.#tell(held, 'recovered');
    held.confirmedAt = this.#options.now();
    held.checkedAt = held.confirmedAt;
    held.failures = 0;
    held.lastError = null;
    this.#plan(held);
  }

  #failed(held: HeldProject, error: unknown): void {
    const wasFresh = held.state === 'checking';
    this.#failedChecks++;
    held.move('failed');
    held.lastError = error;
    held.failures++;
    held.checkedAt = this.#options.now();
    this.#plan(held);
    if (wasFresh) this.#tell(held, 'stale');
  }

  /** The token has gone. */
  #forget(held: HeldProject): void {
    held.move('absent');
    this.#held.delete(held);
    const now = this.#options.now();
    this.#unknown.doubt(now); // the project may have another token now
    this.#unknown.add(held.token, now);
  }

  /** Decides when a request causes the next look. */
  #plan(held: HeldProject): void {
    const { checkAfterMs, listeningCheckAfterMs, idleCheckAfterMs, retryAfterMs, longestRetryMs } = this.#limits;
    const pause =
      held.failures > 0
        ? Math.min(retryAfterMs * 2 ** (held.failures - 1), longestRetryMs)
        : this.#listening
          ? listeningCheckAfterMs
          : checkAfterMs;
    held.dueAt = held.checkedAt + this.#spread(pause);
    held.idleUntil = held.checkedAt + this.#spread(idleCheckAfterMs);
  }

  #spread(ms: number): number {
    return ms * (0.9 + 0.2 * (this.#options.random ?? Math.random)());
  }

  #tell(held: HeldProject, turn: 'stale' | 'recovered'): void {
    this.#options.onTurn?.({
      turn,
      teamId: held.compiled.teamId,
      revision: held.compiled.revision,
      ageSeconds: held.ageSeconds(this.#options.now()),
      error: turn === 'stale' ? held.lastError : null,
    });
  }

  #compile({ project, definitions, revision }: ProjectDefinitions): CompiledProject {
    this.#reads++;
    const program = compile(definitions);
    const compiled = new CompiledProject(project, program, revision, this.#options.facts);
    if (program.problems.length > 0) this.#options.onProblems?.(compiled, program.problems);
    return compiled;
  }
}
