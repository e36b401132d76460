"""Definitions and stored data for tests."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

HERE = Path(__file__).parent


def flag(flag_id: int, key: str, *properties: dict[str, Any], rollout: float = 100, **more: Any) -> dict[str, Any]:
    filters = more.pop("filters", {})
    groups = [{"properties": list(properties), "rollout_percentage": rollout}]
    return {"id": flag_id, "key": key, "active": True, "filters": {"groups": groups, **filters}, **more}


def person_filter(key: str, value: Any, operator: str = "exact") -> dict[str, Any]:
    return {"key": key, "value": value, "operator": operator, "type": "person"}


def document(*flags: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"flags": list(flags), **more}


def python_path(*folders: Path) -> str:
    """These folders before those that PYTHONPATH has: one of them may hold the Django to test with."""
    return os.pathsep.join([*map(str, folders), *filter(None, [os.environ.get("PYTHONPATH")])])


class Seed:
    """Writes projects and persons with the tables' own columns."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.team_id = 0

    def run(self, sql: str, *values: Any) -> Any:
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(sql, values)
            return cursor.fetchone() if cursor.description else None

    def project(self, token: str = "phc_test", *flags: dict[str, Any], cohorts: tuple[Any, ...] = ()) -> int:
        (organization,) = self.run("insert into posthog_organization default values returning id")
        (project,) = self.run("insert into posthog_project (organization_id) values (%s) returning id", organization)
        (self.team_id,) = self.run(
            "insert into posthog_team (id, api_token, project_id, organization_id) values (%s, %s, %s, %s) returning id",
            project,
            token,
            project,
            organization,
        )
        for row in flags:
            self.flag(row)
        for row in cohorts:
            self.run(
                "insert into posthog_cohort (id, team_id, is_static, filters) values (%s, %s, %s, %s)",
                row["id"],
                self.team_id,
                row.get("is_static", False),
                json.dumps(row.get("filters")),
            )
        return self.team_id

    def flag(self, row: dict[str, Any]) -> None:
        self.run(
            "insert into posthog_featureflag (id, team_id, key, filters, active, ensure_experience_continuity)"
            " values (%s, %s, %s, %s, %s, %s)",
            row["id"],
            self.team_id,
            row["key"],
            json.dumps(row["filters"]),
            row["active"],
            row.get("ensure_experience_continuity", False),
        )

    def person(self, distinct_id: str, properties: dict[str, Any]) -> int:
        (person,) = self.run(
            "insert into posthog_person (team_id, properties) values (%s, %s) returning id",
            self.team_id,
            json.dumps(properties),
        )
        self.run(
            "insert into posthog_persondistinctid (team_id, distinct_id, person_id) values (%s, %s, %s)",
            self.team_id,
            distinct_id,
            person,
        )
        return int(person)

    def group(self, index: int, name: str, key: str, properties: dict[str, Any]) -> None:
        (project,) = self.run("select project_id from posthog_team where id = %s", self.team_id)
        self.run(
            "insert into posthog_grouptypemapping (group_type, group_type_index, team_id, project_id)"
            " values (%s, %s, %s, %s)",
            name,
            index,
            self.team_id,
            project,
        )
        self.run(
            "insert into posthog_group (team_id, group_type_index, group_key, group_properties) values (%s, %s, %s, %s)",
            self.team_id,
            index,
            key,
            json.dumps(properties),
        )


def run_script(script: str, *arguments: str, timeout: float = 240, env: dict[str, str] | None = None) -> str:
    """Runs a script in a Python process of its own and returns what it printed; it must end well and complain of nothing."""
    done = subprocess.run(
        # Python 3.12 warns of every fork beside a thread; here that is the point.
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", textwrap.dedent(script), *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, **(env or {})},
    )
    assert done.returncode == 0, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert done.stderr == "", done.stderr
    return done.stdout


def run_the_projects_tests(env: dict[str, str]) -> None:
    """Runs the tests of the Django project in shop/, which must pass without a warning."""
    done = subprocess.run(
        [sys.executable, "-W", "error", str(HERE / "shop" / "run_tests.py")],
        capture_output=True,
        text=True,
        cwd=HERE,
        env={**os.environ, **env},
    )
    assert done.returncode == 0, done.stdout + done.stderr


def free_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


class Servers:
    """Real servers of a test's own, run by servers.mjs."""

    def __init__(self, *what: str) -> None:
        self._node = subprocess.Popen(
            ["node", str(HERE / "servers.mjs"), *what], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._in, self._out = self._node.stdin, self._node.stdout
        line = self._out.readline()
        assert line, f"the servers did not start: {what}"
        self.where: dict[str, str] = json.loads(line)

    def do(self, *command: str) -> None:
        """Has it done, and waits for that."""
        self._in.write(" ".join(command) + "\n")
        self._in.flush()
        assert self._out.readline() == "\n"

    def stop(self) -> None:
        self._in.close()
        self._node.wait(timeout=60)
        self._out.close()


def until(condition: Callable[[], Any], seconds: float, what: str) -> float:
    """Waits until the condition holds. The seconds that it took."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < seconds, what
        time.sleep(0.01)
    return time.monotonic() - begun
