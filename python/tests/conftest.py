from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import hypothesis
import psycopg
import pytest

import halyard
from halyard import _engine
from support import HERE, Seed, flag, person_filter, python_path

_numbers = itertools.count(1)

# A busy machine is no fault of what is tested.
hypothesis.settings.register_profile("patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("patient")

# A job in the background of a shell ignores it, and the servers that tests interrupt would inherit that.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Server:
    """A real PostgreSQL for the run, and copies of its migrated template."""

    def __init__(self, url: str, template: str) -> None:
        self.url = url
        self.template = template

    def database(self) -> str:
        name = f"py_{os.getpid()}_{next(_numbers)}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"create database {name} template {self.template}")
        return self.url.replace("/postgres?", f"/{name}?", 1)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what uses Django: `-m django` runs that with another release."""
    for item in items:
        if "django_env" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.django)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    given = os.environ.get("HALYARD_TEST_SERVER")
    if given is not None:
        yield Server(**json.loads(given))
        return
    node = subprocess.Popen(
        ["node", str(HERE / "postgres.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert node.stdin is not None
    assert node.stdout is not None
    line = node.stdout.readline()
    assert line, "the test server did not start; is the repository built (npm run build)?"
    yield Server(**json.loads(line))
    node.stdin.close()
    node.wait(timeout=240)
    node.stdout.close()


@pytest.fixture
def seed(server: Server) -> Seed:
    return Seed(server.database())


@pytest.fixture
def unreachable() -> str:
    """Port 1 of this machine, where nobody listens."""
    return "postgresql://nobody:secret@127.0.0.1:1/none"


@pytest.fixture(params=["direct", "public"])
def interface(request: pytest.FixtureRequest) -> Iterator[str]:
    """Both ways to reach V8, each for the tests that use it."""
    halyard.configure_engine(interface=request.param)
    yield request.param
    halyard.configure_engine(interface="auto")


@pytest.fixture
def engine_settings() -> Iterator[None]:
    """Puts the engine's settings back."""
    before = _engine._settings
    yield
    halyard.configure_engine(**before.__dict__)


def connection_parts(url: str) -> dict[str, str]:
    """A PostgreSQL URL as Django's DATABASES wants it."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    return {
        "NAME": parts.path[1:],
        "USER": parts.username or query.get("user", [""])[0],
        "PASSWORD": parts.password or "",
        "HOST": parts.hostname or query.get("host", [""])[0],
        "PORT": str(parts.port or ""),
    }


@pytest.fixture(scope="session")
def django_env(server: Server) -> dict[str, str]:
    """Environment of the Django project in shop/, over a database with a project of two flags and one person."""
    seed = Seed(server.database())
    seed.project(
        "phc_test",
        flag(1, "beta", person_filter("plan", "pro")),
        flag(
            2,
            "colour",
            filters={
                "multivariate": {"variants": [{"key": "blue", "rollout_percentage": 100}]},
                "payloads": {"blue": '{"hex": "#00f"}'},
            },
        ),
    )
    seed.person("ada", {"plan": "pro"})
    return {
        "DJANGO_SETTINGS_MODULE": "shop.settings",
        "HALYARD_TEST_DATABASE": json.dumps(connection_parts(seed.url)),
        "PYTHONPATH": python_path(HERE),
    }


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Counts the run into the file that HALYARD_TALLY names, as the tests in JavaScript do."""
    file = os.environ.get("HALYARD_TALLY")
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if file is None or reporter is None:
        return
    counted = {name: reporter.stats.get(name, []) for name in ("passed", "failed", "error", "skipped")}
    skipped = [{"test": report.nodeid, "reason": str(report.longrepr[2])} for report in counted["skipped"]]
    failures = [report.nodeid for report in (*counted["failed"], *counted["error"])]
    failed = len(failures)
    if exitstatus not in (0, 1) and failed == 0:
        failed = 1
    tally = {
        "passed": len(counted["passed"]),
        "failed": failed,
        "skipped": skipped,
        "repeated": [],
        "failures": failures,
    }
    Path(file).write_text(json.dumps(tally))
