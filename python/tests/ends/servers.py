"""Servers as their users start them, and how each is told to end its workers."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import urlsplit

from support import HERE, python_path

#: How many ends of each kind there are to be; a few, where nobody says. Many go faster with many workers at a time.
COUNT = int(os.environ.get("HALYARD_ENDS", "3"))
MANY = COUNT >= 50
WORKERS = 8 if MANY else 2
_MOD_WSGI = Path("/usr/lib/apache2/modules/mod_wsgi.so")


class Served(NamedTuple):
    process: subprocess.Popen[str]
    url: str
    log: Path

    def ask(self) -> str:
        with urllib.request.urlopen(self.url, timeout=120) as answer:
            return str(answer.read().decode())

    def ask_all(self, workers: int) -> set[str]:
        """The processes that answer: so many, or fewer where the server always chooses the same ones."""
        pids: set[str] = set()
        rounds = 0
        deadline = time.monotonic() + 240
        with ThreadPoolExecutor(8) as pool:
            while not pids or (len(pids) < workers and rounds < 5):
                assert time.monotonic() < deadline, f"nobody answers\n{self.log.read_text()}"
                answers = [pid for pid in pool.map(lambda _: self._try(), range(4 * workers)) if pid]
                pids.update(answers)
                rounds += len(answers) > 0
        return pids

    def wait(self) -> None:
        """Until it listens."""
        deadline = time.monotonic() + 240
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", urlsplit(self.url).port or 0), timeout=5):
                return
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def wait_for(self, text: str, times: int) -> None:
        """Until its log says something so many times."""
        deadline = time.monotonic() + 240
        while self.log.read_text().count(text) < times:
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def _try(self) -> str | None:
        try:
            return self.ask()
        except OSError as error:
            assert self.process.poll() is None, self.log.read_text()
            if not isinstance(error, urllib.error.HTTPError):
                time.sleep(0.05)
                return None
            raise AssertionError(f"{error}\n{self.log.read_text()}") from error


class Server(NamedTuple):
    command: Callable[[int, Path], list[str]]
    #: What has to be installed, and the name by which a reason calls it.
    needs: tuple[str, ...] = ()
    workers: int = WORKERS
    env: Mapping[str, str] = MappingProxyType({})
    stop: signal.Signals = signal.SIGTERM
    #: Touched, this file makes a development server begin again.
    reloads: str | None = None
    tell_the_worker: bool = False
    #: It kills its workers when it ends itself, whatever they run.
    kills: bool = False


def missing(server: Server) -> str | None:
    """Why a server cannot be run here."""
    for need in server.needs:
        if need == "mod_wsgi":
            reason = _mod_wsgi_missing()
            if reason is not None:
                return reason
        elif importlib.util.find_spec(need) is None:
            return f"{need} is not installed"
    return None


def _mod_wsgi_missing() -> str | None:
    if shutil.which("apache2") is None or not _MOD_WSGI.exists():
        return "apache2 with mod_wsgi is not installed"
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if not _MOD_WSGI.with_name(f"mod_wsgi.so-{version}").exists():
        return f"mod_wsgi is installed for another Python than {version}"
    # Started by root, Apache serves as a user of its own.
    if os.geteuid() == 0 and not all(folder.stat().st_mode & 0o001 for folder in HERE.parents):
        return "Apache's user may not enter the folder of this clone"
    return None


def _gunicorn(*more: str) -> Callable[[int, Path], list[str]]:
    return lambda port, folder: [
        sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS), "--timeout", "120", *more,
        "ends.app",
    ]  # fmt: skip


def _uwsgi(*more: str) -> Callable[[int, Path], list[str]]:
    return lambda port, folder: [
        str(Path(sys.executable).with_name("uwsgi")), "--http-socket", f"127.0.0.1:{port}", "--module", "ends.app",
        "--venv", sys.prefix, "--master", "--processes", str(WORKERS), "--die-on-term", *more,
    ]  # fmt: skip


def apache(
    daemon: bool, serving: str = "ends.app", owner: tuple[str, str] = ("www-data", "www-data")
) -> Callable[[int, Path], list[str]]:
    """``owner``: the user and the group that it serves as, where root starts it."""

    def command(port: int, folder: Path) -> list[str]:
        paths = ":".join(filter(None, [str(HERE), os.environ.get("PYTHONPATH"), *sys.path[1:]]))
        own = f"WSGIDaemonProcess ends processes={WORKERS} threads=3 python-path={paths}\nWSGIProcessGroup ends"
        # The Django to test with comes before that of the environment, whichever order mod_wsgi gives them.
        first = list(filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)))
        (folder / "script.wsgi").write_text(
            f"import sys\n\nsys.path[:0] = {first!r}\nfrom {serving} import application\n"
        )
        (folder / "apache.conf").write_text(f"""
ServerRoot {folder}
ServerName localhost
PidFile {folder}/pid
Mutex file:{folder}
Listen 127.0.0.1:{port}
ErrorLog {folder}/log
User {owner[0]}
Group {owner[1]}
LoadModule mpm_prefork_module /usr/lib/apache2/modules/mod_mpm_prefork.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule wsgi_module {_MOD_WSGI}
StartServers {WORKERS}
MinSpareServers {WORKERS}
MaxSpareServers {WORKERS}
WSGISocketPrefix {folder}/socket
{own if daemon else "WSGIPythonPath " + paths}
WSGIScriptAlias / {folder}/script.wsgi
<Directory {folder}>
Require all granted
</Directory>
""")
        return ["apache2", "-f", str(folder / "apache.conf"), "-DFOREGROUND"]

    return command


def _runserver(*more: str) -> Callable[[int, Path], list[str]]:
    return lambda port, folder: [sys.executable, "-m", "django", "runserver", *more, f"127.0.0.1:{port}"]


IMPORT = {"ENDS_AT": "import"}
DJANGO = {"DJANGO_SETTINGS_MODULE": "ends.site"}
SERVERS = {
    "gunicorn-sync": Server(_gunicorn("--worker-class", "sync"), ("gunicorn",)),
    "gunicorn-gthread": Server(_gunicorn("--threads", "3"), ("gunicorn",)),
    "gunicorn-gthread-v8-at-import": Server(_gunicorn("--threads", "3"), ("gunicorn",), env=IMPORT),
    "gunicorn-preload": Server(_gunicorn("--preload", "--threads", "2"), ("gunicorn",), env=IMPORT),
    "gunicorn-gevent": Server(_gunicorn("--worker-class", "gevent"), ("gunicorn", "gevent")),
    "gunicorn-uvicorn": Server(
        lambda port, folder: [
            sys.executable,
            "-m",
            "gunicorn",
            "--bind",
            f"127.0.0.1:{port}",
            "--workers",
            str(WORKERS),
            "--worker-class",
            "uvicorn_worker.UvicornWorker",
            "ends.app:app",
        ],
        ("gunicorn", "uvicorn_worker"),
    ),
    "uvicorn-workers": Server(
        lambda port, folder: [
            sys.executable,
            "-m",
            "uvicorn",
            "ends.app:app",
            "--port",
            str(port),
            "--workers",
            str(WORKERS),
        ],
        ("uvicorn",),
    ),
    "uvicorn-reload": Server(
        lambda port, folder: [
            sys.executable,
            "-m",
            "uvicorn",
            "ends.app:app",
            "--port",
            str(port),
            "--reload",
            "--reload-dir",
            str(folder),
        ],
        ("uvicorn", "watchfiles"),
        workers=1,
        reloads="changed.py",
    ),
    "hypercorn": Server(
        lambda port, folder: [
            sys.executable,
            "-m",
            "hypercorn",
            "ends.app:app",
            "--bind",
            f"127.0.0.1:{port}",
            "--workers",
            str(WORKERS),
        ],
        ("hypercorn",),
    ),
    "uwsgi": Server(_uwsgi(), ("uwsgidecorators",)),
    "uwsgi-v8-before-the-fork": Server(_uwsgi(), ("uwsgidecorators",), env=IMPORT),
    "uwsgi-lazy-apps": Server(_uwsgi("--lazy-apps"), ("uwsgidecorators",)),
    "uwsgi-lazy-apps-v8-at-import": Server(_uwsgi("--lazy-apps"), ("uwsgidecorators",), env=IMPORT),
    "uwsgi-threads": Server(_uwsgi("--threads", "3"), ("uwsgidecorators",)),
    "uwsgi-threads-v8-before-the-fork": Server(_uwsgi("--threads", "3"), ("uwsgidecorators",), env=IMPORT),
    "uwsgi-lazy-apps-threads": Server(_uwsgi("--lazy-apps", "--threads", "3"), ("uwsgidecorators",)),
    "uwsgi-interrupted": Server(_uwsgi("--enable-threads"), ("uwsgidecorators",), stop=signal.SIGINT),
    "mod-wsgi-daemons": Server(apache(daemon=True), ("mod_wsgi",), reloads="script.wsgi", kills=True),
    "mod-wsgi-embedded": Server(apache(daemon=False), ("mod_wsgi",)),
    "runserver": Server(_runserver("--noreload"), ("django",), workers=1, env=DJANGO, stop=signal.SIGINT),
    "runserver-reload": Server(
        _runserver(), ("django",), 1, DJANGO, signal.SIGINT, reloads="changed.py", tell_the_worker=True
    ),
}


@contextmanager
def served(server: Server, folder: Path) -> Iterator[Served]:
    """A running server; afterwards it is told to end, and has to."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = int(listening.getsockname()[1])
    log = folder / "log"
    path = os.pathsep.join(filter(None, [python_path(HERE, folder), server.env.get("PYTHONPATH")]))
    env = {**os.environ, **server.env, "PYTHONPATH": path}
    if server.reloads is not None:
        (folder / server.reloads).touch()
    with log.open("a") as output:
        process = subprocess.Popen(
            server.command(port, folder),
            cwd=HERE,
            env=env,
            stdout=output,
            stderr=output,
            text=True,
            start_new_session=True,
        )
    try:
        running = Served(process, f"http://127.0.0.1:{port}/", log)
        yield running
        # Django's reloader kills the process below it when it is told itself.
        os.kill(int(running.ask()) if server.tell_the_worker else process.pid, server.stop)
        process.wait(timeout=240)
    finally:
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert process.returncode == 0, f"ended with {process.returncode}\n{log.read_text()}"
