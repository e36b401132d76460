/** Where an answer goes that is written bit by bit. */
export interface StreamTarget {
  /** Whether the system has taken it; false: it waits, and more had better not come. */
  write(text: string): boolean;
  end(): void;
  /** Cuts the connection. */
  destroy(): unknown;
  /** What waits for a client that does not read, in bytes. */
  readonly writableLength: number;
  on(event: 'close', hear: () => void): unknown;
}

/** Writes an answer bit by bit, and ends it. Called once its status and headers are written. */
export type Stream = (target: StreamTarget) => void;
