import type { TableOwner } from 'halyard/host';

/** Events cannot be stored here, though the settings want it (I2); the message says what to do. */
export class EventsRefusedError extends Error {
  override readonly name = 'EventsRefusedError';
}

export interface SwitchOptions {
  readonly wanted: 'auto' | 'on' | 'off';
  /** Nothing may be written. */
  readonly readOnly: boolean;
  /** Where requests are sent on to; undefined: nowhere. */
  readonly forward: string | undefined;
  /** Whether events are accepted where they are not stored. */
  readonly neighbours: boolean;
  /** Whose tables there are. Rejects while the database is away. */
  readonly owner: () => Promise<TableOwner>;
}

/** Whether events are stored, which may have to wait for the database (I2). */
export class EventSwitch {
  readonly #options: SwitchOptions;
  #isOn: boolean | undefined;
  #why = '';
  #deciding: Promise<void> | undefined;

  constructor(options: SwitchOptions) {
    this.#options = options;
    if (options.wanted === 'off') this.#set(false, 'HALYARD_INGEST is off');
    else if (options.readOnly) this.#set(false, 'HALYARD_READ_ONLY is set');
  }

  /** Undefined: not known yet. */
  get isOn(): boolean | undefined {
    return this.#isOn;
  }

  /** What happens to events, and why: one line for the log (I201). */
  get line(): string {
    const { forward, neighbours } = this.#options;
    // No user, no password.
    const forwarded = forward === undefined ? '' : new URL(forward).origin;
    if (this.#isOn === true) {
      return `events: persons and groups are stored${forwarded === '' ? '' : `, forwarded to ${forwarded}`}`;
    }
    const why = this.#isOn === undefined ? 'the database is away' : this.#why;
    if (forwarded !== '') return `events: not stored, forwarded to ${forwarded}; ${why}`;
    return neighbours ? `events: accepted and dropped, ${why}` : `events: not accepted, ${why}`;
  }

  /**
   * Asks the database, unless it is known.
   *
   * @throws {EventsRefusedError} when they cannot be stored, but have to
   * Rejects while the database is away.
   */
  decide(): Promise<void> {
    if (this.#isOn !== undefined) return Promise.resolve();
    return (this.#deciding ??= this.#ask().finally(() => void (this.#deciding = undefined)));
  }

  async #ask(): Promise<void> {
    const owner = await this.#options.owner();
    if (owner === 'halyard') this.#set(true, '');
    else if (this.#options.wanted === 'auto') {
      this.#set(false, owner === 'posthog' ? 'the tables belong to PostHog' : 'there are no tables of persons');
    } else if (owner === 'posthog') {
      throw new EventsRefusedError(
        'HALYARD_INGEST=on is not possible here: the tables belong to PostHog, and two that write persons corrupt them. Set it to auto or off.',
      );
    } else throw new EventsRefusedError('HALYARD_INGEST=on needs the tables of persons: set HALYARD_MIGRATE to true.');
  }

  #set(isOn: boolean, why: string): void {
    this.#isOn = isOn;
    this.#why = why;
  }
}
