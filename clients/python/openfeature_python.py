from openfeature import api
from openfeature.contrib.provider.posthog import PostHogProvider
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from posthog import Posthog
from serve import serve


class Client:
    def open(self, host, token, pollMs, secret=None):
        self.posthog = Posthog(token, host=host, personal_api_key=secret, poll_interval=pollMs / 1000)
        api.set_provider_and_wait(PostHogProvider(self.posthog, send_feature_flag_events=False))
        self.client = api.get_client()

    def flags(self, user, keys, local):
        about = {"groups": user["groups"], "group_properties": user["groupProperties"]}
        context = EvaluationContext(user["distinctId"], {**user["personProperties"], **about})
        return {
            "values": {key: self.value(key, context) for key in keys},
            "payloads": {key: self.payload(key, context) for key in keys},
        }

    def value(self, key, context):
        """The variant where there is one. The caller of this API says which type is wanted; nobody here knows."""
        details = self.client.get_string_details(key, "", context)
        if details.error_code == ErrorCode.FLAG_NOT_FOUND:
            return None
        if details.error_code is None and details.value != "":
            return details.value
        details = self.client.get_boolean_details(key, False, context)
        if details.error_code is not None:
            raise RuntimeError(f"{details.error_code.value}: {details.error_message}")
        return details.value

    def payload(self, key, context):
        return self.client.get_object_details(key, {}, context).value or None

    def capture(self, distinctId, event):
        self.posthog.capture(event, distinct_id=distinctId)
        self.posthog.flush()

    def close(self):
        self.posthog.shutdown()


if __name__ == "__main__":
    serve(Client())
