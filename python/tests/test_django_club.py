"""A Django project whose test database Django makes: club/. Its own tests run in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from conftest import connection_parts
from support import HERE, python_path

django = pytest.importorskip("django")


@pytest.fixture(scope="module")
def club(server, django_env) -> dict[str, str]:
    """Environment of the project. Its own database is empty; Django makes another for the tests."""
    return {
        **django_env,
        "DJANGO_SETTINGS_MODULE": "club.settings",
        "HALYARD_TEST_DATABASE": json.dumps(connection_parts(server.url)),
        "PYTHONPATH": python_path(HERE),
    }


@pytest.mark.parametrize("tests", sorted(file.stem for file in (HERE / "club").glob("tests_*.py")))
def test_the_projects_own_tests_pass(club, tests):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "django", "test", f"club.{tests}", "--noinput"],
        capture_output=True,
        text=True,
        cwd=HERE,
        env={**os.environ, **club},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "NO TESTS RAN" not in done.stderr
