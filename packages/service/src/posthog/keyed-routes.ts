import type { Route } from '../http/route.ts';
import { definitionsRoute } from './definitions-route.ts';
import { KeyedProjects } from './keyed-projects.ts';
import type { DefinitionsPort, Keys, Projects, RemoteConfigsPort } from './ports.ts';
import type { KeyedLimits } from './protection/keyed-limits.ts';
import type { Quota } from './protection/quota.ts';
import type { Usage } from './usage.ts';
import { remoteConfigRoute } from './remote-config-route.ts';

/** What is opened with a key. */
export interface KeyedPorts {
  readonly keys: Keys;
  readonly definitions: DefinitionsPort;
  readonly configs: RemoteConfigsPort;
  /** The public token of a project by its id; null: there is none. Rejects when the store cannot say. */
  readonly tokenOfTeam: (teamId: number) => Promise<string | null>;
  /** For encrypted payloads, in the order in which they are tried. */
  readonly fernetKeys: readonly Uint8Array[];
  /** Default: nobody is limited. */
  readonly limits?: KeyedLimits | undefined;
}

export interface KeyedRoutes {
  /** Paths that name all there is to say. */
  readonly fixed: readonly (readonly [string, Route])[];
  /** The route of a path that names a flag, too; null: it is not such a path. */
  byPath(path: string): Route | null;
}

/**
 * The routes that ask for a secret or personal key (H1).
 *
 * @param quota null: nobody has one
 * @param usage null: nobody counts it
 * @param clock milliseconds since the epoch
 */
export function keyedRoutes(
  ports: KeyedPorts | undefined,
  projects: Projects,
  quota: Quota | null,
  usage: Usage | null,
  clock: () => number,
): KeyedRoutes {
  if (ports === undefined) return { fixed: [], byPath: () => null };
  const { keys, definitions, limits, ...rest } = ports;
  const keyed = new KeyedProjects(keys, projects);
  const route = definitionsRoute({ keyed, definitions, limits, quota, usage, clock });
  const options = { ...rest, keyed, limits };
  return {
    fixed: [
      ['/flags/definitions', route],
      ['/api/feature_flag/local_evaluation', route],
    ],
    byPath: (path) => remoteConfigRoute(path, options),
  };
}
