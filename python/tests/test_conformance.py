"""Every vector through the Python door, as `npm run conformance -- --door python` does it."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from support import HERE

REPOSITORY = HERE.parent.parent


@pytest.mark.once
def test_every_vector_passes_through_the_python_door():
    done = subprocess.run(
        ["node", str(REPOSITORY / "conformance" / "dist" / "main.js"), "--door", "python"],
        capture_output=True,
        text=True,
        env={**os.environ, "HALYARD_DOOR_PYTHON": sys.executable},
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr
    assert re.fullmatch(r"\d+ passed, 0 failed(, \d+ skipped)?", done.stdout.splitlines()[-1])
