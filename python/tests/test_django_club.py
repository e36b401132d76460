"""A Django project whose test database Django makes: club/. Its own tests run in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from absent import without
from conftest import connection_parts
from support import HERE

django = pytest.importorskip("django")


@pytest.fixture(scope="module")
def club(server, django_env, tmp_path_factory) -> dict[str, str]:
    """Environment of the project. Its own database is empty; Django makes another for the tests."""
    # Where eventlet is installed, sentry-sdk looks into it, and it warns of itself.
    masked = without("eventlet", tmp_path_factory.mktemp("masked"))
    return {
        **django_env,
        "DJANGO_SETTINGS_MODULE": "club.settings",
        "HALYARD_TEST_DATABASE": json.dumps(connection_parts(server.url)),
        **masked,
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
