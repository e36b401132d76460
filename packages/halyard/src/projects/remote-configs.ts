import type { RemoteConfig } from '@halyard/data/conversation';
import { PerRevision } from './per-revision.ts';

/** The remote configurations of a project, by flag id and by key. */
export interface RemoteConfigs {
  readonly byId: ReadonlyMap<number, RemoteConfig>;
  readonly byKey: ReadonlyMap<string, RemoteConfig>;
}

export interface RemoteConfigsOptions {
  /** @throws {StoreError} */
  readonly load: (teamId: number) => Promise<readonly RemoteConfig[]>;
  readonly maxBytes: number;
  readonly onError: (error: unknown) => void;
}

/** A payload is rarely larger; those of a project count together. */
const BYTES_EACH = 1_000;

/** The remote configurations, read once per revision of a project; payloads stay encrypted here. */
export function remoteConfigs({ load, ...limits }: RemoteConfigsOptions): PerRevision<RemoteConfigs> {
  return new PerRevision({
    ...limits,
    make: async ({ teamId }) => {
      const configs = await load(teamId);
      const value: RemoteConfigs = {
        byId: new Map(configs.map((config) => [config.id, config])),
        byKey: new Map(configs.map((config) => [config.key, config])),
      };
      return { value, bytes: (configs.length + 1) * BYTES_EACH };
    },
  });
}
