import { int32FromText } from './cohort-id.ts';

/** A longer chain is sent as none: clients then ask the service, and a document stays of the size of its flags. */
const LONGEST_CHAIN = 500;

/** What a chain is made of. */
interface Link {
  readonly id: number;
  readonly key: string;
  readonly isForeign: boolean;
  /** Ids of the flags it depends on, as written. */
  readonly targets: readonly string[];
}

/** The flags that have to be evaluated before another, as local evaluators want to be told them (H175). */
export class DependencyChains {
  readonly #byId: ReadonlyMap<number, Link>;
  /** By id: after how many others a flag comes that are evaluated first. In or behind a cycle: none. */
  readonly #ranks = new Map<number, number>();
  readonly #behindForeign = new Set<number>();
  readonly #chains = new Map<number, readonly string[]>();

  constructor(links: readonly Link[]) {
    this.#byId = new Map(links.map((link) => [link.id, link]));
    const dependants = this.#dependants();
    this.#rank(dependants);
    this.#markForeign(dependants);
  }

  /** The key of the flag with this id, where there is one. */
  keyOf(target: string): string | undefined {
    return this.#find(target)?.key;
  }

  /** The keys to evaluate in order, the flag itself last. Empty: there is no such flag, or a cycle. */
  chainTo(target: string): readonly string[] {
    const link = this.#find(target);
    if (link === undefined) return [];
    const known = this.#chains.get(link.id);
    if (known !== undefined) return known;
    const chain = this.#chainTo(link);
    this.#chains.set(link.id, chain);
    return chain;
  }

  /** The flag, or one that it depends on, has a configuration that local evaluators do not know (H174). */
  isBehindForeign(id: number): boolean {
    return this.#behindForeign.has(id);
  }

  #find(target: string): Link | undefined {
    const id = int32FromText(target);
    return id === null ? undefined : this.#byId.get(id);
  }

  #targetsOf(link: Link): readonly Link[] {
    return [...new Set(link.targets)].flatMap((target) => this.#find(target) ?? []);
  }

  #dependants(): ReadonlyMap<number, readonly Link[]> {
    const dependants = new Map<number, Link[]>();
    for (const link of this.#byId.values()) {
      for (const { id } of this.#targetsOf(link)) {
        const known = dependants.get(id);
        if (known === undefined) dependants.set(id, [link]);
        else known.push(link);
      }
    }
    return dependants;
  }

  #rank(dependants: ReadonlyMap<number, readonly Link[]>): void {
    const open = new Map<number, number>();
    const ready: number[] = [];
    for (const link of this.#byId.values()) {
      const count = new Set(this.#targetsOf(link)).size;
      if (count === 0) ready.push(link.id);
      else open.set(link.id, count);
    }
    for (const id of ready) {
      this.#ranks.set(id, this.#ranks.size);
      for (const dependant of dependants.get(id) ?? []) {
        const left = (open.get(dependant.id) as number) - 1; // it waits for this flag
        open.set(dependant.id, left);
        if (left === 0) ready.push(dependant.id);
      }
    }
  }

  #markForeign(dependants: ReadonlyMap<number, readonly Link[]>): void {
    const next = [...this.#byId.values()].filter(({ isForeign }) => isForeign).map(({ id }) => id);
    for (const id of next) {
      if (this.#behindForeign.has(id)) continue;
      this.#behindForeign.add(id);
      for (const dependant of dependants.get(id) ?? []) next.push(dependant.id);
    }
  }

  #chainTo(last: Link): readonly string[] {
    const found = new Map([[last.id, last]]);
    for (const link of found.values()) {
      if (!this.#ranks.has(link.id) || found.size > LONGEST_CHAIN) return [];
      for (const target of this.#targetsOf(link)) found.set(target.id, target);
    }
    const rank = ({ id }: Link) => this.#ranks.get(id) as number; // all of them have one
    return [...found.values()].sort((a, b) => rank(a) - rank(b)).map(({ key }) => key);
  }
}
