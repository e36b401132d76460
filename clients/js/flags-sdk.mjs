import { createPostHogAdapter, getProviderData } from '@flags-sdk/posthog';
import { byKey, serve } from './serve.mjs';

/**
 * The part of an adapter that is asked here. Its own types take the Flags SDK, which this needs nothing else of.
 *
 * @typedef {{ decide: (question: { key: string, entities: { distinctId: string }, defaultValue: null }) => Promise<unknown> }} Asked
 * @typedef {{ sendFeatureFlagEvents: boolean }} Options
 * @typedef {object} Adapter
 * @property {(options: Options) => Asked} featureFlagValue
 * @property {(read: (payload: unknown) => unknown, options: Options) => Asked} featureFlagPayload
 */

/** @type {Adapter} */
let adapter;

await serve({
  open: ({ host, token, secret, pollMs }) => {
    const local = secret === undefined ? {} : { personalApiKey: secret, featureFlagsPollingInterval: pollMs };
    const made = createPostHogAdapter({ postHogKey: token, postHogOptions: { host, ...local } });
    adapter = made;
  },
  flags: async ({ user: { distinctId }, keys, local }) => {
    const options = { sendFeatureFlagEvents: false };
    const values = adapter.featureFlagValue(options);
    const payloads = adapter.featureFlagPayload((payload) => payload, options);
    // Without a default it throws where the client has no value.
    const rest = { entities: { distinctId }, defaultValue: null };
    return {
      values: await byKey(keys, (key) => values.decide({ key, ...rest })),
      // It asks the service for the payload of whatever is off.
      payloads: local ? {} : await byKey(keys, (key) => payloads.decide({ key, ...rest })),
    };
  },
  capture: () => ({ error: 'the adapter sends none' }),
  providerData: async ({ host, projectId, key }) => ({
    data: /** @type {unknown} */ (
      await getProviderData({ appHost: host, projectId: String(projectId), personalApiKey: key })
    ),
  }),
  close: () => undefined,
});
