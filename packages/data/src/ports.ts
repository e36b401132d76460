import type { JsonObject } from '@halyard/json';
import type { Definitions, FactPlan, Facts } from '@halyard/engine';
import type { KeyGrant, KeyStamp, SentKey } from './key-grant.ts';
import type { Position } from './position.ts';

/** Who answers: the reader, or the writer, which knows of a change before a reader that lags. One where there is only one. */
export type StoreSide = 'reader' | 'writer';

export interface LoadOptions {
  /** Default: the reader. */
  readonly side?: StoreSide;
  /** The revision that is known to be the newest: a copy that has it needs no confirmation. */
  readonly revision?: string;
}

/** Where a project's definitions come from. */
export interface DefinitionSource {
  /**
   * Reads the whole project behind a public token. `null`: there is certainly no such token. A cohort list or group
   * type mapping that could not be read is a `FactFailure` inside the definitions, not an error of the whole (D43).
   *
   * @throws {StoreError} when the project or its flags could not be read
   */
  load(token: string, options?: LoadOptions): Promise<ProjectDefinitions | null>;

  /**
   * The revision that `load` would give now, for a fraction of its cost. `null`: the token has gone.
   *
   * @throws {StoreError}
   */
  revision(project: Project, side?: StoreSide): Promise<string | null>;
}

export interface ProjectDefinitions {
  readonly project: Project;
  readonly definitions: Definitions;
  /** Differs whenever anything that `load` reads differs. Only equality means something. */
  readonly revision: string;
  /** How far the store had come; absent where it keeps no order. */
  readonly position?: Position;
  /** The copy that it was read from, such as `redis`; absent: the store itself. */
  readonly origin?: string;
  /** When the copy was last known to be the newest, in milliseconds since the epoch. */
  readonly confirmedAt?: number;
  /** Why nobody could say whether this copy is the newest; absent when it was. */
  readonly unconfirmed?: Error;
}

/** What the service knows about a project besides its flags (D7). */
export interface Project {
  readonly teamId: number;
  /** The parent project; equals the team id in installations made before environments existed (D8). */
  readonly projectId: number;
  /** The public token. */
  readonly token: string;
  readonly name: string;
  /** IANA name. */
  readonly timezone: string;
  /** Team columns that shape the response's config section, by column name; secrets are not among them. */
  readonly settings: JsonObject;
  /** The configuration document that PostHog keeps of the project beside its columns (D7a); null: it keeps none here. */
  readonly remoteConfig?: JsonObject | null;
}

/** Where secret and personal keys are looked up. */
export interface KeySource {
  /**
   * What a key opens (D61, D62). `null`: it is nobody's, or opens nothing of flags.
   *
   * @throws {StoreError}
   */
  find(sent: SentKey, side?: StoreSide): Promise<KeyGrant | null>;

  /**
   * Notes that a key was used, unless that was noted within the last hour (D63).
   *
   * @throws {StoreError}
   */
  stamp(stamp: KeyStamp): Promise<void>;
}

/** Where the stored facts come from. */
export interface FactSource {
  /** Answers a plan from one snapshot. Never rejects: what could not be loaded is a `FactFailure` inside the facts. */
  load(plan: FactPlan): Promise<Facts>;
}

/** Where a store reports what it does; the host decides what becomes of it. */
export type StoreLog = (level: 'debug' | 'info' | 'warn' | 'error', message: string, fields?: object) => void;
