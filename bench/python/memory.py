"""Memory of a process: many threads, ever new property names, and runtimes that ran out of memory and were replaced.

python memory.py [--calls 1000000] [--threads 50] [--replaced 10]     Linux only
"""

from __future__ import annotations

import argparse
import re
import threading
from pathlib import Path

import workload

import halyard


def resident() -> int:
    """MiB that the process has in memory."""
    found = re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) // 1024 if found else 0


def by_threads(flags: halyard.Halyard, threads: int, calls: int, names: bool) -> list[int]:
    """What the process holds after each tenth of the calls. ``names``: of a property, another one with each call."""
    seen = []
    for tenth in range(10):

        def work(own: int, tenth: int = tenth) -> None:
            each = calls // 10 // threads
            first = (tenth * threads + own) * each
            for number in range(first, first + each):
                properties = {f"name-{number:012d}-{m}": m for m in range(4)} if names else workload.person(number)
                flags.evaluate(f"user-{number}", person_properties=properties)

        workers = [threading.Thread(target=work, args=(own,)) for own in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        seen.append(resident())
    return seen


def with_replaced_runtimes(flags: halyard.Halyard, times: int) -> list[int]:
    """What the process holds each time that a call needed more than the limit and the next one had a fresh V8."""
    halyard.configure_engine(memory_limit_mb=64)
    seen = []
    for _ in range(times):
        try:
            flags.evaluate("ada", person_properties={"text": "x" * (65 << 20)})
        except halyard.EngineMemoryError:
            flags.evaluate("ada", person_properties=workload.person(1))
            seen.append(resident())
    assert len(seen) == times, "a call did not run out of memory"
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=50)
    parser.add_argument("--replaced", type=int, default=10)
    given = parser.parse_args()
    print(f"imported: {resident()} MiB")
    flags = halyard.Halyard(workload.document(10))
    flags.evaluate("ada")
    print(f"first call: {resident()} MiB")
    for names, what in ((False, "persons with the same properties"), (True, "ever new names of properties")):
        seen = by_threads(flags, given.threads, given.calls, names)
        print(f"{given.threads} threads, {given.calls} calls, {what}, after each tenth: {seen} MiB")
    print(f"{given.replaced} replaced runtimes, after each: {with_replaced_runtimes(flags, given.replaced)} MiB")


if __name__ == "__main__":
    main()
