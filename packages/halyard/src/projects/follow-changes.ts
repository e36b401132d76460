import { listenForChanges } from '@halyard/data';
import { advanceNotices, type NoticesEvent, silence } from '@halyard/data/conversation';

/** Who is told of changes. */
export interface Follower {
  /** Something about this team has changed. */
  invalidate(teamId: number): void;
  /** Notices begin or cease to arrive. */
  setListening(listening: boolean): void;
  /** Personal keys, their owners or their organizations have changed. */
  keysChanged?(): void;
}

/** What the schema announces beside team ids. */
const KEYS = 'keys';

export interface FollowOptions {
  /** Of the database that announces changes: the non-persons writer. */
  readonly url: string;
  /** Sends a text on the channel of notices by way of the pool. Whether the schema announces changes. */
  readonly sendNotice: (text: string) => Promise<boolean>;
  /** Told why notices do not arrive; it is tried again. */
  readonly onError: (error: unknown) => void;
}

/**
 * Tells of every change that the database announces, and whether one may rely on that.
 *
 * @throws {Error} for a URL that cannot be used
 */
export function followChanges(follower: Follower, options: FollowOptions): { close(): Promise<void> } {
  const { url, sendNotice, onError } = options;
  const record = silence(Math.random());
  let timer: NodeJS.Timeout | undefined;

  const tell = (event: NoticesEvent, detail?: { text?: string; announces?: boolean }): void => {
    for (const action of advanceNotices(record, event, performance.now(), detail)) {
      if (action === 'send') void send(record.awaited ?? '');
      else follower.setListening(action === 'believe');
    }
    clearTimeout(timer);
    if (!Number.isFinite(record.wakeAt)) return;
    timer = setTimeout(() => tell('due'), Math.max(record.wakeAt - performance.now(), 0) + 1);
    timer.unref();
  };
  const send = async (text: string): Promise<void> => {
    try {
      const announces = await sendNotice(text);
      if (record.awaited === text) tell('sent', { announces });
    } catch (error) {
      if (record.awaited !== text) return;
      onError(error);
      tell('failed');
    }
  };
  const listener = listenForChanges({
    url,
    onChange: (teamId) => follower.invalidate(teamId),
    onText: (text) => (text === KEYS ? follower.keysChanged?.() : tell('heard', { text })),
    onState: (listening) => tell(listening ? 'began' : 'ended'),
    onError,
  });
  return {
    async close() {
      await listener.close();
      tell('ended');
    },
  };
}
