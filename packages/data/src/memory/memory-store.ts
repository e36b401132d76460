import type { Definitions } from '@halyard/engine';
import type { DefinitionSource, FactSource, Project, ProjectDefinitions } from '../ports.ts';
import type { StoredFacts } from '../stored-facts.ts';
import { MemoryFacts } from './memory-facts.ts';

/** One project as plain data. */
export interface MemoryProject {
  readonly token: string;
  readonly definitions: Definitions;
  readonly facts?: StoredFacts;
  readonly name?: string;
}

interface Entry {
  readonly loaded: ProjectDefinitions;
  readonly facts: MemoryFacts;
}

const nothing = new MemoryFacts({}, '');

/** Both ports over plain objects, without a database: for the Node library, for tests, for conformance. */
export class MemoryStore {
  readonly definitions: DefinitionSource;
  readonly facts: FactSource;
  readonly #byToken = new Map<string, Entry>();
  readonly #byTeam = new Map<number, Entry>();
  readonly #clock: () => Date;
  #revision = 0;

  constructor(projects: readonly MemoryProject[] = [], options: { clock?: () => Date } = {}) {
    this.#clock = options.clock ?? (() => new Date());
    this.definitions = {
      load: (token) => Promise.resolve(this.#byToken.get(token)?.loaded ?? null),
      revision: ({ token }) => Promise.resolve(this.#byToken.get(token)?.loaded.revision ?? null),
    };
    this.facts = { load: (plan) => Promise.resolve((this.#byTeam.get(plan.teamId)?.facts ?? nothing).read(plan)) };
    for (const project of projects) this.put(project);
  }

  /** Adds a project, or replaces the one with this token or team id, stored facts and all. */
  put({ token, definitions, facts = {}, name = 'Default project' }: MemoryProject): void {
    this.remove(token);
    const former = this.#byTeam.get(definitions.teamId);
    if (former !== undefined) this.remove(former.loaded.project.token);
    this.#revision += 1;
    const project: Project = {
      teamId: definitions.teamId,
      projectId: definitions.teamId,
      token,
      name,
      timezone: definitions.timezone ?? 'UTC',
      settings: {},
    };
    const entry = {
      loaded: { project, definitions, revision: String(this.#revision) },
      facts: new MemoryFacts(facts, this.#clock().toISOString()),
    };
    this.#byToken.set(token, entry);
    this.#byTeam.set(definitions.teamId, entry);
  }

  /** Forgets a project; an unknown token is fine. */
  remove(token: string): void {
    const entry = this.#byToken.get(token);
    if (entry === undefined) return;
    this.#byToken.delete(token);
    this.#byTeam.delete(entry.loaded.project.teamId);
  }
}
