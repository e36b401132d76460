import { isRecord, kindOf } from './arguments.ts';
import { DefinitionsReader, type Fetch } from './definitions-reader.ts';
import { type DefinitionsHost, urlOfHost } from './host-definitions.ts';
import { checkHost, checkRedis } from './options.ts';
import type { DefinitionsRedis } from './redis-definitions.ts';
import { textFromUrl } from './sources.ts';

export type { DefinitionsHost } from './host-definitions.ts';
export type { DefinitionsRedis } from './redis-definitions.ts';

/** Where definitions for posthog-node come from: a Halyard or PostHog, or the Redis of Halyards. */
export type DefinitionsPlace = Omit<DefinitionsHost, 'pollMs'> | DefinitionsRedis;

/** What posthog-node asks of its option `flagDefinitionCacheProvider`. */
export interface DefinitionsProvider {
  /**
   * The newest document; the last one while the host or Redis does not answer, or has something else. Rejects when there is none yet:
   * posthog-node shows the error, and fetches by itself if it has a key.
   */
  getFlagDefinitions(): Promise<ServedDefinitions>;
  shouldFetchFlagDefinitions(): boolean;
  onFlagDefinitionsReceived(): void;
  shutdown(): void;
}

/** A document as `/flags/definitions` serves it (H172). */
export interface ServedDefinitions {
  // The elements are posthog-node's, whose types this package does not need.
  // oxlint-disable-next-line typescript/no-explicit-any -- each release of posthog-node has types of its own for them
  readonly flags: any[];
  readonly group_type_mapping: Record<string, string>;
  // oxlint-disable-next-line typescript/no-explicit-any -- as above
  readonly cohorts: Record<string, any>;
  readonly minimal_flag_called_events?: boolean;
  readonly property_matching_version?: number;
}

/**
 * Definitions for posthog-node from a Halyard, or from the Redis in which Halyards leave them, while events and everything else go where
 * they went: `new PostHog(token, { host, flagDefinitionCacheProvider: halyardDefinitions({ host: halyard, secretKey }) })`, or
 * `halyardDefinitions({ redis: 'redis://…', token })`. The client says how often it looks (`featureFlagsPollingInterval`); a look that
 * finds nothing new costs an answer without a body. What is older than what is held is not taken.
 *
 * @throws {TypeError} naming the option that cannot be used
 */
export function halyardDefinitions(options: DefinitionsPlace): DefinitionsProvider {
  if (!isRecord(options)) {
    throw new TypeError(`halyardDefinitions takes { host, secretKey } or { redis, token }, not ${kindOf(options)}`);
  }
  const { fetch, close } = isRedis(options) ? fromRedis(checkRedis({ ...options })) : fromHost({ ...options });
  const reader = new DefinitionsReader(fetch);
  let held: ServedDefinitions | undefined;
  return {
    async getFlagDefinitions() {
      try {
        const read = await reader.read();
        if (read !== null) {
          const document = JSON.parse(read.text) as ServedDefinitions;
          if (!Array.isArray(document.flags)) throw new Error('the host sent no definitions');
          held = document;
          reader.taken(read);
        }
      } catch (error) {
        if (held === undefined) throw error;
      }
      return held as ServedDefinitions; // nothing new is said only to whoever holds something
    },
    shouldFetchFlagDefinitions: () => false,
    onFlagDefinitionsReceived() {
      // Only a client that fetches by itself has something to tell.
    },
    shutdown() {
      reader.close();
      close();
    },
  };
}

function isRedis(options: DefinitionsPlace): options is DefinitionsRedis {
  return 'redis' in options;
}

interface Place {
  readonly fetch: Fetch;
  readonly close: () => void;
}

function fromHost(options: Omit<DefinitionsHost, 'pollMs'>): Place {
  const source = urlOfHost(checkHost(options));
  return { fetch: (etag, signal) => textFromUrl(source, etag, signal), close: () => undefined };
}

/** What talks to Redis is loaded when it is first asked. */
function fromRedis(options: DefinitionsRedis): Place {
  let opened: Promise<{ fetch: Fetch; close(): void }> | undefined;
  let closed = false;
  return {
    async fetch(revision, signal) {
      if (closed) throw new Error('closed');
      opened ??= import('#redis-of-node').then(({ fetchFromRedis }) => fetchFromRedis(options));
      return (await opened).fetch(revision, signal);
    },
    close() {
      closed = true;
      void opened?.then((place) => place.close());
    },
  };
}
