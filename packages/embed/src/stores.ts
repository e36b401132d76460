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
  const store = known ?? new Store({ clock, chance: Math.random, readerMayLag: readerMayLag === true, report });
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

/** Failures that conversations survived and nobody has asked for yet. */
const reports: string[] = [];
/** A host that does not ask shall not have them pile up. */
const mostReports = 100;

function report(error: unknown): void {
  reports.push(error instanceof Error ? error.message : String(error));
  if (reports.length > mostReports) reports.shift();
}

/** What conversations survived since the last call, for the host's log. The call: nothing. Answer: `=` and a JSON list of texts. */
export function takeReports(): string {
  return `=${JSON.stringify(reports.splice(0))}`;
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
