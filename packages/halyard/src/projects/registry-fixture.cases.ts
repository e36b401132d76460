import {
  type DefinitionSource,
  MemoryStore,
  type Position,
  type ProjectDefinitions,
  type StoreSide,
} from '@halyard/data';
import { fromLocalEvaluation } from '@halyard/engine';
import type { CompiledProject } from '../compiled-project.ts';
import type { FreshnessState } from '@halyard/data/conversation';
import type { FreshnessChange } from './freshness-report.ts';
import { ProjectRegistry } from './project-registry.ts';
import type { RegistryOptions } from './registry-options.ts';

export const definitions = (key: string, teamId = 1) =>
  fromLocalEvaluation({ flags: [{ id: 1, key, active: true, filters: { groups: [{}] } }] }, { teamId });

export const at = (main: number, replica = false): Position => ({ main, persons: null, replica });

/** What one side of the store says; the other says the same until it is given words of its own. */
interface Side {
  failing: boolean;
  /** Instead of what the memory store has. `undefined`: nothing instead. */
  instead: ProjectDefinitions | null | undefined;
  /** Where the store stands, put on everything read. */
  position: Position | undefined;
}

/**
 * A registry over a memory store whose two sides are counted, can fail, lag and be held up; with its own clock and no chance. Project
 * `t` is there from the start.
 */
export class RegistryFixture {
  readonly store = new MemoryStore([{ token: 't', definitions: definitions('first') }]);
  readonly reader: Side = { failing: false, instead: undefined, position: undefined };
  readonly writer: Side = { failing: false, instead: undefined, position: undefined };
  readonly calls: string[] = [];
  readonly failures: unknown[] = [];
  readonly changes: FreshnessChange[] = [];
  readonly registry: ProjectRegistry;
  now = 0;
  #held: (() => void)[] | null = null;

  constructor(options: Partial<RegistryOptions> = {}) {
    const source: DefinitionSource = {
      load: async (token, { side = 'reader' } = {}) => {
        await this.#arrive('load', side);
        const { instead, position } = this[side];
        const loaded = instead === undefined ? await this.store.definitions.load(token) : instead;
        return loaded === null || position === undefined ? loaded : { ...loaded, position };
      },
      revision: async (project, side = 'reader') => {
        await this.#arrive('revision', side);
        const { instead } = this[side];
        return instead === undefined ? this.store.definitions.revision(project) : (instead?.revision ?? null);
      },
    };
    this.registry = new ProjectRegistry({
      definitions: source,
      facts: null,
      now: () => this.now,
      random: () => 0.5,
      sweepEveryMs: 0,
      onStoreFailure: (error) => this.failures.push(error),
      onFreshness: (change) => this.changes.push(change),
      ...options,
    });
  }

  /** The keys of the project's flags; null for an unknown token. */
  async keys(token = 't'): Promise<string[] | null> {
    const project = await this.registry.byToken(token);
    return project === null ? null : keysOf(project);
  }

  state(token = 't'): FreshnessState {
    return this.registry.inspect(token).state;
  }

  async reaches(state: FreshnessState, token = 't'): Promise<void> {
    for (let i = 0; i < 100 && this.state(token) !== state; i++) await new Promise(setImmediate);
    if (this.state(token) !== state) throw new Error(`expected ${state}, got ${this.state(token)}`);
  }

  put(key: string): void {
    this.store.put({ token: 't', definitions: definitions(key) });
  }

  fail(failing = true): void {
    this.reader.failing = failing;
    this.writer.failing = failing;
  }

  count(call: string): number {
    return this.calls.filter((one) => one.startsWith(call)).length;
  }

  /** Lets calls to the store wait until they are released. */
  hold(): void {
    this.#held = [];
  }

  release(): void {
    for (const go of this.#held ?? []) go();
    this.#held = null;
  }

  async #arrive(what: string, side: StoreSide): Promise<void> {
    this.calls.push(`${what} ${side}`);
    const held = this.#held;
    // What is asked while it is up is answered as things are now, however late the answer comes.
    const { failing } = this[side];
    if (held !== null) {
      await new Promise<void>((resolve) => {
        held.push(resolve);
      });
    }
    if (failing) throw Object.assign(new Error('down'), { kind: 'unavailable' });
  }
}

export function keysOf(project: CompiledProject): string[] {
  return project.program.flags.map((flag) => flag.key);
}
