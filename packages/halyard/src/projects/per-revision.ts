import { LRUCache } from 'lru-cache';
import type { CompiledProject } from '../compiled-project.ts';

/** Something made of a project's stored definitions, with what it takes. */
export interface Made<Value> {
  readonly value: Value;
  readonly bytes: number;
}

export interface PerRevisionOptions<Value> {
  /** Makes it anew; null: the project has gone. */
  readonly make: (project: CompiledProject) => Promise<Made<Value> | null>;
  /** Bound on the memory of all of them. */
  readonly maxBytes: number;
  /** Told of failures where an older value goes on. */
  readonly onError: (error: unknown) => void;
}

interface Entry<Value> {
  /** The revision of the program that it goes with. */
  readonly revision: string;
  readonly value: Value;
  /** A newer one could not be made: until then nobody tries again. */
  retryAt: number;
}

/** After a failure. */
const RETRY_MS = 1_000;

/**
 * What is made of a project once per revision, when somebody first asks for it, and is shared by all who ask meanwhile (H171). While it
 * cannot be made, the last one goes on. Projects are held no longer than the bound allows: the least recently used one is made
 * again.
 */
export class PerRevision<Value> {
  readonly #options: PerRevisionOptions<Value>;
  readonly #made: LRUCache<string, Entry<Value>>;
  readonly #making = new Map<string, Promise<Value | null>>();

  constructor(options: PerRevisionOptions<Value>) {
    this.#options = options;
    this.#made = new LRUCache({ maxSize: Math.ceil(options.maxBytes), max: 10_000 });
  }

  /** What goes with the project's newest revision; null: the project has gone. Without a promise when it is there. */
  of(project: CompiledProject): Value | null | Promise<Value | null> {
    const { token } = project.project;
    const entry = this.#made.get(token);
    if (entry?.revision === project.revision) return entry.value;
    if (entry !== undefined && performance.now() < entry.retryAt) return entry.value;
    // Of another revision: whoever asks now shall not get what was begun before.
    const name = `${project.revision} ${token}`;
    let making = this.#making.get(name);
    if (making === undefined) {
      making = this.#make(project).finally(() => this.#making.delete(name));
      this.#making.set(name, making);
    }
    return making;
  }

  async #make(project: CompiledProject): Promise<Value | null> {
    const { token } = project.project;
    let made: Made<Value> | null;
    try {
      made = await this.#options.make(project);
    } catch (error) {
      const former = this.#made.peek(token);
      if (former === undefined) throw error;
      this.#options.onError(error);
      former.retryAt = performance.now() + RETRY_MS;
      return former.value;
    }
    if (made === null) this.#made.delete(token);
    else {
      const { value, bytes } = made;
      const entry = { revision: project.revision, value, retryAt: Number.NEGATIVE_INFINITY };
      // Even one larger than the bound is held: alone.
      this.#made.set(token, entry, { size: Math.max(1, Math.min(bytes, Math.ceil(this.#options.maxBytes))) });
    }
    return made?.value ?? null;
  }
}
