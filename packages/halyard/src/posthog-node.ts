import { isRecord, kindOf } from './arguments.ts';
import { type DefinitionsHost, urlOfHost } from './host-definitions.ts';
import { checkHost } from './options.ts';
import { DefinitionsReader } from './definitions-reader.ts';

export type { DefinitionsHost } from './host-definitions.ts';

/** What posthog-node asks of its option `flagDefinitionCacheProvider`. */
export interface DefinitionsProvider {
  /** The newest document; the last one while the host does not answer. Rejects when there is none yet. */
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
 * Definitions for posthog-node from a Halyard, while events and everything else go where they went:
 * `new PostHog(token, { host, flagDefinitionCacheProvider: halyardDefinitions({ host: halyard, secretKey }) })`. The client says how
 * often it looks (`featureFlagsPollingInterval`); a look that finds nothing new costs an answer without a body.
 *
 * @throws {TypeError} naming the option that cannot be used
 */
export function halyardDefinitions(options: Omit<DefinitionsHost, 'pollMs'>): DefinitionsProvider {
  if (!isRecord(options)) throw new TypeError(`halyardDefinitions takes { host, secretKey }, not ${kindOf(options)}`);
  const reader = new DefinitionsReader(urlOfHost(checkHost({ ...options })));
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
    shutdown: () => reader.close(),
  };
}
