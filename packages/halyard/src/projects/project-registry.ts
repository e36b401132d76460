import type { ProjectDefinitions } from '@halyard/data';
import {
  advance,
  ageSeconds,
  beginLook,
  firstReading,
  type FreshnessAction,
  type FreshnessDetail,
  type FreshnessEvent,
  type FreshnessRecord,
  type FreshnessState,
  look,
  readSource,
  unseen,
  wakeAt,
} from '@halyard/data/conversation';
import { compileInPieces, type Definitions, type Program } from '@halyard/engine';
import { CompiledProject } from '../compiled-project.ts';
import { Turns } from '../turns.ts';
import { CheckQueue } from './check-queue.ts';
import type { Freshness } from './freshness-report.ts';
import { HeldProject } from './held-project.ts';
import { HeldProjects } from './held-projects.ts';
import { type RegistryLimits, registryLimits, type RegistryOptions } from './registry-options.ts';
import { estimateBytes } from './size-estimate.ts';
import { LookupRate } from './lookup-rate.ts';
import { UnknownTokens } from './unknown-tokens.ts';

/** Flags that take a millisecond or more to evaluate. */
const LARGE = 500;

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

/** What was read and compiled, with the memory that it takes, estimated. */
interface Compiled {
  readonly compiled: CompiledProject;
  readonly loaded: ProjectDefinitions;
  readonly bytes: number;
}

/**
 * Compiled projects by token, kept fresh as `docs/freshness.md` describes: the rules are those of the machine, which this drives with
 * timers, a queue and a bound on memory. A project that is held comes back at once and is looked after behind the request.
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
  /** Null: no bound. */
  readonly #rate: LookupRate | null;
  readonly #turns = new Turns();
  #timer: NodeJS.Timeout | undefined;
  #compiling = 0;
  readonly #waitingForRoom: (() => void)[] = [];
  /** Told when a look has ended. */
  readonly #afterLook = new Set<() => void>();
  #listening = false;
  #closed = false;
  #sweptAt = Number.NEGATIVE_INFINITY;
  #failureToldAt = Number.NEGATIVE_INFINITY;
  #checks = 0;
  #failedChecks = 0;
  #reads = 0;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#limits = { ...registryLimits, ...options };
    const { maxProjects, maxBytes, maxUnknownTokens, maxChecks, sweepEveryMs, unknownPerSecond } = this.#limits;
    this.#held = new HeldProjects(maxProjects, maxBytes, (held) => void this.#advance(held.record, 'dropped'));
    this.#unknown = new UnknownTokens(maxUnknownTokens, this.#limits);
    this.#queue = new CheckQueue(maxChecks);
    this.#rate = unknownPerSecond === Number.POSITIVE_INFINITY ? null : new LookupRate(unknownPerSecond);
    if (sweepEveryMs > 0) this.#timer = setInterval(() => this.sweep(), sweepEveryMs).unref();
  }

  /**
   * The project with this public token, `null` when there is none. Rejects with the store's error when the token has never been
   * seen and the store cannot say.
   *
   * @param address who asks, for the rate of look-ups in vain
   * @param unknownMs for how long, in ms, it is believed at most that there is none (I24)
   * @throws {TooManyUnknownTokens} instead of a look-up beyond that rate
   */
  byToken(
    token: string,
    address?: string,
    unknownMs?: number,
  ): CompiledProject | null | Promise<CompiledProject | null> {
    const held = this.#held.get(token);
    const now = this.#options.now();
    if (held !== undefined) {
      if (now >= held.record.dueAt) this.#feed(held, 'due');
      return held.compiled;
    }
    return this.#unknown.has(token, now, unknownMs) ? null : this.#load(token, address);
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
      if (held.compiled.revision !== revision) this.#feed(held, 'announced');
    }
    if (this.#loading.size > 0) this.#announcedMeanwhile.add(teamId);
    if (!known) this.#unknown.doubt(this.#options.now()); // it may be a project that has just appeared
  }

  /**
   * The same, and resolves when what is held of the team has been looked at since: at once where nothing is held. Waits `patienceMs` at
   * most, and never rejects; a look that fails goes on behind it.
   */
  async refreshed(teamId: number, patienceMs = 2_000): Promise<void> {
    this.invalidate(teamId);
    const waiting = [...this.#held.ofTeam(teamId)].filter((held) => held.isLookedAt);
    if (waiting.length === 0) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#afterLook.delete(lookEnded);
        resolve();
      };
      const lookEnded = () => {
        if (!waiting.some((held) => held.isLookedAt && this.#held.has(held))) done();
      };
      const timer = setTimeout(done, patienceMs);
      this.#afterLook.add(lookEnded);
    });
  }

  /** Notices begin or cease to arrive. Changes may have been missed before, so everything is looked at. */
  setListening(listening: boolean): void {
    if (!listening && !this.#listening) return;
    this.#listening = listening;
    this.#unknown.doubt(this.#options.now());
    for (const held of this.#held.all()) this.#feed(held, listening ? 'announced' : 'rescheduled');
  }

  /** Looks after projects that nobody asks for, and after stale ones. Runs by itself every `sweepEveryMs`. */
  sweep(): void {
    const now = this.#options.now();
    const wentBack = now < this.#sweptAt; // the clock was set: what was planned means nothing
    this.#sweptAt = now;
    for (const held of this.#held.all()) {
      if (wentBack) this.#feed(held, 'rescheduled');
      if (!held.isLookedAt && now >= wakeAt(held.record)) this.#feed(held, 'due');
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
    for (const { record } of this.#held.all()) {
      states[record.state]++;
      if (record.state === 'stale' || record.state === 'retrying')
        oldestStaleSeconds = Math.max(oldestStaleSeconds, ageSeconds(record, now) ?? 0);
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

  /** Resolves when no large project is being compiled: until then one more would only lie in memory and wait. */
  async room(): Promise<void> {
    while (this.#compiling > 0) {
      await new Promise<void>((resolve) => {
        this.#waitingForRoom.push(resolve);
      });
    }
  }

  /** Reads a project that is not held and waits for it. Concurrent callers share one reading. */
  #load(token: string, address: string | undefined): Promise<CompiledProject | null> {
    let loading = this.#loading.get(token);
    if (loading === undefined) {
      const payBack = this.#rate?.pay(address, this.#options.now());
      loading = this.#read(token, payBack).finally(() => {
        this.#loading.delete(token);
        if (this.#loading.size === 0) this.#announcedMeanwhile.clear();
      });
      this.#loading.set(token, loading);
    }
    return loading.then((compiled) => this.#inTurn(compiled));
  }

  /** Those who have waited for a large project evaluate it as soon as they have it: each in a turn of its own. */
  #inTurn(compiled: CompiledProject | null): CompiledProject | null | Promise<CompiledProject> {
    if (compiled === null || compiled.program.flags.length < LARGE) return compiled;
    return this.#turns.next().then(() => compiled);
  }

  /** @param payBack called when there is such a project, or nobody can say */
  async #read(token: string, payBack: (() => void) | undefined): Promise<CompiledProject | null> {
    const record = unseen();
    this.#advance(record, 'wanted');
    const loaded = await this.#readFirst(token, payBack);
    if (loaded === null) {
      this.#advance(record, 'absent');
      this.#unknown.add(token, this.#options.now());
      return null;
    }
    payBack?.();
    this.#unknown.delete(token);
    const compiling = this.#compile(loaded);
    const { compiled, bytes } = compiling instanceof Promise ? await compiling : compiling;
    const held = new HeldProject(token, record, compiled, loaded);
    this.#held.add(held, bytes);
    if (this.#announcedMeanwhile.has(held.compiled.teamId)) this.#feed(held, 'announced');
    const { unconfirmed: error, confirmedAt = null } = loaded;
    if (error === undefined) this.#feed(held, 'read');
    else this.#feed(held, 'unconfirmed', { error, confirmedAt });
    return held.compiled;
  }

  async #readFirst(token: string, payBack: (() => void) | undefined): Promise<ProjectDefinitions | null> {
    const { definitions, onStoreFailure, now } = this.#options;
    try {
      return await readSource(definitions, { token }, firstReading(this.#unknown.isDoubted(token)));
    } catch (error) {
      payBack?.();
      if (now() - this.#failureToldAt >= TELL_FAILURES_MS) {
        this.#failureToldAt = now();
        onStoreFailure?.(error);
      }
      throw error;
    }
  }

  #advance(record: FreshnessRecord, event: FreshnessEvent, detail?: FreshnessDetail): readonly FreshnessAction[] {
    const { now, random = Math.random } = this.#options;
    const moment = { now: now(), chance: random(), listening: this.#listening, limits: this.#limits };
    return advance(record, event, moment, detail);
  }

  /** Tells the machine, and does what it says; `take` puts what was read into the place of the snapshot. */
  #feed(held: HeldProject, event: FreshnessEvent, detail?: FreshnessDetail, take?: () => void): void {
    if (this.#closed) return;
    const now = this.#options.now();
    const ageBefore = ageSeconds(held.record, now);
    for (const action of this.#advance(held.record, event, detail)) {
      if (action === 'look') this.#queue.add(() => this.#look(held), held.record.noted);
      else if (action === 'take') take?.();
      else if (action === 'forget') this.#forget(held);
      else if (action === 'tell stale') this.#options.onFreshness?.(held.change('stale', ageSeconds(held.record, now)));
      else if (action === 'tell recovered') this.#options.onFreshness?.(held.change('recovered', ageBefore));
    }
  }

  async #look(held: HeldProject): Promise<void> {
    if (!this.#held.has(held)) return; // dropped while it waited
    this.#checks++;
    const reading = look(held.snapshot, beginLook(held.record));
    try {
      const seen = await readSource(this.#options.definitions, held.compiled.project, reading);
      if (!this.#held.has(held)) return;
      const compiling = seen.found === 'read' ? this.#compile(seen.loaded) : undefined;
      const made = compiling instanceof Promise ? await compiling : compiling;
      if (!this.#held.has(held)) return;
      const take = made === undefined ? undefined : () => this.#take(held, made);
      this.#feed(held, seen.found, {}, take);
    } catch (error) {
      if (!this.#held.has(held)) return;
      this.#failedChecks++;
      this.#feed(held, 'failed', { error });
    } finally {
      for (const tell of this.#afterLook) tell();
    }
  }

  #take(held: HeldProject, { compiled, loaded, bytes }: Compiled): void {
    this.#held.update(held, bytes, () => held.take(compiled, loaded));
  }

  #forget(held: HeldProject): void {
    this.#held.delete(held);
    const now = this.#options.now();
    this.#unknown.doubt(now); // the project may have another token now
    this.#unknown.add(held.token, now);
  }

  /** Without a promise when the definitions are few: ten thousand flags would hold up everybody else for half a second. */
  #compile(loaded: ProjectDefinitions): Compiled | Promise<Compiled> {
    this.#reads++;
    const parts = this.#turns.through(this.#prepare(loaded.definitions));
    if (!(parts instanceof Promise)) return this.#compiled(loaded, parts);
    this.#compiling++;
    return parts
      .finally(() => {
        this.#compiling--;
        for (const go of this.#waitingForRoom.splice(0)) go();
      })
      .then((all) => this.#compiled(loaded, all));
  }

  /** Room is made before there is anything to put there: for a moment the project exists twice, as documents and compiled. */
  *#prepare(definitions: Definitions): Generator<void, Prepared, void> {
    const bytes = yield* estimateBytes(definitions);
    this.#held.makeRoom(bytes);
    return { bytes, program: yield* compileInPieces(definitions) };
  }

  #compiled(loaded: ProjectDefinitions, { program, bytes }: Prepared): Compiled {
    const compiled = new CompiledProject(loaded.project, program, loaded.revision, this.#options.facts);
    if (program.problems.length > 0) this.#options.onProblems?.(compiled, program.problems);
    return { compiled, loaded, bytes };
  }
}

/** A compiled program, with the memory that it takes, estimated. */
interface Prepared {
  readonly program: Program;
  readonly bytes: number;
}
