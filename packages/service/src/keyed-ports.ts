import type { OpenProjects } from 'halyard/host';
import type { Settings } from './operate/settings/table.ts';
import { KeyedLimits } from './posthog/protection/keyed-limits.ts';
import { fernetKey } from './posthog/fernet.ts';
import type { KeyedPorts } from './posthog/keyed-routes.ts';

/** What the service opens with keys, as the settings want it. */
export function keyedPorts(projects: OpenProjects, settings: Settings): KeyedPorts {
  const { flagsSecretKeys, secretKey } = settings;
  const configured = flagsSecretKeys ?? (secretKey === undefined ? [] : [secretKey]);
  return {
    keys: projects.keys,
    definitions: projects.localDefinitions,
    configs: projects.remoteConfigs,
    tokenOfTeam: projects.tokenOfTeam,
    fernetKeys: configured.map(fernetKey),
    limits: keyedLimits(settings),
  };
}

function keyedLimits(settings: Settings): KeyedLimits {
  return new KeyedLimits({
    definitions: settings.definitionsRateLimit,
    conditional: settings.definitionsConditionalRateLimit,
    remoteConfig: settings.remoteConfigRateLimit,
    overrides: {
      definitions: new Map(settings.definitionsRateLimitOverrides),
      conditional: new Map(settings.definitionsConditionalRateLimitOverrides),
    },
    unlimited: new Set(settings.definitionsUnlimited),
    clock: () => performance.now(),
  });
}
