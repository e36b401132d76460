import type { Socket } from 'node:net';
import { startPart } from '../compose.ts';
import { createLog } from '../operate/log/logger.ts';
import { DispatchedConnections } from './dispatched-connections.ts';
import { rememberedText, together } from '../observe/remembered-text.ts';
import type { ToPrimary, ToWorker } from './messages.ts';

/** A worker's way to the primary and back. */
export interface Channel {
  say(said: ToPrimary): void;
  /** Calls `hear` with each message, in their order, with the connection that came with it. */
  onMessage(hear: (message: ToWorker, socket: Socket | undefined) => void): void;
  /** Calls `lost` when the primary is not there any more. */
  onLost(lost: () => void): void;
}

/** How long an answer of all may take: each worker has a second, and all are asked at the same time. */
const PAGE_MS = 5_000;

/** The argument with which the program is started as a worker. */
export const workerArgument = 'serve-part';

/** Serves what the primary dispatches, until it says that it is enough, or is not there any more. Rejects when the service cannot start. */
export async function servePart(channel: Channel): Promise<void> {
  const pages = new Questions<string>(channel, PAGE_MS);
  const recents = new Questions<readonly string[]>(channel, PAGE_MS);
  const page = (): Promise<string> => pages.ask((id) => ({ kind: 'want-page', id }));
  const { begin, orders } = await begun(channel);
  const { settings, worker, address } = begin;
  const log = createLog(settings.logLevel, 1, worker);
  // Also when the process ends in a way that nobody foresaw.
  process.once('exit', log.flush);
  const dispatched = new DispatchedConnections(address, (said) => channel.say(said));
  const service = await startPart(
    settings,
    { log, onProgress: () => undefined },
    {
      worker,
      dispatched,
      page,
      recent: async (teamId) => together(await recents.ask((id) => ({ kind: 'want-recent', id, teamId }))),
    },
  );
  const tellMetrics = async (id: number): Promise<void> => {
    if (service.metrics !== null) channel.say({ kind: 'metrics', id, metrics: await service.metrics.values() });
  };
  const leftMs = new Promise<number>((resolve) => {
    channel.onLost(() => resolve(settings.shutdownMs));
    orders((message, socket) => {
      if (message.kind === 'connection') dispatched.arrived(message.id, socket);
      else if (message.kind === 'drain') service.drain();
      else if (message.kind === 'stop') resolve(message.leftMs);
      else if (message.kind === 'tell-metrics') void tellMetrics(message.id);
      else if (message.kind === 'page') pages.answered(message.id, message.text);
      else if (message.kind === 'recent-of-all') recents.answered(message.id, message.texts);
      else if (message.kind === 'tell-recent') {
        channel.say({ kind: 'recent', id: message.id, text: rememberedText(service.ownRecent(message.teamId)) });
      }
    });
  });
  channel.say({ kind: 'ready' });
  try {
    await service.close((await Promise.race([leftMs, service.failed])) * SHARE_FOR_ENDING);
    await tellMetrics(0);
  } finally {
    log.flush();
  }
}

/** What a worker asks the primary, and waits for. */
class Questions<Answer> {
  readonly #channel: Channel;
  readonly #patienceMs: number;
  readonly #open = new Map<number, (answer: Answer) => void>();
  #last = 0;

  constructor(channel: Channel, patienceMs: number) {
    this.#channel = channel;
    this.#patienceMs = patienceMs;
  }

  /** Rejects when nothing comes in time. */
  async ask(question: (id: number) => ToPrimary): Promise<Answer> {
    const id = ++this.#last;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise((resolve, reject) => {
        this.#open.set(id, resolve);
        timer = setTimeout(() => reject(new Error('The other workers did not answer in time.')), this.#patienceMs);
        this.#channel.say(question(id));
      });
    } finally {
      clearTimeout(timer);
      this.#open.delete(id);
    }
  }

  answered(id: number, answer: Answer): void {
    this.#open.get(id)?.(answer);
  }
}

/** What the end of a worker may take of the time after which it is killed. */
const SHARE_FOR_ENDING = 0.9;

type Begin = Extract<ToWorker, { kind: 'begin' }>;
type Hear = (message: ToWorker, socket: Socket | undefined) => void;

/** The first message, and a way to those behind it, none of which is lost meanwhile. */
function begun(channel: Channel): Promise<{ begin: Begin; orders: (hear: Hear) => void }> {
  return new Promise((resolve) => {
    const early: Parameters<Hear>[] = [];
    let hear: Hear = (...message) => void early.push(message);
    channel.onMessage((message, socket) => {
      if (message.kind !== 'begin') hear(message, socket);
      else
        resolve({
          begin: message,
          orders: (listener) => {
            hear = listener;
            for (const missed of early.splice(0)) listener(...missed);
          },
        });
    });
  });
}
