"""Flags in a plain Python program, evaluated in its own process from a PostHog or Halyard database.

DATABASE_URL=postgresql://… HALYARD_TOKEN=phc_… python examples/python/checkout.py ada
"""

from __future__ import annotations

import os
import sys

from halyard import Halyard


def main(user: str) -> None:
    with Halyard(database=os.environ["DATABASE_URL"], token=os.environ["HALYARD_TOKEN"]) as halyard:
        flags = halyard.evaluate(user, person_properties={"signed_in": True})
        print("new checkout" if flags.is_enabled("new-checkout") else "old checkout")
        print(f"button: {flags.value('button-colour')}")
        checkout = flags.get("new-checkout")
        print(f"because: {checkout.description if checkout else 'there is no such flag'}")


if __name__ == "__main__":
    main(sys.argv[1])
