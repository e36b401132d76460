"""Calls in quick succession through memory that V8's thread watches, instead of a hand-over from thread to thread.

A hand-over takes several times as long as a small evaluation, and on a machine with an idle core much longer, for each
side first has to be woken (docs/decisions/mailbox.md). When calls follow one another closely, V8's thread therefore goes on
watching for about a tenth of a millisecond after an answer, on a core of its own, and the caller watches for the
answer. Single calls never do. The memory is that of packages/embed/src/mailbox.ts.
"""

from __future__ import annotations

import ctypes
import os
import platform
from collections.abc import Callable
from time import perf_counter

__all__ = ["MEMORY_BYTES", "Mailbox", "is_supported"]

_HEADER_BYTES = 64
_CAPACITY = 16_384
MEMORY_BYTES = _HEADER_BYTES + 4 * _CAPACITY
_ASKED, _ANSWERED, _REQUEST_LENGTH, _ANSWER_LENGTH, _SERVING = range(5)
_LEAVE = 0
_LAST_NUMBER = 2**30

#: Seconds from one answer to the next call within which calls are in quick succession, and how many make a beginning.
_QUICK = 50e-6
_BEGINNING = 3
#: Looks at the memory before the caller waits as ever: a few tenths of a millisecond.
_PATIENCE = 5_000
#: Seconds of going the other way after an answer that did not come in time, as where all cores are busy: doubled each time up to
#: the longest, and back to the first after so many answers in time.
_PAUSE, _LONGEST_PAUSE, _RECOVERED = 1e-3, 0.1, 100


def is_supported() -> bool:
    """Whether two threads can compute at the same time, and see each other's writes in their order."""
    if platform.machine() not in ("x86_64", "AMD64"):
        return False
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores > 1


class Mailbox:
    """One runtime's mailbox. Not for two threads at once, as the runtime; a signal handler may call in the middle of a call."""

    def __init__(
        self,
        address: int,
        push: Callable[[bytes], bytes],
        serve: Callable[[], object],
        settle: Callable[[], object],
    ) -> None:
        """``address``: of `MEMORY_BYTES` that outlive it. ``push``: the other way.

        ``serve``: starts serving, without waiting. ``settle``: waits until V8's thread has nothing to do, and raises if it failed.
        """
        memory = memoryview((ctypes.c_char * MEMORY_BYTES).from_address(address)).cast("B")
        self._header = memory[:_HEADER_BYTES].cast("i")
        self._request = memory[_HEADER_BYTES : _HEADER_BYTES + 2 * _CAPACITY]
        self._answer = memory[_HEADER_BYTES + 2 * _CAPACITY :]
        self._push = push
        self._serve = serve
        self._settle = settle
        self._number = 0
        self._in_succession = 0
        self._ended = 0.0
        self._paused_until = 0.0
        self._pause = _PAUSE
        self._in_time = 0

    def call(self, text: bytes) -> bytes:
        """The same as ``push``, sooner when the last call has just ended."""
        now = perf_counter()
        self._in_succession = self._in_succession + 1 if now - self._ended < _QUICK else 1
        if self._in_succession < _BEGINNING or now < self._paused_until:
            answer = self._alone(text)
        else:
            answer = self._ask(text) or self._alone(text)
        self._ended = perf_counter()
        return answer

    def close(self) -> None:
        """To be called before the memory goes. Later calls go the other way."""
        self.leave()
        for view in (self._header, self._request, self._answer):
            view.release()
        self._header = memoryview(bytearray(_HEADER_BYTES)).cast("i")
        self._paused_until = float("inf")

    def _alone(self, text: bytes) -> bytes:
        """The other way, with V8's thread free for it."""
        self.leave()
        return self._push(text)

    def leave(self) -> None:
        """Has V8's thread stop watching; whatever it is to do next does not wait for that."""
        header = self._header
        if header[_SERVING] != 0:
            header[_ASKED] = _LEAVE

    def works(self) -> bool:
        """Whether an answer comes through the memory as it comes the other way. Waits for it however long it takes."""
        number = self._put(b"?")
        self._settle()
        return self._header[_ANSWERED] == number and self._taken(number) == self._push(b"?")

    def _ask(self, text: bytes) -> bytes | None:
        """Asks through the memory. ``None``: no answer, for whatever reason; V8's thread no longer watches then."""
        number = self._put(text)
        if number == 0:
            return None
        header = self._header
        for _ in range(_PATIENCE):
            if header[_ANSWERED] == number:
                self._in_time += 1
                return self._taken(number)
        return self._late(number)

    def _put(self, text: bytes) -> int:
        """Leaves a request for V8's thread, and has it watch. Its number; 0: there is no room for the text."""
        units = text.decode("utf-8", "replace").encode("utf-16-le")
        length = len(units)
        if length > 2 * _CAPACITY:
            return 0
        header = self._header
        number = self._number = self._number % _LAST_NUMBER + 1
        self._request[:length] = units
        header[_REQUEST_LENGTH] = length >> 1
        header[_ASKED] = number
        if header[_SERVING] == 0:
            header[_SERVING] = 1
            self._serve()
        return number

    def _late(self, number: int) -> bytes | None:
        self._pause = _PAUSE if self._in_time > _RECOVERED else min(2 * self._pause, _LONGEST_PAUSE)
        self._paused_until = perf_counter() + self._pause
        self._in_time = 0
        self.leave()
        self._settle()
        # The answer is there now, or never will be.
        self._header[_SERVING] = 0
        return self._taken(number) if self._header[_ANSWERED] == number else None

    def _taken(self, number: int) -> bytes | None:
        length = self._header[_ANSWER_LENGTH]
        if length < 0:
            return None
        answer = bytes(self._answer[: 2 * length]).decode("utf-16-le", "replace").encode()
        # A signal handler's call in the meantime would have left its own answer there.
        return answer if self._number == number else None
