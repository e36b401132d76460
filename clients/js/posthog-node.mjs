import { PostHog } from 'posthog-node';
import { byKey, serve } from './serve.mjs';

/** @type {PostHog} */
let posthog;

await serve({
  open: async ({ host, token, secret, pollMs }) => {
    const local = secret === undefined ? {} : { personalApiKey: secret, featureFlagsPollingInterval: pollMs };
    posthog = new PostHog(token, { host, ...local });
    if (secret !== undefined) await posthog.waitForLocalEvaluationReady(5000);
  },
  flags: async ({ user: { distinctId, deviceId, ...user }, keys, local }) => {
    const device = deviceId === undefined ? {} : { $device_id: deviceId };
    const personProperties = { ...user.personProperties, ...device };
    const flags = await posthog.evaluateFlags(distinctId, { ...user, personProperties, onlyEvaluateLocally: local });
    return {
      values: await byKey(keys, (key) => flags.getFlag(key)),
      payloads: await byKey(keys, (key) => flags.getFlagPayload(key)),
    };
  },
  capture: async ({ distinctId, event, set }) => {
    posthog.capture({ distinctId, event, properties: set === undefined ? {} : { $set: set } });
    await posthog.flush();
  },
  remoteConfig: async ({ key }) => ({ payload: await posthog.getRemoteConfigPayload(key) }),
  close: () => posthog.shutdown(),
});
