"""What is built can be installed and used without the repository."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile

import pytest

from support import HERE

BUILD = ["-m", "build", "--no-isolation", "--outdir"]
USE = """
import halyard
print(halyard.__file__)
flags = halyard.Halyard({"flags": [{"id": 1, "key": "on", "active": True, "filters": {"groups": [{"properties": []}]}}]})
print(flags.evaluate("ada").values())
"""


@pytest.mark.once
def test_the_wheel_built_from_the_sdist_carries_the_engine_and_works(tmp_path):
    built = subprocess.run(
        [sys.executable, *BUILD, str(tmp_path), str(HERE.parent)], capture_output=True, text=True, timeout=120
    )
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    assert len(list(tmp_path.glob("*.tar.gz"))) == 1
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        assert {"halyard/engine.js", "halyard/py.typed"} <= set(names)
        assert not [name for name in names if name.endswith((".mjs", ".ts")) or "tests" in name]
        archive.extractall(tmp_path / "installed")
    used = subprocess.run(
        [sys.executable, "-c", USE],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "installed"), "PATH": ""},
    )
    assert used.returncode == 0, used.stderr
    where, values = used.stdout.splitlines()
    assert where.startswith(str(tmp_path))
    assert values == "{'on': True}"
