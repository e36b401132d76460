import { byKey } from './serve.mjs';

/**
 * How a client for one user, such as that of a browser or a phone, answers for many: each of them is a client of its own.
 *
 * @param {(token: string, options: import('@posthog/core').PostHogCoreOptions, deviceId?: string) => import('@posthog/core').PostHogCore} create
 * @returns {import('./serve.mjs').Client}
 */
export function oneUser(create) {
  /** @type {import('./serve.mjs').Opening} */
  let opening;
  /** @type {Map<string, import('@posthog/core').PostHogCore>} */
  const clients = new Map();
  /** @param {string} distinctId @param {string} [deviceId] */
  const clientOf = (distinctId, deviceId) => {
    const name = JSON.stringify([distinctId, deviceId]);
    const found = clients.get(name);
    if (found !== undefined) return found;
    const bootstrap = { distinctId, isIdentifiedId: true };
    // Questions are asked one by one; what it would ask for by itself at the start would only come twice.
    const made = create(opening.token, { host: opening.host, bootstrap, preloadFeatureFlags: false }, deviceId);
    clients.set(name, made);
    return made;
  };
  return {
    open: (next) => {
      opening = next;
      clients.clear();
    },
    flags: async ({ user, keys }) => {
      const posthog = clientOf(user.distinctId, user.deviceId);
      posthog.resetPersonPropertiesForFlags();
      posthog.resetGroupPropertiesForFlags();
      posthog.setPersonPropertiesForFlags(user.personProperties, false);
      posthog.setGroupPropertiesForFlags(user.groupProperties);
      posthog.groups(user.groups);
      const failed = await posthog.reloadFeatureFlagsAsync().then(
        () => undefined,
        (error) => String(error),
      );
      return {
        values: await byKey(keys, (key) => {
          const found = posthog.getFeatureFlagResult(key);
          return found?.variant ?? found?.enabled;
        }),
        payloads: await byKey(keys, (key) => posthog.getFeatureFlagResult(key)?.payload),
        ...(failed === undefined ? {} : { failed }),
      };
    },
    capture: async ({ distinctId, event }) => {
      const posthog = clientOf(distinctId);
      posthog.capture(event);
      await posthog.flush();
    },
    close: async () => {
      for (const posthog of clients.values()) await posthog.shutdown();
    },
  };
}
