"""Every shared vector through the Python door, as `npm run conformance -- --door python` does it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support import HERE

REPOSITORY = HERE.parent.parent
VECTORS = Path(os.environ.get("HALYARD_CONFORMANCE_DIR", REPOSITORY.parent / "shared" / "conformance"))


@pytest.mark.once
@pytest.mark.skipif(not VECTORS.is_dir(), reason="no conformance vectors: set HALYARD_CONFORMANCE_DIR")
def test_every_vector_passes_through_the_python_door():
    done = subprocess.run(
        ["node", str(REPOSITORY / "conformance" / "dist" / "main.js"), str(VECTORS), "--door", "python"],
        capture_output=True,
        text=True,
        env={**os.environ, "HALYARD_DOOR_PYTHON": sys.executable},
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr
    assert re.fullmatch(r"\d+ passed, 0 failed(, \d+ skipped)?", done.stdout.splitlines()[-1])
