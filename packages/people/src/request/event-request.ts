/** What an HTTP request to an event path brought. Its token is not yet known to belong to anybody. */
export interface EventRequest {
  readonly path: EventPath;
  /** As it arrived, packed or not. Empty for GET. */
  readonly body: Uint8Array;
  readonly query: URLSearchParams;
  /** A header by its name in lower case. */
  readonly header: (name: string) => string | undefined;
  /** When it arrived, in ms since 1970. */
  readonly now: number;
  readonly limits?: RequestLimits;
}

/** How much a request may bring. */
export interface RequestLimits {
  /** Of the unpacked body, in bytes (I20). Default 40 MiB. */
  readonly unpackedBytes?: number;
  /** What is over is skipped and counted (I190). Default 10 000. */
  readonly events?: number;
}

/** Handlers of the paths of I10: `engage` is v0 whose events may lack a name, `replay` is read and dropped. */
export type EventPath = 'v0' | 'engage' | 'v1' | 'replay';

const PATHS: ReadonlyMap<string, EventPath> = new Map<string, EventPath>([
  ['/batch', 'v0'],
  ['/e', 'v0'],
  ['/i/v0/e', 'v0'],
  ['/capture', 'v0'],
  ['/track', 'v0'],
  ['/engage', 'engage'],
  ['/i/v1/analytics/events', 'v1'],
  ['/s', 'replay'],
]);

/** What handles a path (I10), with or without the slash at its end; undefined for paths of no events. */
export function eventPath(path: string): EventPath | undefined {
  return PATHS.get(path.endsWith('/') ? path.slice(0, -1) : path);
}
