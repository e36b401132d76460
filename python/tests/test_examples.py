"""The examples in Python run as they stand, against a real database with their flags on."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import urlopen

import pytest

from support import HERE, Seed, flag, person_filter

EXAMPLES = HERE.parent.parent / "examples"
TOKEN = "phc_examples"


@pytest.fixture
def environment(seed: Seed) -> dict[str, str]:
    green = {"multivariate": {"variants": [{"key": "green", "rollout_percentage": 100}]}}
    seed.project(
        TOKEN,
        flag(1, "new-checkout", person_filter("signed_in", ["true"])),
        flag(2, "button-colour", person_filter("plan", ["pro"]), filters=green),
    )
    seed.person("ada", {"plan": "pro"})
    return {**os.environ, "DATABASE_URL": seed.url, "HALYARD_TOKEN": TOKEN}


def test_plain_python(environment):
    def run(user: str) -> list[str]:
        command = [sys.executable, str(EXAMPLES / "python" / "checkout.py"), user]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    assert run("ada") == ["new checkout", "button: green", "because: Matched condition set 1"]
    assert run("bob") == ["new checkout", "button: False", "because: Matched condition set 1"]


@contextmanager
def served(environment: dict[str, str]) -> Iterator[str]:
    with socket.create_server(
        ("127.0.0.1", 0)
    ) as probe:  # the development server of Django 4.2 does not say which port it chose
        place = f"127.0.0.1:{probe.getsockname()[1]}"
    command = [sys.executable, str(EXAMPLES / "django" / "site.py"), "runserver", "--noreload", place]
    server = subprocess.Popen(command, env={**environment, "PYTHONUNBUFFERED": "1"}, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        assert any(place in line for line in server.stdout), "the example did not start"
        yield f"http://{place}"
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()


@pytest.mark.django
def test_django(environment):
    with served(environment) as address:
        assert json.load(urlopen(f"{address}/checkout?user=ada")) == {"checkout": "new", "colour": "green"}
        assert json.load(urlopen(f"{address}/checkout?user=bob")) == {"checkout": "new", "colour": False}
