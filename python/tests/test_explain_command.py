"""What ``manage.py halyard_explain`` says, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from conftest import connection_parts
from support import HERE, Seed, flag

django = pytest.importorskip("django")


def asking(flag_id: int, key: str, target: int) -> dict[str, Any]:
    return flag(flag_id, key, {"type": "flag", "key": str(target), "operator": "flag_evaluates_to", "value": True})


@pytest.fixture(scope="module")
def database(server, django_env) -> dict[str, str]:
    seed = Seed(server.database())
    broken = {**flag(3, "broken"), "filters": {"groups": 1}}
    seed.project("phc_test", asking(1, "direct", 99), asking(2, "behind", 1), broken, asking(4, "on-broken", 3))
    return {**django_env, "HALYARD_TEST_DATABASE": json.dumps(connection_parts(seed.url))}


def explain(key: str, database: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "django", "halyard_explain", key, "ada", *options],
        capture_output=True,
        text=True,
        cwd=HERE,
        env={**os.environ, **database},
    )


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("direct", "  missing  there is no flag with the id 99"),
        ("behind", "  missing  there is no flag with the id 99; direct asks about it"),
        ("on-broken", "  missing  the flag broken (id 3) is left out, because its definition cannot be used"),
    ],
)
def test_it_names_the_flag_that_is_missing(database, key, line):
    printed = explain(key, database).stdout.splitlines()
    assert printed[0] == f'{key} is false for "ada".'
    assert line in printed


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_it_refuses_a_flag_that_is_not_there(django_env, options):
    done = explain("nothing", django_env, *options)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "CommandError: There is no flag nothing.\n")
