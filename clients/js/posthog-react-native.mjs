import { PostHogPersistedProperty } from '@posthog/core';
import { PostHog } from 'posthog-react-native';
import { oneUser } from './one-user.mjs';
import { serve } from './serve.mjs';

/** Where it keeps what it knows, in place of a phone's files. */
function memory() {
  /** @type {Map<string, string>} */
  const stored = new Map();
  return {
    /** @param {string} key */
    getItem: (key) => stored.get(key) ?? null,
    /** @param {string} key @param {string} value */
    setItem: (key, value) => void stored.set(key, value),
  };
}

/*
 * The package as it is published, with `react-native` being React Native for Web, its own way of running where there is no phone: an alias in package.json.
 * What a phone adds (app lifecycle, replay, native storage) is not there.
 */
await serve(
  oneUser((token, options, deviceId) => {
    const posthog = new PostHog(token, {
      ...options,
      customStorage: memory(),
      captureAppLifecycleEvents: false,
      disableSurveys: true,
    });
    if (deviceId !== undefined) posthog.setPersistedProperty(PostHogPersistedProperty.DeviceId, deviceId);
    return posthog;
  }),
);
