import { heldTokens } from './projects/held-tokens.ts';
import {
  BoundedFactSource,
  createRouter,
  type FactSource,
  type FoundSchema,
  type ListedProject,
  type PagedPerson,
  PostgresStore,
  type Router,
  type RouterSettings,
  SharedDefinitions,
  type SharedDefinitionsOptions,
  type StoreSide,
} from '@halyard/data';
import { KnownKeys } from './keys/known-keys.ts';
import { compile, type Definitions } from '@halyard/engine';
import type { JsonObject } from '@halyard/json';
import { CompiledProject } from './compiled-project.ts';
import { followChanges } from './projects/follow-changes.ts';
import { type LocalDefinitions, localDefinitions } from './projects/local-definitions.ts';
import { LookupRate } from './projects/lookup-rate.ts';
import { memoryHere, memoryLimits } from './projects/memory-limits.ts';
import type { PerRevision } from './projects/per-revision.ts';
import { ProjectRegistry } from './projects/project-registry.ts';
import type { RegistryOptions } from './projects/registry-options.ts';
import { type RemoteConfigs, remoteConfigs } from './projects/remote-configs.ts';

/** What documents for local evaluation and remote configurations may take each, of what projects may. */
const SHARE_FOR_DOCUMENTS = 0.1;

/** The projects of a database, kept fresh. */
export interface OpenProjects {
  readonly registry: ProjectRegistry;
  /** What secret and personal keys open. */
  readonly keys: KnownKeys;
  /** The documents for local evaluation. */
  readonly localDefinitions: PerRevision<LocalDefinitions>;
  /** The remote configurations. */
  readonly remoteConfigs: PerRevision<RemoteConfigs>;
  /** The public token of a project by its id; `null`: there is none. Rejects with a `StoreError`. */
  readonly tokenOfTeam: (teamId: number) => Promise<string | null>;
  /** The stored facts that its projects load. */
  readonly facts: FactSource;
  /** Some of the projects, oldest first. Rejects when the database cannot be reached. */
  list(): Promise<readonly ListedProject[]>;
  /** The project of a token, read anew (from the reader, unless told) and compiled with a change, for one question; null: there is none. Rejects like `list`. */
  recompiled(
    token: string,
    change: (definitions: Definitions) => Definitions,
    side?: StoreSide,
  ): Promise<CompiledProject | null>;
  /** The definitions of a token's project, as they are stored; null: there is none. Rejects like `list`. */
  definitions(token: string): Promise<Definitions | null>;
  /** Persons of a team behind an id, in the order of ids. Rejects like `list`. */
  persons(teamId: number, after: number, limit: number): Promise<readonly PagedPerson[]>;
  /** The early access features of a team (D14). Rejects like `list`. */
  earlyAccess(teamId: number): Promise<readonly JsonObject[]>;
  /** Calls the listener when something of a team may have changed, as far as notices tell; the answer takes it away. */
  onTeamChange(listener: (teamId: number) => void): () => void;
  /** What the tables look like. Rejects like `list`. */
  schema(): Promise<FoundSchema>;
  /** How the database pools stand. */
  readonly pools: Router['pools'];
  /** Opens a connection in every pool. Rejects like `list`. */
  warmUp(): Promise<void>;
  readonly close: () => Promise<void>;
}

export interface OpenProjectsOptions
  extends Pick<RegistryOptions, 'onProblems' | 'onStoreFailure' | 'onFreshness' | 'random' | 'unknownPerSecond'> {
  /** Milliseconds since the epoch. Default: the system's clock. */
  readonly now?: () => number;
  /** How long a request waits for stored facts; without it as long as the pools do. */
  readonly factsTimeoutMs?: number;
  /** Processes that serve the same projects and share the memory of the machine or container. Default 1. */
  readonly workers?: number;
  /** Whether requests at the same time share statements. Default true. */
  readonly coalesce?: boolean;
  /** Whether the use of secret and personal keys is noted in the store (D63). Default false. */
  readonly stampKeys?: boolean;
  /** Where processes share definitions; without it they do not. */
  readonly redis?: Pick<SharedDefinitionsOptions, 'url' | 'prefix' | 'onState' | 'onBroken'>;
  /** Told of every failure of the store that is survived; a request must not learn more than its code. */
  readonly onError?: (error: unknown) => void;
  /** Told why change notices do not arrive; looking goes on. */
  readonly onNoticesError?: (error: unknown) => void;
}

/**
 * The one composition of pools, store, shared copies, registry and notices. Nothing is connected yet.
 *
 * @throws {Error} for a URL or limit that cannot be used, naming the pool
 */
export function openProjects(settings: RouterSettings, options: OpenProjectsOptions = {}): OpenProjects {
  const { now = Date.now, factsTimeoutMs, redis, coalesce, workers = 1, onError, onNoticesError } = options;
  const { maxBytes, maxReadings } = memoryLimits(memoryHere(workers));
  const router = createRouter(settings);
  const { urls } = router;
  const store = new PostgresStore({
    ...router,
    readerMayLag: urls['persons reader'] !== urls['persons writer'],
    readings: maxReadings,
    room: () => registry.room(),
    ...given({ coalesce, onError }),
  });
  const listeners = new Set<(teamId: number) => void>();
  const tell = (teamId: number): void => {
    for (const listener of listeners) listener(teamId);
  };
  const shared =
    redis === undefined
      ? null
      : new SharedDefinitions({
          ...redis,
          source: store.definitions,
          onChange: (teamId, revision) => {
            registry.invalidate(teamId, revision);
            tell(teamId);
          },
        });
  const facts =
    factsTimeoutMs === undefined ? store.facts : new BoundedFactSource(store.facts, factsTimeoutMs, onError);
  const registry: ProjectRegistry = new ProjectRegistry({
    ...options,
    maxBytes,
    definitions: shared ?? store.definitions,
    facts,
    now,
  });
  const { unknownPerSecond = Number.POSITIVE_INFINITY } = options;
  const limits = { maxBytes: maxBytes * SHARE_FOR_DOCUMENTS, onError: onError ?? ignore };
  const keys = new KnownKeys({
    source: store.keys,
    now,
    rate: Number.isFinite(unknownPerSecond) ? new LookupRate(unknownPerSecond) : null,
    stamps: options.stampKeys === true,
    onError: onError ?? ignore,
  });
  const follower = {
    invalidate(teamId: number) {
      registry.invalidate(teamId);
      keys.teamChanged(teamId);
      tell(teamId);
    },
    setListening(listening: boolean) {
      registry.setListening(listening);
      keys.setListening(listening);
    },
    keysChanged: () => keys.personalChanged(),
  };
  const notices = followChanges(follower, {
    url: urls['non-persons writer'],
    sendNotice: (text) => store.sendNotice(text),
    onError: onNoticesError ?? onError ?? ignore,
  });
  return {
    registry,
    keys,
    localDefinitions: localDefinitions({ ...limits, source: shared ?? store.definitions }),
    remoteConfigs: remoteConfigs({ ...limits, load: (teamId) => store.remoteConfigs(teamId) }),
    tokenOfTeam: heldTokens((teamId) => store.tokenOfTeam(teamId)),
    facts,
    pools: router.pools,
    list: () => store.projects(),
    async recompiled(token, change, side = 'reader') {
      const loaded = await (shared ?? store.definitions).load(token, { side });
      if (loaded === null) return null;
      return new CompiledProject(loaded.project, compile(change(loaded.definitions)), loaded.revision, facts);
    },
    definitions: async (token) =>
      (await (shared ?? store.definitions).load(token, { side: 'reader' }))?.definitions ?? null,
    persons: (teamId, after, limit) => store.persons({ teamId, after, limit }),
    earlyAccess: (teamId) => store.earlyAccess(teamId),
    onTeamChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    schema: () => store.schema(),
    warmUp: () => warmUp(router),
    async close() {
      registry.close();
      await notices.close();
      await shared?.close();
      await router.close();
    },
  };
}

function ignore(): void {
  // Nobody wants to know.
}

/** What there is of these: an absent option is not the same as one that is undefined. */
function given<Options extends object>(options: Options): { [Name in keyof Options]?: NonNullable<Options[Name]> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}

async function warmUp({ mainReader, mainWriter, personsReader, personsWriter }: Router): Promise<void> {
  const ping = { text: 'select 1', values: [] };
  await Promise.all([mainReader, mainWriter, personsReader, personsWriter].map((pool) => pool.query(ping)));
}
