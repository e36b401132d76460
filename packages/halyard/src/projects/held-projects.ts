import { LRUCache } from 'lru-cache';
import type { HeldProject } from './held-project.ts';

/** The projects in memory, by token and by team. Bounded: the least recently used one goes first. */
export class HeldProjects {
  readonly #byToken: LRUCache<string, HeldProject>;
  /** A team has one token, but for the moment in which it gets another one. */
  readonly #byTeam = new Map<number, Set<HeldProject>>();
  readonly #maxBytes: number;
  #dropped = 0;

  /** @param onDropped told of a project that had to go for others */
  constructor(maxProjects: number, maxBytes: number, onDropped: (held: HeldProject) => void) {
    this.#maxBytes = maxBytes;
    this.#byToken = new LRUCache({
      max: maxProjects,
      maxSize: maxBytes,
      dispose: (held, _token, why) => {
        this.#removeFromTeam(held);
        if (why !== 'evict') return;
        this.#dropped++;
        onDropped(held);
      },
    });
  }

  get(token: string): HeldProject | undefined {
    return this.#byToken.get(token);
  }

  /** The same without counting as a use. */
  peek(token: string): HeldProject | undefined {
    return this.#byToken.peek(token);
  }

  /** Whether this very object is still held. */
  has(held: HeldProject): boolean {
    return this.#byToken.peek(held.token) === held;
  }

  ofTeam(teamId: number): Iterable<HeldProject> {
    return [...(this.#byTeam.get(teamId) ?? [])];
  }

  /** Adds a project. Even one larger than the bound is held: alone. */
  add(held: HeldProject, bytes: number): void {
    this.#byToken.set(held.token, held, { size: Math.min(bytes, this.#maxBytes) });
    const { teamId } = held.compiled;
    const team = this.#byTeam.get(teamId);
    if (team === undefined) this.#byTeam.set(teamId, new Set([held]));
    else team.add(held);
  }

  /** Changes what is held for a token, its team and size included. */
  update(held: HeldProject, bytes: number, change: () => void): void {
    this.#byToken.delete(held.token);
    change();
    this.add(held, bytes);
  }

  /** Drops what was used least recently until there is room for a project that is about to be made. */
  makeRoom(bytes: number): void {
    while (this.#byToken.size > 0 && this.bytes + bytes > this.#maxBytes) this.#byToken.pop();
  }

  delete(held: HeldProject): void {
    this.#byToken.delete(held.token);
  }

  all(): IterableIterator<HeldProject> {
    return this.#byToken.values();
  }

  get size(): number {
    return this.#byToken.size;
  }

  /** Estimated. */
  get bytes(): number {
    return this.#byToken.calculatedSize;
  }

  /** How many had to go for others so far. */
  get dropped(): number {
    return this.#dropped;
  }

  #removeFromTeam(held: HeldProject): void {
    const { teamId } = held.compiled;
    const team = this.#byTeam.get(teamId);
    team?.delete(held);
    if (team?.size === 0) this.#byTeam.delete(teamId);
  }
}
