import type {
  CompiledProject,
  Evaluation,
  EvaluationRequest,
  FlagExplanation,
  KeyGrant,
  LoadedFacts,
  LocalDefinitions,
  RemoteConfigs,
} from 'halyard/host';
import type { JsonObject } from '@halyard/json';

/** Where the service finds the project of a token. */
export interface Projects {
  /**
   * The project with this public token, at its newest known revision; null when there is none.
   * A known project should come back without a promise: that keeps a request without stored facts synchronous.
   * Throws or rejects when the store cannot say (`wire/store-failure.ts` maps it to a status).
   *
   * @param address who asks, for the rate of look-ups in vain (H95a)
   */
  byToken(token: string, address?: string): Project | null | Promise<Project | null>;
}

/** One project at one revision of its definitions. */
export interface Project {
  readonly teamId: number;
  /** UUID of the organization; undefined where nothing is known of it, and so no personal key opens the project. */
  readonly organizationId?: string | undefined;
  /** Identity of the compiled definitions; whatever is rendered from them is kept under it. */
  readonly program: object & Partial<Pick<CompiledProject['program'], 'figures' | 'reads'>>;
  /** What its configuration is made of; absent or without settings: it has none of its own (H158). */
  readonly project?: { readonly token: string; readonly settings: JsonObject; readonly timezone?: string };
  /** H57: written only when true. */
  readonly minimalFlagCalledEvents?: boolean | undefined;
  /**
   * Synchronous unless stored facts are needed.
   *
   * @param told gets what was loaded
   */
  evaluate(request: EvaluationRequest, told?: { loaded: LoadedFacts | undefined }): Evaluation | Promise<Evaluation>;
  /** The same, and how each flag came to its result; for requests that may know (H150). */
  explain?(
    request: EvaluationRequest,
  ): Promise<{ readonly flags: readonly FlagExplanation[]; readonly errors: boolean }>;
}

/** What secret and personal keys open. */
export interface Keys {
  /**
   * What a key opens; null: nothing. Throws or rejects when the store cannot say, or when too many keys of nobody are asked for.
   *
   * @param address who asks, for the rate of look-ups in vain (H95a)
   */
  find(key: string, address?: string): KeyGrant | null | Promise<KeyGrant | null>;
}

/** The documents for local evaluation. */
export interface DefinitionsPort {
  /** Null: the project has gone. Rejects when the store cannot say. */
  of(project: Project): LocalDefinitions | null | Promise<LocalDefinitions | null>;
}

/** The remote configurations of projects. */
export interface RemoteConfigsPort {
  /** Null: the project has gone. Rejects when the store cannot say. */
  of(project: Project): RemoteConfigs | null | Promise<RemoteConfigs | null>;
}
