import type { OpenProjects } from 'halyard/host';
import type { Settings } from './operate/settings/table.ts';
import { fernetKey } from './posthog/fernet.ts';
import type { KeyedPorts } from './posthog/keyed-routes.ts';

/** What the service opens with keys, as the settings want it. */
export function keyedPorts(projects: OpenProjects, { flagsSecretKeys, secretKey }: Settings): KeyedPorts {
  const configured = flagsSecretKeys ?? (secretKey === undefined ? [] : [secretKey]);
  return {
    keys: projects.keys,
    definitions: projects.localDefinitions,
    configs: projects.remoteConfigs,
    tokenOfTeam: projects.tokenOfTeam,
    fernetKeys: configured.map(fernetKey),
  };
}
