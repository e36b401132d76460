import { Store } from '@halyard/data/conversation';

/** The host's databases as it names them in a call. */
export interface HostStore {
  /** Chosen by the host: equal numbers mean the same databases. */
  readonly number: number;
  /** The persons reader is not the persons writer. */
  readonly readerMayLag?: boolean;
  /** The host asks inside a transaction, so others cannot see what it sees. */
  readonly isolated?: boolean;
}

/** A host that makes and forgets databases leaves no more of them here. */
const mostStores = 64;

/** The one used last is the last. */
const stores = new Map<number, Store>();

/** What is remembered of these databases. A runtime that was replaced begins anew, as a process does. */
export function storeOf({ number, readerMayLag }: HostStore): Store {
  const known = stores.get(number);
  const store =
    known ?? new Store({ clock, chance: Math.random, readerMayLag: readerMayLag === true, report: () => undefined });
  if (known !== undefined) stores.delete(number);
  stores.set(number, store);
  if (stores.size > mostStores) {
    for (const oldest of stores.keys()) {
      stores.delete(oldest);
      break;
    }
  }
  return store;
}

let offset = 0;
let last = 0;

/** V8 alone has no clock but the wall's, which may be set back. */
export function clock(): number {
  const now = Date.now() + offset;
  if (now < last) {
    offset += last - now;
    return last;
  }
  last = now;
  return now;
}
