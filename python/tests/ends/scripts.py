"""Ends of single processes: each a program, the code it must end with, and what it asks of the machine."""

from __future__ import annotations

from typing import NamedTuple

BEGIN = """
import halyard, os, signal, sys, threading, time
from ends.app import DOCUMENT
def ask(times=20, **more):
    flags = halyard.Halyard(DOCUMENT)
    for n in range(times): flags.evaluate(f"user-{n}", **more)
    return flags
# An evaluation of many milliseconds.
SLOW = {"flags": [{"id": 1, "key": "slow", "active": True, "filters": {"groups": [{"rollout_percentage": 100, "properties": [
    {"key": "text", "type": "person", "operator": "regex", "value": f"(a|b|c)+{n}$"}]} for n in range(300)]}}]}
def busy(ready=None):
    flags, text = halyard.Halyard(SLOW), {"text": "abc" * 2000}
    while True:
        flags.evaluate("ada", person_properties=text)
        if ready: ready.set()
        if told: sys.exit(3)
# Python drops what a signal handler raises inside some of its own callbacks, those of an import among them: then `busy` ends.
told = []
def leave(*_):
    told.append(True)
    sys.exit(3)
def started(work, count=1):
    ready = threading.Event()
    for _ in range(count): threading.Thread(target=work, args=(ready,), daemon=True).start()
    ready.wait(60)
def quick(ready):
    flags = ask()
    while True:
        flags.evaluate("ada")
        ready.set()
"""


class Script(NamedTuple):
    text: str
    code: int = 3
    #: The first lines stand before V8 is there.
    begin: str = BEGIN


SCRIPTS = {
    "main-thread": Script("ask(); sys.exit(3)"),
    "public-interface": Script("halyard.configure_engine(interface='public'); ask(); sys.exit(3)"),
    "public-interface-other-thread": Script(
        "halyard.configure_engine(interface='public'); t = threading.Thread(target=ask); t.start(); t.join(); sys.exit(3)"
    ),
    "other-thread": Script("t = threading.Thread(target=ask); t.start(); t.join(); sys.exit(3)"),
    "other-thread-then-main": Script("t = threading.Thread(target=ask); t.start(); t.join(); ask(); sys.exit(3)"),
    "runtimes-of-many-threads": Script(
        "halyard.configure_engine(runtimes=4, release_lock='always')\n"
        "ts = [threading.Thread(target=ask) for _ in range(8)]\n"
        "for t in ts: t.start()\nfor t in ts: t.join()\nsys.exit(3)"
    ),
    "idle-daemon-thread": Script(
        "started(lambda ready: (ask(), ready.set(), time.sleep(60))); sys.exit(3)",
    ),
    "busy-daemon-threads": Script("started(quick, 3); sys.exit(3)"),
    "daemon-threads-in-long-calls": Script(
        "halyard.configure_engine(release_lock='always', runtimes=2); started(busy, 3); sys.exit(3)"
    ),
    "daemon-threads-in-long-calls-of-the-public-interface": Script(
        "halyard.configure_engine(interface='public', runtimes=2); started(busy, 3); sys.exit(3)"
    ),
    "daemon-thread-in-a-call-of-seconds": Script(
        "text = {'text': 'abc' * 400_000}; f = halyard.Halyard(SLOW)\n"
        "threading.Thread(target=lambda: f.evaluate('ada', person_properties=text), daemon=True).start()\n"
        "time.sleep(0.3); sys.exit(3)"
    ),
    "daemon-thread-in-a-call-of-seconds-of-the-public-interface": Script(
        "halyard.configure_engine(interface='public')\n"
        "text = {'text': 'abc' * 400_000}; f = halyard.Halyard(SLOW)\n"
        "threading.Thread(target=lambda: f.evaluate('ada', person_properties=text), daemon=True).start()\n"
        "time.sleep(0.3); sys.exit(3)"
    ),
    "signal-handler-exits-during-a-call": Script(
        "signal.signal(signal.SIGALRM, leave); signal.setitimer(signal.ITIMER_REAL, 0.2)\nbusy()"
    ),
    "signal-handler-evaluates-and-exits": Script(
        "ask(); signal.signal(signal.SIGALRM, lambda *_: (ask(), leave())); signal.setitimer(signal.ITIMER_REAL, 0.2)\nbusy()"
    ),
    "signal-handler-exits-while-v8-starts": Script(
        "signal.signal(signal.SIGALRM, leave); signal.setitimer(signal.ITIMER_REAL, 0.02)\nbusy()"
    ),
    "signal-handler-evaluates-while-v8-starts": Script(
        "def handler(*_):\n    try: ask()\n    except halyard.EngineError as error: assert 'being started' in str(error)\n"
        "    leave()\n"
        "signal.signal(signal.SIGALRM, handler); signal.setitimer(signal.ITIMER_REAL, 0.02)\nbusy()"
    ),
    "keyboard-interrupt": Script(
        "threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT)).start()\n"
        "try: busy()\nexcept KeyboardInterrupt: sys.exit(3)"
    ),
    "os-exit": Script("ask(); os._exit(3)"),
    "os-exit-in-a-thread-during-calls": Script(
        "started(quick, 2); threading.Thread(target=lambda: os._exit(3)).start(); busy()"
    ),
    "sys-exit-in-a-thread": Script(
        "t = threading.Thread(target=lambda: (ask(), sys.exit(9))); t.start(); t.join(); ask(); sys.exit(3)"
    ),
    "an-error-nobody-catches": Script("sys.stderr = open(os.devnull, 'w'); ask(); raise ValueError", 1),
    "v8-used-by-others-first": Script(
        "import py_mini_racer\nr = py_mini_racer.MiniRacer(); r.eval('1+1')\n"
        "t = threading.Thread(target=ask); t.start(); t.join(); ask(); sys.exit(3)"
    ),
    "v8-used-by-others-first-in-a-thread": Script(
        "from halyard._v8_library import mini_racer\n"
        "t = threading.Thread(target=lambda: mini_racer().init_mini_racer(ignore_duplicate_init=True)); t.start(); t.join()\n"
        "ask(); t = threading.Thread(target=ask); t.start(); t.join(); sys.exit(3)"
    ),
    "fork-and-exit": Script(
        "ask()\npid = os.fork()\nask()\nif pid: assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3\nsys.exit(3)"
    ),
    "fork-in-a-thread": Script(
        "def work():\n    ask()\n    pid = os.fork()\n    ask()\n    if not pid: sys.exit(0)\n"
        "    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0\n"
        "t = threading.Thread(target=work); t.start(); t.join(); sys.exit(3)"
    ),
    "process-pool-fork": Script(
        "from concurrent.futures import ProcessPoolExecutor\nimport multiprocessing\nfrom ends.app import answer\n"
        "ask()\nwith ProcessPoolExecutor(2, multiprocessing.get_context('fork')) as p:\n"
        "    [f.result() for f in [p.submit(answer) for _ in range(4)]]\nsys.exit(3)"
    ),
    "process-pool-spawn": Script(
        "from concurrent.futures import ProcessPoolExecutor\nimport multiprocessing\nfrom ends.app import answer\n"
        "ask()\nwith ProcessPoolExecutor(2, multiprocessing.get_context('spawn')) as p:\n"
        "    [f.result() for f in [p.submit(answer) for _ in range(4)]]\nsys.exit(3)"
    ),
    "multiprocessing-forkserver": Script(
        "import multiprocessing\nfrom ends.app import answer\n"
        "with multiprocessing.get_context('forkserver').Pool(2) as p: p.map(answer_of, range(4))\n"
        "ask(); sys.exit(3)".replace("answer_of", "len_of").replace("len_of, range(4)", "len, ['a', 'b']")
    ),
    "subinterpreter": Script(
        'ask()\nrun("from ends.app import answer; assert answer()")\nask(); sys.exit(3)',
    ),
    "only-in-a-subinterpreter": Script('run("from ends.app import answer; assert answer()")\nsys.exit(3)'),
}

#: Runs a text in an interpreter of its own inside the process.
RUN_IN_SUBINTERPRETER = """
def run(text):
    try:
        from concurrent import interpreters
        inner = interpreters.create()
        try: inner.exec(text)
        finally: inner.close()
    except ImportError:
        try: import _interpreters as interpreters
        except ImportError: import _xxsubinterpreters as interpreters
        inner = interpreters.create()
        try:
            failed = interpreters.run_string(inner, text)
            assert not failed, failed
        finally: interpreters.destroy(inner)
"""
