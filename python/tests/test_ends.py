"""No end of a process is a crash, whatever started V8 in whichever thread (docs/decisions/end-of-process.md).

HALYARD_ENDS says how many ends of each kind there are to be; a few, where nobody says.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ends.scripts import RUN_IN_SUBINTERPRETER, SCRIPTS
from ends.servers import SERVERS, missing, served
from ends.watch import Ends, watch
from support import HERE, python_path

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="NOT RUN: this system has no fork")
COUNT = int(os.environ.get("HALYARD_ENDS", "3"))


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_process_ends_as_it_says(name):
    script = SCRIPTS[name]
    env = {**os.environ, "PYTHONPATH": python_path(HERE), "PYTHONFAULTHANDLER": "1"}
    with watch() as ends:
        for _ in range(COUNT):
            done = subprocess.run(
                [sys.executable, "-W", "ignore", "-c", script.begin + RUN_IN_SUBINTERPRETER + script.text],
                capture_output=True,
                text=True,
                timeout=120,
                env=env,
            )
            assert done.returncode == script.code, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    _no_crash(ends, COUNT, "")


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that other users may read, as Apache's do; pytest's own are not."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_and_its_workers_end(name, folder):
    server = SERVERS[name]
    reason = missing(server)
    if reason is not None:
        pytest.skip(f"NOT RUN: {reason}")
    count = 0
    with watch() as ends:
        while count < COUNT:
            with served(server, folder) as running:
                pids = running.ask_all(server.workers)
                count += server.workers
                while server.reloads is not None and count < COUNT:
                    _change(folder / server.reloads)
                    deadline = time.monotonic() + 30
                    while (now := running.ask_all(1)) == pids:
                        assert time.monotonic() < deadline, "it does not begin again"
                    pids = now
                    count += 1
    if server.kills:
        ends.signals = [number for number in ends.signals if number != signal.SIGKILL]
    _no_crash(ends, count, (folder / "log").read_text())


def _change(file: Path) -> None:
    """Some look at the time of the change alone, in whole seconds."""
    newer = max(time.time(), file.stat().st_mtime + 1.1)
    os.utime(file, (newer, newer))


def _no_crash(ends: Ends, count: int, log: str) -> None:
    assert ends.crashes == [], f"{len(ends.crashes)} of {ends.count}\n{log[-5000:]}"
    assert not ends.told or ends.count >= count
    for word in ("Segmentation", "SIGSEGV", "SIGABRT", "Fatal Python error", "core dumped", "Traceback"):
        assert word not in log, log[-5000:]
