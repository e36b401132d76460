"""The pytest plugin and `override_flags` under pytest, in runs of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from conftest import connection_parts
from support import HERE, python_path

pytest.importorskip("django")
pytest.importorskip("pytest_django")

TESTS = """
import pytest
from halyard.django import aflags_for, flags_for
from halyard.django.test import override_flags
import asyncio

DOCUMENT = {"flags": [{"id": 1, "key": "beta", "active": True, "filters": {"groups": [{"properties": [
    {"key": "plan", "value": "pro", "operator": "exact", "type": "person"}]}]}}]}

def test_all_are_off_at_first(flags, client):
    assert flags_for("u") == {} and client.get("/flags").json() == {}

def test_values(flags, client):
    flags.set(beta=True, colour="blue", payloads={"colour": {"hex": "#00f"}})
    flags["old"] = False
    assert client.get("/flags").json() == {"beta": True, "colour": "blue", "old": False}
    assert flags_for("u").payload("colour") == {"hex": "#00f"}
    del flags["old"]
    flags.set({"beta": False})
    assert flags_for("u") == {"beta": False, "colour": "blue"}
    flags.reset()
    assert flags_for("u") == {}

def test_nothing_is_left_of_another_test(flags):
    assert flags_for("u") == {}

def test_nothing_is_left_where_the_fixture_is_not_used():
    with override_flags(beta=True, only=False):
        from halyard import overrides
        assert len(overrides._stack) == 1

def test_definitions(flags):
    flags.define(DOCUMENT)
    assert flags_for("u", person_properties={"plan": "pro"}) == {"beta": True}
    assert asyncio.run(aflags_for("u")) == {"beta": False}
    flags["beta"] = "blue"
    assert flags_for("u") == {"beta": "blue"}
    with pytest.raises(ValueError):
        flags.define({"flags": 5})

@pytest.mark.django_db
def test_evaluated_as_ever(flags, client):
    from club.seed import project
    project("stored")
    flags.evaluate()
    assert client.get("/flags").json() == {"stored": True}
    flags["stored"] = False
    assert client.get("/flags").json() == {"stored": False}

@override_flags({"a": "v"})
@pytest.mark.parametrize("x", [1, 2])
def test_decorated_with_fixtures(x, rf):
    assert flags_for("u").value("a") == "v"

@override_flags({"a": "v"})
class TestClass:
    def setup_method(self):
        self.seen = flags_for("u").value("a")
    def test_method(self, rf):
        assert (self.seen, flags_for("u").value("a")) == ("v", "v")
    @override_flags({"a": "w"})
    def test_method_wins(self):
        assert flags_for("u").value("a") == "w"
    @staticmethod
    def test_static():
        assert flags_for("u").value("a") == "v"

class TestInherited(TestClass):
    pass

@pytest.fixture
def beta():
    with override_flags(beta=True):
        yield

def test_in_a_fixture(beta, client):
    assert client.get("/flags").json() == {"beta": True}

def test_after_the_fixture():
    with override_flags({}):
        assert flags_for("u") == {}

@override_flags({"a": "v"})
@pytest.mark.xfail(strict=True, reason="its body runs and fails")
def test_a_failing_one_fails():
    assert flags_for("u").value("a") != "v"
"""


def test_the_fixture_and_the_decorator(server, tmp_path):
    (tmp_path / "test_flags.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "club.settings",
            "HALYARD_TEST_DATABASE": json.dumps(connection_parts(server.url)),
            "PYTHONPATH": python_path(HERE),
        },
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "16 passed, 1 xfailed" in done.stdout


def test_pytest_does_not_load_the_engine_for_it(tmp_path):
    (tmp_path / "test_nothing.py").write_text(
        "import sys\ndef test_it():\n    assert 'halyard.pytest_plugin' in sys.modules and 'py_mini_racer' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:django", str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout + done.stderr
