import { FrontendReader } from './frontend-messages.ts';
import { startTcpProxy } from './tcp-proxy.ts';

/** What went over the wire. */
export interface WireCounts {
  /** Statements that the server executed. */
  readonly statements: number;
  /** Times that somebody had to wait for the server: a Sync or a simple query, each answered by ReadyForQuery. */
  readonly roundTrips: number;
  /** Statements that the server had to parse. */
  readonly parses: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** Stands between us and the server, reads the frontend's messages and counts. */
export interface CountingProxy {
  readonly url: string;
  /** Since the last `reset`; connections being opened do not count. */
  readonly counts: WireCounts;
  /** Times that a client asked for TLS, ever. */
  readonly tlsRequests: number;
  reset(): void;
  close(): Promise<void>;
}

const none: WireCounts = { statements: 0, roundTrips: 0, parses: 0, bytesSent: 0, bytesReceived: 0 };

export async function startCountingProxy(url: string): Promise<CountingProxy> {
  let counts = none;
  let tlsRequests = 0;
  const add = (part: Partial<WireCounts>) => {
    counts = {
      statements: counts.statements + (part.statements ?? 0),
      roundTrips: counts.roundTrips + (part.roundTrips ?? 0),
      parses: counts.parses + (part.parses ?? 0),
      bytesSent: counts.bytesSent + (part.bytesSent ?? 0),
      bytesReceived: counts.bytesReceived + (part.bytesReceived ?? 0),
    };
  };
  const proxy = await startTcpProxy(url, () => {
    const reader = new FrontendReader((type, bytes) => {
      if (type === 'ssl') tlsRequests += 1;
      else add({ bytesSent: bytes });
      if (type === 'E' || type === 'Q') add({ statements: 1 });
      if (type === 'S' || type === 'Q') add({ roundTrips: 1 });
      if (type === 'P') add({ parses: 1 });
    });
    return {
      sent: (chunk) => reader.read(chunk),
      received: (chunk) => add({ bytesReceived: chunk.length }),
    };
  });
  return {
    url: proxy.url,
    get counts() {
      return counts;
    },
    get tlsRequests() {
      return tlsRequests;
    },
    reset() {
      counts = none;
    },
    close: () => proxy.refuse(),
  };
}
