import { changesBetween, type ProjectState, readProjectState, type Transactions } from '@halyard/manage';
import type { Stream, StreamTarget } from '../../http/stream.ts';

/** Tells when something of a team may have changed; the answer takes the listener away. */
export type Subscribe = (listener: (teamId: number) => void) => () => void;

export interface ChangeStreamsOptions {
  readonly database: Transactions;
  readonly subscribe: Subscribe;
}

/** Open at once: of one user, and of all in this process. */
const MOST_OF_A_USER = 20;
const MOST = 200;

/** Between a notice and the look at what changed: of many notices one look. */
const SETTLE_MS = 50;
/** A look without notice, for databases that announce nothing and notices that are lost. */
const LOOK_EVERY_MS = 10_000;
/** Keeps proxies from closing what is silent, and finds clients that are gone. */
const HEARTBEAT_MS = 15_000;
/** After this time a client has to come again, with a credential that still opens. */
const LIFETIME_MS = 15 * 60_000;
/** More than this waits for nobody. */
const MOST_UNREAD = 64 * 1024;

interface Open {
  readonly userId: number;
  readonly target: StreamTarget;
  readonly opened: number;
}

/** A project with open streams. */
interface Hub {
  readonly open: Set<Open>;
  state: ProjectState;
  /** Of the events, in the order in which they were found. */
  last: number;
  looking: Promise<void> | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** Changes of definitions as server-sent events (M184), so that open pages refresh. The database is asked only while somebody listens. */
export class ChangeStreams {
  readonly #options: ChangeStreamsOptions;
  readonly #hubs = new Map<number, Hub>();
  #unsubscribe: (() => void) | undefined;
  #clocks: readonly NodeJS.Timeout[] = [];
  #isClosed = false;

  constructor(options: ChangeStreamsOptions) {
    this.#options = options;
  }

  /** Whether this user may open one more. */
  hasRoom(userId: number): boolean {
    const all = [...this.#hubs.values()].flatMap(({ open }) => [...open]);
    return !this.#isClosed && all.length < MOST && all.filter((one) => one.userId === userId).length < MOST_OF_A_USER;
  }

  /** A stream of what changes from now on. Rejects while the database is away. */
  async open(teamId: number, userId: number): Promise<Stream> {
    const state = await this.#read(teamId);
    return (target) => {
      if (this.#isClosed || !this.hasRoom(userId)) return target.end();
      const hub = this.#hubs.get(teamId) ?? { open: new Set(), state, last: 0, looking: undefined, timer: undefined };
      this.#hubs.set(teamId, hub);
      const open: Open = { userId, target, opened: performance.now() };
      hub.open.add(open);
      this.#start();
      target.on('close', () => this.#left(teamId, hub, open));
      target.write(`retry: 2000\nevent: open\nid: ${hub.last}\ndata: {}\n\n`);
      // What changed between its own look and the hub's.
      this.#look(teamId, hub);
    };
  }

  /** Ends all of them: clients come again, to whoever is there then. */
  close(): void {
    this.#isClosed = true;
    this.#unsubscribe?.();
    for (const clock of this.#clocks) clearInterval(clock);
    for (const hub of this.#hubs.values()) {
      clearTimeout(hub.timer);
      for (const { target } of hub.open) target.end();
    }
    this.#hubs.clear();
  }

  #start(): void {
    if (this.#unsubscribe !== undefined) return;
    this.#unsubscribe = this.#options.subscribe((teamId) => {
      const hub = this.#hubs.get(teamId);
      if (hub === undefined || hub.timer !== undefined) return;
      hub.timer = setTimeout(() => {
        hub.timer = undefined;
        this.#look(teamId, hub);
      }, SETTLE_MS).unref();
    });
    const lookAtAll = (): void => {
      for (const [teamId, hub] of this.#hubs) this.#look(teamId, hub);
    };
    this.#clocks = [
      setInterval(() => this.#beat(), HEARTBEAT_MS).unref(),
      setInterval(lookAtAll, LOOK_EVERY_MS).unref(),
    ];
  }

  #stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    for (const clock of this.#clocks) clearInterval(clock);
  }

  #beat(): void {
    const now = performance.now();
    for (const { open } of this.#hubs.values()) {
      for (const one of open) {
        if (now - one.opened > LIFETIME_MS) one.target.end();
        else tell(one, ':\n\n');
      }
    }
  }

  /** Looks what changed, after the look that is under way. While the database is away nothing is known to have changed. */
  #look(teamId: number, hub: Hub): void {
    const before = hub.looking ?? Promise.resolve();
    hub.looking = before.then(() => this.#tellChanges(teamId, hub)).catch(() => undefined);
  }

  async #tellChanges(teamId: number, hub: Hub): Promise<void> {
    const state = await this.#read(teamId);
    const changes = changesBetween(hub.state, state);
    hub.state = state;
    for (const change of changes) {
      hub.last += 1;
      const text = `event: change\nid: ${hub.last}\ndata: ${JSON.stringify(change)}\n\n`;
      for (const one of hub.open) tell(one, text);
    }
  }

  #left(teamId: number, hub: Hub, open: Open): void {
    hub.open.delete(open);
    if (hub.open.size > 0 || this.#hubs.get(teamId) !== hub) return;
    clearTimeout(hub.timer);
    this.#hubs.delete(teamId);
    if (this.#hubs.size === 0) this.#stop();
  }

  #read(teamId: number): Promise<ProjectState> {
    return this.#options.database.read(() => readProjectState(teamId));
  }
}

/** Tells one client; who does not read is cut, since what waits for it would grow. */
function tell({ target }: Open, text: string): void {
  if (target.writableLength > MOST_UNREAD) target.destroy();
  else target.write(text);
}
