import type { JsonObject } from '@halyard/json';
import { findSchema, type FoundSchema } from '../conversation/find-schema.ts';
import { listEarlyAccess } from '../conversation/list-early-access.ts';
import { type ListedProject, listProjects } from '../conversation/list-projects.ts';
import { type PagedPerson, pagePersons } from '../conversation/page-persons.ts';
import { loadFacts } from '../conversation/load-facts.ts';
import { loadKey, stampKey } from '../conversation/load-key.ts';
import { loadProject, projectRevision } from '../conversation/load-project.ts';
import { loadRemoteConfigs, loadTokenOfTeam, type RemoteConfig } from '../conversation/load-remote-configs.ts';
import { sendNotice } from '../conversation/notices.ts';
import { Store } from '../conversation/store.ts';
import type { DefinitionSource, FactSource, KeySource } from '../ports.ts';
import type { Executor } from './executor.ts';
import type { PersonPageWish } from '../statements/person-page-statement.ts';
import { PoolDriver } from './pool-driver.ts';

export interface PostgresStoreOptions {
  readonly personsReader: Executor;
  readonly personsWriter: Executor;
  readonly mainReader: Executor;
  readonly mainWriter: Executor;
  /** The persons reader is not the persons writer, so it may not have yet what was just written. Default false. */
  readonly readerMayLag?: boolean;
  /** Whether requests at the same time share statements. Default true. */
  readonly coalesce?: boolean;
  /** How many whole projects are read at a time. Default 8. */
  readonly readings?: number;
  /** Resolves when whoever compiles projects can take one more. */
  readonly room?: () => Promise<void>;
  /** Told of every failure that becomes a fact failure or is survived otherwise; a request must not learn more than its code. */
  readonly onError?: (error: unknown) => void;
  /** From 0 to 1; spreads repeated writes (D41). Default `Math.random`. */
  readonly chance?: () => number;
  /** Milliseconds from any beginning. Default: those of the process. */
  readonly clock?: () => number;
}

/** Both ports over PostgreSQL. Everything that is remembered about the store is remembered here. */
export class PostgresStore {
  readonly definitions: DefinitionSource;
  readonly facts: FactSource;
  readonly keys: KeySource;
  readonly #store: Store;
  readonly #driver: PoolDriver;

  constructor(options: PostgresStoreOptions) {
    const { personsReader, personsWriter, mainReader, mainWriter, coalesce = true } = options;
    const store = new Store({
      clock: options.clock ?? (() => performance.now()),
      chance: options.chance ?? Math.random,
      readerMayLag: options.readerMayLag === true,
      report: options.onError ?? (() => undefined),
    });
    const driver = new PoolDriver(
      {
        'persons reader': personsReader,
        'persons writer': personsWriter,
        'non-persons reader': mainReader,
        'non-persons writer': mainWriter,
      },
      { merge: coalesce, largeAtOnce: options.readings, room: options.room },
    );
    this.facts = { load: (plan) => driver.run(loadFacts(store, plan)) };
    this.definitions = {
      load: (token, { side = 'reader' } = {}) => driver.run(loadProject(store, token, { side })),
      revision: (project, side = 'reader') => driver.run(projectRevision(store, project, { side })),
    };
    this.keys = {
      find: (sent, side) => driver.run(loadKey(store, sent, side)),
      stamp: (stamp) => driver.run(stampKey(store, stamp)),
    };
    this.#store = store;
    this.#driver = driver;
  }

  /**
   * Sends a text on the channel of notices, to see whether it arrives. Whether the schema announces changes by now.
   *
   * @throws {StoreError}
   */
  sendNotice(text: string): Promise<boolean> {
    return this.#driver.run(sendNotice(this.#store, text));
  }

  /**
   * The remote configurations of a project, encrypted ones included (H187).
   *
   * @throws {StoreError}
   */
  remoteConfigs(teamId: number): Promise<readonly RemoteConfig[]> {
    return this.#driver.run(loadRemoteConfigs(this.#store, teamId));
  }

  /**
   * The public token of a project by its id; `null`: there is none.
   *
   * @throws {StoreError}
   */
  tokenOfTeam(teamId: number): Promise<string | null> {
    return this.#driver.run(loadTokenOfTeam(this.#store, teamId));
  }

  /**
   * Some of the projects, oldest first (D7).
   *
   * @throws {StoreError}
   */
  projects(limit = 10): Promise<readonly ListedProject[]> {
    return this.#driver.run(listProjects(this.#store, limit));
  }

  /**
   * A page of the persons of a team.
   *
   * @throws {StoreError}
   */
  persons(wish: PersonPageWish): Promise<readonly PagedPerson[]> {
    return this.#driver.run(pagePersons(this.#store, wish));
  }

  /**
   * The early access features of a team (D14).
   *
   * @throws {StoreError}
   */
  earlyAccess(teamId: number): Promise<readonly JsonObject[]> {
    return this.#driver.run(listEarlyAccess(this.#store, teamId));
  }

  /**
   * What the tables look like.
   *
   * @throws {StoreError}
   */
  schema(): Promise<FoundSchema> {
    return this.#driver.run(findSchema(this.#store));
  }
}
