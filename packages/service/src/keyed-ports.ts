import type { OpenProjects } from 'halyard/host';
import type { Settings } from './operate/settings/table.ts';
import { KeyedLimits } from './posthog/protection/keyed-limits.ts';
import { fernetKey } from './posthog/fernet.ts';
import type { KeyedPorts } from './posthog/keyed-routes.ts';

/** What the service opens with keys, as the settings want it. */
export function keyedPorts(projects: OpenProjects, settings: Settings): KeyedPorts {
  return {
    keys: projects.keys,
    definitions: projects.localDefinitions,
    configs: projects.remoteConfigs,
    tokenOfTeam: projects.tokenOfTeam,
    fernetKeys: fernetKeys(settings),
    limits: keyedLimits(settings),
  };
}

/** H189: flags have keys of their own, or that of the application. */
export function fernetKeys({ flagsSecretKeys, secretKey }: Settings): readonly Uint8Array[] {
  return (flagsSecretKeys ?? (secretKey === undefined ? [] : [secretKey])).map(fernetKey);
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
