"""posthog-python, unmodified, against Halyard's service: it asks for version 4 and reads typed records (H65)."""

from __future__ import annotations

import logging
import os
import subprocess
from collections.abc import Iterator
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from posthog import Posthog

from support import HERE, Seed, flag, free_port, until

MAIN = HERE.parent.parent / "packages" / "service" / "dist" / "main.js"


def ruled(flag_id: int, key: str, return_type: str, *values: Any) -> dict[str, Any]:
    rules = [
        {
            "id": f"00000000-0000-4000-8000-{index:012}",
            "rule_type": "targeted_release",
            "targeting": {"properties": []},
            "value": value,
        }
        for index, value in enumerate(values)
    ]
    filters = {"version": 2, "return_type": return_type, "default_value": None, "rules": rules}
    return {"id": flag_id, "key": key, "active": True, "filters": filters}


@pytest.fixture
def client(seed: Seed) -> Iterator[Posthog]:
    seed.project(
        "phc_typed",
        flag(1, "plain"),
        ruled(2, "number", "number", 50),
        ruled(3, "object", "object", {"columns": [1]}),
        ruled(4, "text", "string", "blue"),
        ruled(5, "off", "boolean", False),
        ruled(6, "default", "string"),
        ruled(7, "broken", "number", "no number"),
    )
    url = f"http://127.0.0.1:{free_port()}"
    env = {**os.environ, "DATABASE_URL": seed.url, "HOST": "127.0.0.1", "PORT": url.rpartition(":")[2]}
    service = subprocess.Popen(
        ["node", str(MAIN), "serve"], env=env, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    )
    try:
        until(lambda: service.poll() is not None or ready(url), 30, "the service did not start")
        yield Posthog("phc_typed", host=url, send=False)
    finally:
        service.terminate()
        service.wait(timeout=30)


def ready(url: str) -> bool:
    try:
        with urlopen(f"{url}/_readiness", timeout=5) as answer:
            return bool(answer.status == 200)
    except URLError:
        return False


@pytest.mark.once
def test_h65_h64_posthog_python_reads_typed_records(client: Posthog, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.INFO, logger="posthog"):
        assert client.get_all_flags("ann") == {
            "plain": True,
            "number": True,
            "object": True,
            "text": "blue",
            "off": False,
            "default": False,
        }
    # It says so where it takes an answer for an older server's.
    assert caplog.messages == []
    seen = client.get_feature_flag_result("number", "ann", send_feature_flag_events=False)
    assert seen is not None
    assert (seen.payload, seen.reason) == (50, "Matched rule 1")
    seen = client.get_feature_flag_result("object", "ann", send_feature_flag_events=False)
    assert seen is not None
    assert seen.payload == {"columns": [1]}
