import json

from posthog import Posthog
from serve import serve


class Client:
    def open(self, host, token, pollMs, secret=None):
        self.posthog = Posthog(token, host=host, personal_api_key=secret, poll_interval=pollMs / 1000)
        if secret is not None:
            self.posthog.load_feature_flags()

    def flags(self, user, keys, local):
        flags = self.posthog.evaluate_flags(
            user["distinctId"],
            groups=user["groups"],
            person_properties=user["personProperties"],
            group_properties=user["groupProperties"],
            device_id=user.get("deviceId"),
            only_evaluate_locally=local,
        )
        return {
            "values": {key: flags.get_flag(key) for key in keys},
            "payloads": {key: flags.get_flag_payload(key) for key in keys},
        }

    def capture(self, distinctId, event, set=None):
        self.posthog.capture(event, distinct_id=distinctId, properties={} if set is None else {"$set": set})
        self.posthog.flush()

    def remoteConfig(self, key):
        payload = self.posthog.get_remote_config_payload(key)
        # This client hands out its text.
        return {"payload": json.loads(payload) if isinstance(payload, str) else payload}

    def close(self):
        self.posthog.shutdown()


if __name__ == "__main__":
    serve(Client())
