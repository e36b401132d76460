"""No end of a process is a crash, whatever started V8 in whichever thread (docs/decisions/end-of-process.md).

HALYARD_ENDS says how many ends of each kind there are to be; a few, where nobody says. Many are done some at a time.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ends.scripts import RUN_IN_SUBINTERPRETER, SCRIPTS
from ends.servers import COUNT, MANY, SERVERS, WORKERS, missing, served
from ends.watch import Ends, watch
from support import HERE, python_path

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="NOT RUN: this system has no fork")


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_process_ends_as_it_says(name):
    if "subinterpreter" in name and sys.version_info[:2] == (3, 12):
        pytest.skip("NOT RUN: ctypes of Python 3.12 cannot be loaded in a subinterpreter")
    if name == "v8-used-by-others-first" and sys.version_info[:2] == (3, 13):
        pytest.skip("NOT RUN: a MiniRacer that nobody closes hangs at the end of Python 3.13, without Halyard too")
    script = SCRIPTS[name]
    env = {**os.environ, "PYTHONPATH": python_path(HERE), "PYTHONFAULTHANDLER": "1"}
    command = [sys.executable, "-W", "ignore", "-c", script.begin + RUN_IN_SUBINTERPRETER + script.text]

    def end(_: int) -> None:
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, env=env)
        assert done.returncode == script.code, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"

    with watch() as ends, ThreadPoolExecutor(os.cpu_count() if MANY else 1) as at_a_time:
        list(at_a_time.map(end, range(COUNT)))
    _no_crash(ends, COUNT, "")


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that other users may read, as Apache's do; pytest's own are not."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.mark.once
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
                count += len(pids)
                while server.reloads is not None and count < COUNT:
                    deadline, again = time.monotonic() + 240, 0.0
                    while (now := running.ask_all(server.workers)) & pids:
                        assert time.monotonic() < deadline, "it does not begin again"
                        # One that has just begun may not have looked at its files yet, and misses what changes before.
                        if time.monotonic() > again:
                            _change(folder / server.reloads)
                            again = time.monotonic() + 10
                    pids = now
                    count += len(pids)
    if server.kills:
        ends.signals = [number for number in ends.signals if number != signal.SIGKILL]
    _no_crash(ends, count, (folder / "log").read_text())


SEND = "from ends.tasks import ask\nfor _ in range({}): ask.delay()"


@pytest.mark.once
@pytest.mark.parametrize("pool", ["prefork", "threads", "gevent"])
def test_workers_of_celery_end(pool, folder):
    for needed in ("celery", *(["gevent"] if pool == "gevent" else [])):
        if importlib.util.find_spec(needed) is None:
            pytest.skip(f"NOT RUN: {needed} is not installed")
    env = {**os.environ, "PYTHONPATH": python_path(HERE), "ENDS_FOLDER": str(folder), "C_FORCE_ROOT": "1"}
    command = [
        "-m",
        "celery",
        "-A",
        "ends.tasks",
        "worker",
        "--pool",
        pool,
        "--concurrency",
        str(WORKERS),
        "--loglevel",
        "warning",
    ]
    workers = WORKERS if pool == "prefork" else 1
    if pool == "prefork" and MANY:
        # Each task is its process's last one, and one master sees them all end.
        command += ["--max-tasks-per-child", "1"]
        workers = COUNT
    send = SEND.format(max(60, workers))
    log = folder / "log"
    count = 0
    answered: set[int] = set()
    with watch() as ends:
        while count < COUNT:
            with log.open("a") as output:
                worker = subprocess.Popen([sys.executable, *command], cwd=HERE, env=env, stdout=output, stderr=output)
            try:
                # What one worker has left of the messages, the next one takes.
                if count == 0 or len(list((folder / "queue").iterdir())) < 2 * WORKERS:
                    subprocess.run([sys.executable, "-c", send], cwd=HERE, env=env, check=True, timeout=240)
                deadline = time.monotonic() + 240 + 2 * workers
                while len(list((folder / "answers").iterdir())) < workers:
                    assert time.monotonic() < deadline, log.read_text()
                    time.sleep(0.05)
                worker.terminate()
                assert worker.wait(timeout=240) == 0, log.read_text()
            finally:
                if worker.poll() is None:
                    worker.kill()
            for answer in (folder / "answers").iterdir():
                answered.add(int(answer.name))
                answer.unlink()
            count += workers
    # Celery's workers are killed when their master ends before they have: those that had only just been started.
    if pool == "prefork" and MANY:
        ends.signals = [number for pid, number in ends.killed.items() if pid in answered or number != signal.SIGKILL]
    _no_crash(ends, count, log.read_text())


@pytest.mark.once
def test_workers_of_pytest_xdist_end(folder):
    if importlib.util.find_spec("xdist") is None:
        pytest.skip("NOT RUN: pytest-xdist is not installed")
    (folder / "test_flags.py").write_text(
        "import pytest\nfrom ends.app import answer\n@pytest.mark.parametrize('n', range(8))\ndef test_it(n): assert answer()\n"
    )
    # It kills a worker that takes more than ten seconds to end, which on a busy machine is no hang.
    (folder / "conftest.py").write_text("from xdist.workermanage import NodeManager\nNodeManager.EXIT_TIMEOUT = 240\n")
    env = {**os.environ, "PYTHONPATH": python_path(HERE)}
    count = 0
    with watch() as ends:
        while count < COUNT:
            done = subprocess.run(
                [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", str(WORKERS), str(folder)],
                capture_output=True, text=True, timeout=600, env=env, cwd=folder,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr
            count += WORKERS
    _no_crash(ends, count, done.stdout + done.stderr)


def _change(file: Path) -> None:
    """Some look at the time of the change alone, in whole seconds."""
    newer = max(time.time(), file.stat().st_mtime + 1.1)
    os.utime(file, (newer, newer))


def _no_crash(ends: Ends, count: int, log: str) -> None:
    assert ends.crashes == [], f"{len(ends.crashes)} of {ends.count}\n{log[-5000:]}"
    assert not ends.told or ends.count >= count
    for word in ("Segmentation", "SIGSEGV", "SIGABRT", "Fatal Python error", "core dumped"):
        assert word not in log, log[-5000:]
    # From 3.12 on a server of threads says so of a request that comes while its process ends, Halyard or not.
    assert log.count("Traceback") <= log.count("can't create new thread at interpreter shutdown"), log[-5000:]
