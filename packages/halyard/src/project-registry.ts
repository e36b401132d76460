import type { DefinitionSource, FactSource, ProjectDefinitions } from '@halyard/data';
import { type CompileOptions, compile, type DefinitionProblem } from '@halyard/engine';
import { CompiledProject } from './compiled-project.ts';

export interface RegistryOptions {
  readonly definitions: DefinitionSource;
  readonly facts: FactSource | null;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** How long a snapshot is used before its revision is checked again, behind the next request. Default 2 s. */
  readonly checkAfterMs?: number;
  /** How long an unknown token is remembered (H43). Default 30 s. */
  readonly unknownForMs?: number;
  /** Bound on remembered tokens, known and unknown. Default 10 000. */
  readonly maxTokens?: number;
  readonly compile?: CompileOptions;
  /** Told of broken definitions whenever a new revision is compiled. */
  readonly onProblems?: (project: CompiledProject, problems: readonly DefinitionProblem[]) => void;
  /** Told when definitions could not be read; a snapshot already held goes on being used. */
  readonly onStoreFailure?: (error: unknown, project: CompiledProject | null) => void;
}

interface Entry {
  /** `null`: certainly no such token. */
  project: CompiledProject | null;
  checkedAt: number;
  checking: boolean;
}

/**
 * Compiled projects by token. A known project comes back at once and is refreshed behind the request; a failing store never
 * replaces the last good snapshot.
 */
export class ProjectRegistry {
  readonly #options: RegistryOptions;
  readonly #checkAfter: number;
  readonly #unknownFor: number;
  readonly #maxTokens: number;
  readonly #entries = new Map<string, Entry>();
  readonly #loading = new Map<string, Promise<CompiledProject | null>>();

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#checkAfter = options.checkAfterMs ?? 2_000;
    this.#unknownFor = options.unknownForMs ?? 30_000;
    this.#maxTokens = options.maxTokens ?? 10_000;
  }

  /**
   * The project with this public token, `null` when there is none. Rejects with the store's error when the token has never been
   * seen and the store cannot say.
   */
  byToken(token: string): CompiledProject | null | Promise<CompiledProject | null> {
    const entry = this.#entries.get(token);
    if (entry === undefined) return this.#load(token);
    const age = this.#options.now() - entry.checkedAt;
    if (entry.project === null) return age < this.#unknownFor ? null : this.#load(token);
    if (age >= this.#checkAfter && !entry.checking) void this.#check(token, entry);
    return entry.project;
  }

  /** Forgets that snapshots of this team are current: the next request behind which there is time reads them again. */
  invalidate(teamId: number): void {
    for (const [token, entry] of this.#entries) {
      if (entry.project?.teamId === teamId) {
        entry.checkedAt = Number.NEGATIVE_INFINITY;
        if (!entry.checking) void this.#check(token, entry);
      } else if (entry.project === null) {
        this.#entries.delete(token); // the change may have created this very project
      }
    }
  }

  /** Reads the project anew and waits for it. Concurrent callers share one reading. */
  #load(token: string): Promise<CompiledProject | null> {
    let loading = this.#loading.get(token);
    if (loading === undefined) {
      loading = this.#read(token).finally(() => this.#loading.delete(token));
      this.#loading.set(token, loading);
    }
    return loading;
  }

  async #read(token: string): Promise<CompiledProject | null> {
    let loaded: ProjectDefinitions | null;
    try {
      loaded = await this.#options.definitions.load(token);
    } catch (error) {
      this.#options.onStoreFailure?.(error, null);
      throw error;
    }
    const project = loaded === null ? null : this.#compile(loaded);
    this.#remember(token, { project, checkedAt: this.#options.now(), checking: false });
    return project;
  }

  /** Compares revisions and takes the new one, if any. Failures leave everything as it is. */
  async #check(token: string, entry: Entry): Promise<void> {
    const { project } = entry;
    if (project === null) return;
    entry.checking = true;
    try {
      const revision = await this.#options.definitions.revision(project.project);
      if (revision !== project.revision) {
        const loaded = await this.#options.definitions.load(token);
        entry.project = loaded === null ? null : this.#compile(loaded);
      }
    } catch (error) {
      this.#options.onStoreFailure?.(error, project);
    } finally {
      // A failed check counts too: the store is asked again after the interval, not on every request.
      entry.checkedAt = this.#options.now();
      entry.checking = false;
    }
  }

  #compile({ project, definitions, revision }: ProjectDefinitions): CompiledProject {
    const program = compile(definitions, this.#options.compile);
    const compiled = new CompiledProject(project, program, revision, this.#options.facts);
    if (program.problems.length > 0) this.#options.onProblems?.(compiled, program.problems);
    return compiled;
  }

  #remember(token: string, entry: Entry): void {
    if (this.#entries.size >= this.#maxTokens && !this.#entries.has(token)) {
      // The oldest goes. Unknown tokens come and go most, so a flood of them soon displaces only itself.
      const oldest = this.#entries.keys().next();
      if (oldest.done !== true) this.#entries.delete(oldest.value);
    }
    this.#entries.delete(token);
    this.#entries.set(token, entry);
  }
}
