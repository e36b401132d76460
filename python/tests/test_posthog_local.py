"""PyPI's posthog, as published, evaluates locally from a real service on a real database."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from posthog import Posthog

from support import HERE, Seed, flag, person_filter, until

pytestmark = [
    pytest.mark.once,
    # What the client's next major release takes away is what applications call today.
    pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning"),
]

SECRET = "phs_of_the_test"
TOKEN = "phc_local"
MAIN = HERE.parent.parent / "packages" / "service" / "bin" / "halyard.js"


class Service:
    """A service process. Its log says how it answered."""

    def __init__(self, database: str) -> None:
        self.url = ""
        self._answers: list[tuple[str, int]] = []
        self._process = subprocess.Popen(
            ["node", str(MAIN), "serve"],
            stdout=subprocess.PIPE,
            text=True,
            # That nothing has changed is told at this level only.
            env={"PATH": os.environ["PATH"], "DATABASE_URL": database, "PORT": "0", "LOG_LEVEL": "debug"},
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        until(lambda: self.url, 60, "the service did not start; is the repository built (npm run build)?")

    def _read(self) -> None:
        assert self._process.stdout is not None
        for text in self._process.stdout:
            line = json.loads(text)
            self.url = line.get("url", self.url)
            if "http_status" in line:
                self._answers.append((line.get("lib", ""), line["http_status"]))

    def statuses(self) -> list[int]:
        """Of the answers to posthog-python so far."""
        return [status for lib, status in self._answers if lib == "posthog-python"]

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=60)
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture(scope="module")
def project(server: Any) -> Seed:
    seed = Seed(server.database())
    in_cohort = {"key": "id", "value": 1, "operator": "in", "type": "cohort"}
    gold = {"key": "tier", "value": ["gold"], "operator": "exact", "type": "group", "group_type_index": 0}
    on_flag = {"key": "1", "value": True, "operator": "flag_evaluates_to", "type": "flag"}
    variants = {"variants": [{"key": "blue", "rollout_percentage": 100}]}
    seed.project(
        TOKEN,
        flag(1, "by-plan", person_filter("plan", ["pro"]), filters={"payloads": {"true": '{"columns": 2}'}}),
        flag(2, "colour", filters={"multivariate": variants, "payloads": {"blue": '"#00f"'}}),
        flag(3, "by-cohort", in_cohort),
        flag(4, "by-group", gold, filters={"aggregation_group_type_index": 0}),
        flag(5, "by-flag", on_flag),
        flag(6, "half", rollout=50),
        cohorts=({"id": 1, "filters": {"properties": {"type": "OR", "values": [person_filter("plan", ["pro"])]}}},),
    )
    seed.group(0, "team", "acme", {})
    seed.run("update posthog_team set secret_api_token = %s", SECRET)
    return seed


@pytest.fixture(scope="module")
def service(project: Seed) -> Iterator[Service]:
    running = Service(project.url)
    yield running
    running.stop()


@pytest.fixture
def client(service: Service) -> Iterator[Posthog]:
    """One that polls when it is told to."""
    made = Posthog(TOKEN, host=service.url, secret_key=SECRET, poll_interval=100_000, send=False)
    yield made
    made.shutdown()


ASKED: dict[str, Any] = {
    "groups": {"team": "acme"},
    "person_properties": {"plan": "pro"},
    "group_properties": {"team": {"tier": "gold"}},
}


def test_h172_h173_h175_h176_it_decides_locally_what_the_service_decides(client: Posthog, service: Service) -> None:
    client.load_feature_flags()
    remote = Posthog(TOKEN, host=service.url, send=False)
    users = [f"user-{number}" for number in range(20)]
    for plan in ("pro", "free"):
        asked = {**ASKED, "person_properties": {"plan": plan}}
        local = {user: client.get_all_flags_and_payloads(user, only_evaluate_locally=True, **asked) for user in users}
        there = {user: remote.get_all_flags_and_payloads(user, **asked) for user in users}
        assert local == there
        assert local[users[0]]["featureFlags"]["by-flag"] is (plan == "pro")
    assert there[users[0]]["featureFlags"]["colour"] == "blue"
    remote.shutdown()


def test_h170_h178_it_polls_with_its_tag(client: Posthog, service: Service, project: Seed) -> None:
    client.load_feature_flags()
    assert client.get_feature_flag("colour", "u", only_evaluate_locally=True) == "blue"
    client.load_feature_flags()
    until(lambda: service.statuses()[-2:] == [200, 304], 10, f"{service.statuses()}")
    project.run("update posthog_featureflag set active = false where key = 'colour'")

    def changed() -> bool:
        client.load_feature_flags()
        return client.get_feature_flag("colour", "u", only_evaluate_locally=True) is False

    until(changed, 30, "the change was not seen")
    project.run("update posthog_featureflag set active = true where key = 'colour'")


def test_h190_it_reads_a_remote_configuration_as_a_text(client: Posthog, project: Seed) -> None:
    project.run(
        "insert into posthog_featureflag (id, team_id, key, filters, is_remote_configuration)"
        " values (100, %s, %s, %s, true)",
        project.team_id,
        "limits",
        json.dumps({"groups": [], "payloads": {"true": '{"limit": 25}'}}),
    )
    until(lambda: client.get_remote_config_payload("limits") is not None, 30, "no payload")
    assert json.loads(client.get_remote_config_payload("limits")) == {"limit": 25}


def test_h178_on_401_it_forgets_its_definitions(service: Service, project: Seed) -> None:
    client = Posthog(TOKEN, host=service.url, secret_key=SECRET, poll_interval=100_000, send=False)
    client.load_feature_flags()
    assert client.feature_flags
    project.run("update posthog_team set secret_api_token = 'phs_another'")

    def refused() -> bool:
        client.load_feature_flags()
        return service.statuses()[-1:] == [401]

    until(refused, 30, "the former key still opens the project")
    assert not client.feature_flags
    # Then it asks the service for every flag.
    assert client.get_feature_flag("by-plan", "u", **ASKED) is True
    client.shutdown()
