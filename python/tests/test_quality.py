"""Format, lint and types of the package itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

from support import HERE

ROOT = HERE.parent
FOLDERS = ("src", "tests", "hatch_build.py", "../examples")


@pytest.mark.once
@pytest.mark.parametrize(
    "command",
    [["ruff", "check", *FOLDERS], ["ruff", "format", "--check", *FOLDERS], ["mypy"]],
    ids=["lint", "format", "types"],
)
def test_quality(command):
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
