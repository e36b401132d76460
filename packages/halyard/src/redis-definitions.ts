import { DefinitionsCopy } from '@halyard/data/redis';
import { messageOf } from './arguments.ts';
import { localDocument } from './local-document.ts';
import type { FetchedText } from './sources.ts';
import { Turns } from './turns.ts';

/** A Redis or Valkey in which services with the same setting `REDIS_URL` leave definitions. */
export interface DefinitionsRedis {
  /** Its address, such as `redis://user:password@host:6379/0`; `rediss:` for TLS, `valkey:` for Valkey. */
  readonly redis: string | URL;
  /** The project's public token. */
  readonly token: string;
  /** Begins the services' keys, as their setting `HALYARD_REDIS_PREFIX` says. Default `halyard`. */
  readonly prefix?: string;
}

/** A project's document for local evaluation, from its definitions in Redis; the tag is their revision. */
export function fetchFromRedis({ redis, token, prefix }: DefinitionsRedis): {
  fetch(revision: string | null): Promise<FetchedText | null>;
  close(): void;
} {
  const copy = new DefinitionsCopy({ url: String(redis), token, ...(prefix === undefined ? {} : { prefix }) });
  const turns = new Turns();
  return {
    async fetch(known) {
      try {
        const entry = await copy.read(known);
        if (entry === null) return null;
        const { revision: etag, position } = entry;
        return { text: await turns.through(localDocument(entry)), etag, position };
      } catch (error) {
        throw new Error(`Redis gave no definitions: ${messageOf(error)}`, { cause: error });
      }
    },
    close: () => copy.close(),
  };
}
