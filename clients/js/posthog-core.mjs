import { PostHogCore, PostHogPersistedProperty } from '@posthog/core';
import { oneUser } from './one-user.mjs';
import { serve } from './serve.mjs';

/** What the clients for phones are built on, with the least that one of them adds: storage in memory, and the runtime's own `fetch`. */
class Phone extends PostHogCore {
  /** @type {Map<string, unknown>} */
  #stored = new Map();

  /** @param {string} token @param {import('@posthog/core').PostHogCoreOptions} options @param {string} [deviceId] */
  constructor(token, options, deviceId) {
    super(token, options);
    // Not before there is where it is kept.
    this.setupBootstrap(options);
    if (deviceId !== undefined) this.setPersistedProperty(PostHogPersistedProperty.DeviceId, deviceId);
  }
  /** @template T @param {import('@posthog/core').PostHogPersistedProperty} key @returns {T | undefined} */
  getPersistedProperty(key) {
    return /** @type {T | undefined} */ (this.#stored.get(key));
  }
  /** @template T @param {import('@posthog/core').PostHogPersistedProperty} key @param {T | null} value */
  setPersistedProperty(key, value) {
    if (value === null) this.#stored.delete(key);
    else this.#stored.set(key, value);
  }
  /** @param {string} url @param {import('@posthog/core').PostHogFetchOptions} options */
  fetch(url, options) {
    return fetch(url, options);
  }
  getLibraryId() {
    return 'posthog-react-native';
  }
  getLibraryVersion() {
    return '4.78.0';
  }
  getCustomUserAgent() {
    return `${this.getLibraryId()}/${this.getLibraryVersion()}`;
  }
}

await serve(oneUser((token, options, deviceId) => new Phone(token, options, deviceId)));
