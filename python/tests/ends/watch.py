"""How processes end, as the kernel tells it: also the workers whose crash their server keeps quiet about."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import threading
import time
from collections.abc import Iterator

#: What no end may be: the process did something impossible, or had to be killed because it hung.
CRASHES = {getattr(signal, name) for name in ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP", "SIGKILL")}

# linux/cn_proc.h and linux/connector.h
_NETLINK_CONNECTOR, _PROC, _LISTEN, _IGNORE = 11, 1, 1, 2
_FORKED, _ENDED = 0x1, 0x80000000


class Ends:
    """Ends of the processes below this one. ``told`` is false where the kernel tells only root, and only on Linux."""

    def __init__(self, told: bool) -> None:
        self.told = told
        self._below = {os.getpid()}
        self.signals: list[signal.Signals] = []
        #: How each ended that a signal ended, by its process id.
        self.killed: dict[int, signal.Signals] = {}
        self.count = 0

    def hear(self, what: int, numbers: tuple[int, ...]) -> None:
        if what == _FORKED:
            _, parent, child_thread, child = numbers[:4]
            if parent in self._below and child_thread == child:
                self._below.add(child)
        elif what == _ENDED:
            thread, process, status = numbers[:3]
            if thread == process and process in self._below:
                self._below.discard(process)
                self.count += 1
                if os.WIFSIGNALED(status):
                    self.killed[process] = signal.Signals(os.WTERMSIG(status))
                    self.signals.append(self.killed[process])

    @property
    def crashes(self) -> list[str]:
        return [number.name for number in self.signals if number in CRASHES]


@contextlib.contextmanager
def watch() -> Iterator[Ends]:
    kernel = _subscribe()
    ends = Ends(kernel is not None)
    if kernel is None:
        yield ends
        return
    until: list[int] = []

    def hear() -> None:
        # What has happened before the end of the block is still read after it; on a busy machine something always happens.
        while True:
            try:
                message = kernel.recv(4096)
            except TimeoutError:
                if until:
                    return
                continue
            what, _, when = struct.unpack_from("=IIQ", message, 36)
            if until and when > until[0]:
                return
            ends.hear(what, struct.unpack_from("=4I", message.ljust(68, b"\0"), 52))

    thread = threading.Thread(target=hear)
    thread.start()
    try:
        yield ends
    finally:
        until.append(time.monotonic_ns())
        thread.join()
        kernel.close()


def _subscribe() -> socket.socket | None:
    try:
        kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _NETLINK_CONNECTOR)  # type: ignore[attr-defined]
        kernel.bind((0, _PROC))
        kernel.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_RCVBUFFORCE", 33), 16 << 20)
        wish = struct.pack("=IIIIHHI", _PROC, _PROC, 0, 0, 4, 0, _LISTEN)
        kernel.send(struct.pack("=IHHII", 16 + len(wish), 3, 0, 0, 0) + wish)
        kernel.settimeout(0.2)
        kernel.recv(4096)  # the answer to the wish
    except (AttributeError, OSError):
        return None
    return kernel
