"""Threads: two against one, and what keeping or giving up the interpreter lock costs beside a computing thread.

python locks.py [--seconds 1]
"""

from __future__ import annotations

import argparse
import threading
import time

import workload

import halyard

PERSONS = [(f"user-{number}", workload.person(number)) for number in range(200)]


def rate(flags: halyard.Halyard, threads: int, seconds: float) -> float:
    """Evaluations a second of so many threads together."""
    counts = [0] * threads
    until = time.perf_counter() + seconds

    def work(own: int) -> None:
        while time.perf_counter() < until:
            for distinct_id, properties in PERSONS:
                flags.evaluate(distinct_id, person_properties=properties)
                counts[own] += 1
                if time.perf_counter() >= until:
                    return

    workers = [threading.Thread(target=work, args=(own,)) for own in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(counts) / seconds


def beside_a_computing_thread(flags: halyard.Halyard, seconds: float) -> float:
    """Microseconds of a call while another thread computes."""
    stop = threading.Event()

    def spin() -> None:
        while not stop.is_set():
            pass

    spinner = threading.Thread(target=spin)
    spinner.start()
    try:
        return 1e6 / rate(flags, 1, seconds)
    finally:
        stop.set()
        spinner.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="per measurement")
    seconds = parser.parse_args().seconds
    print("flags  lock     runtimes  1 thread/s  2 threads/s  us beside a computing thread")
    for count in (10, 100):
        flags = halyard.Halyard(workload.document(count))
        for lock, runtimes in (("auto", 1), ("never", 1), ("always", 1), ("always", 2)):
            halyard.configure_engine(release_lock=lock, runtimes=runtimes)
            rate(flags, 2, seconds / 3)
            one, two = rate(flags, 1, seconds), rate(flags, 2, seconds)
            beside = beside_a_computing_thread(flags, seconds)
            print(f"{count:5}  {lock:7}  {runtimes:8}  {one:10.0f}  {two:11.0f}  {beside:10.0f}")


if __name__ == "__main__":
    main()
