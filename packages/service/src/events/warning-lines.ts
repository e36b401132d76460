import type { Warning } from '@halyard/people';

/** What may be wrong with an event, seen before or while it is stored. */
export type EventWarning = Warning | 'poisonous';

/** How long warnings of a kind are counted before they are told. */
const COUNT_MS = 60_000;

/** Projects and kinds that are counted apart; a flood of others is told as soon as a minute is over. */
const MOST = 10_000;

export interface WarningFields {
  readonly team_id: number;
  readonly kind: EventWarning;
  /** How many events they are of. */
  readonly events: number;
}

/** Tells per project and kind what was wrong with events: the first at once, those behind it once a minute with their number (I203). */
export class WarningLines {
  readonly #tell: (fields: WarningFields) => void;
  readonly #counting = new Map<string, { teamId: number; kind: EventWarning; events: number }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: (fields: WarningFields) => void) {
    this.#tell = tell;
  }

  warn(teamId: number, kind: EventWarning): void {
    const name = `${teamId} ${kind}`;
    const counting = this.#counting.get(name);
    if (counting !== undefined) {
      counting.events += 1;
      return;
    }
    if (this.#counting.size >= MOST) return;
    this.#counting.set(name, { teamId, kind, events: 0 });
    this.#tell({ team_id: teamId, kind, events: 1 });
    this.#timer ??= setInterval(() => this.flush(), COUNT_MS).unref();
  }

  /** Tells what is counted. */
  flush(): void {
    for (const [name, { teamId, kind, events }] of this.#counting) {
      if (events > 0) {
        this.#counting.set(name, { teamId, kind, events: 0 });
        this.#tell({ team_id: teamId, kind, events });
      } else this.#counting.delete(name);
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.flush();
  }
}
