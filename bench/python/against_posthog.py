"""Halyard against the PyPI package `posthog` evaluating locally: the same flags, persons and process, in turns.

python against_posthog.py [--seconds 1] [--one-core]

With one core, as a worker has it that shares a machine with others, every call is a hand-over to V8's thread and back.
"""

from __future__ import annotations

import argparse
import logging
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

import posthog
import workload

from halyard import Halyard

PERSONS = [(f"user-{number}", workload.person(number)) for number in range(200)]
ROUNDS = 5


def peer(count: int) -> Callable[[str, dict[str, Any]], dict[str, Any]]:
    client = posthog.Posthog("phc_bench", host="http://127.0.0.1:1", send=False, disable_geoip=True)
    document = workload.document(count)
    client.feature_flags = document["flags"]
    client.group_type_mapping, client.cohorts = {}, {}

    def evaluate(distinct_id: str, properties: dict[str, Any]) -> dict[str, Any]:
        return client.get_all_flags(distinct_id, person_properties=properties, only_evaluate_locally=True)

    return evaluate


def ours(count: int) -> Callable[[str, dict[str, Any]], dict[str, Any]]:
    flags = Halyard(workload.document(count))
    return lambda distinct_id, properties: flags.evaluate(distinct_id, person_properties=properties).values()


def mean_us(evaluate: Callable[[str, dict[str, Any]], Any], seconds: float) -> float:
    calls = 0
    begun = time.perf_counter()
    while time.perf_counter() - begun < seconds:
        for distinct_id, properties in PERSONS:
            evaluate(distinct_id, properties)
        calls += len(PERSONS)
    return (time.perf_counter() - begun) / calls * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=0.3, help="per side and round")
    parser.add_argument("--one-core", action="store_true", help="keep the process to one core (where the system can)")
    arguments = parser.parse_args()
    seconds = arguments.seconds
    pinned = hasattr(os, "sched_setaffinity") and arguments.one_core
    if pinned:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    logging.disable(logging.WARNING)
    print("one core" if pinned else "all cores")
    print(f"posthog {posthog.VERSION if hasattr(posthog, 'VERSION') else ''}".strip())
    print("flags  halyard us  posthog us  times")
    for count in (1, 10, 100):
        sides = [ours(count), peer(count)]
        different = [p for p, q in PERSONS if sides[0](p, q) != sides[1](p, q)]
        for side in sides:
            mean_us(side, seconds / 3)
        taken: list[list[float]] = [[], []]
        for turn in range(ROUNDS):
            for side in (0, 1) if turn % 2 == 0 else (1, 0):
                taken[side].append(mean_us(sides[side], seconds))
        a, b = (statistics.median(times) for times in taken)
        print(
            f"{count:5}  {a:10.1f}  {b:10.1f}  {b / a:5.1f}"
            + (f"  ({len(different)} answers differ)" if different else "")
        )


if __name__ == "__main__":
    main()
