"""What type checkers make of the module that ``halyard types --lang python`` writes: ``typed_flags_sample.py``, which a
test beside the generator keeps as it writes it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from support import HERE

RIGHT = """
from typing import Literal

import posthog
from halyard.flags import Flags
from typed_flags_sample import FlagKey, typed, typed_flags

client = typed(posthog)
key: FlagKey = "new-cart"
button: Literal[False, "red", "blue"] | None = client.get_feature_flag("button", "ada", groups={"company": "acme"})
cart: bool | None = client.feature_enabled("new-cart", "ada")
payload = client.get_feature_flag_payload("new-cart", "ada")
if payload is not None:
    columns: int = payload["columns"]
    inner: float = payload["nested"]["x"]


def of_halyard(flags: Flags) -> Literal["light", "dark"] | None:
    known = typed_flags(flags)
    on: bool = known.is_enabled("new-cart")
    return known.value("theme") if on else None
"""
HEAD = """from typing import Literal
from typed_flags_sample import FlagKey, typed, typed_flags
import posthog
client = typed(posthog)
"""
WRONG = [
    'client.get_feature_flag("buton", "ada")',
    'client.feature_enabled("new-crat", "ada")',
    'client.get_feature_flag("button", "ada") == "green"',
    'variant: Literal["green"] | None = client.get_feature_flag("button", "ada")',
    'client.get_feature_flag("button")',
    'typed_flags(object()).value("broken")',
    'client.get_feature_flag_payload("new-cart", "ada")["colums"]  # type: ignore[index]',
    'key: FlagKey = "nothing"',
]


@pytest.mark.once
def test_mypy_refuses_a_misspelt_flag_variant_and_member(tmp_path):
    (tmp_path / "right.py").write_text(RIGHT)
    (tmp_path / "wrong.py").write_text(HEAD + "\n".join(WRONG) + "\n")

    def check(file):
        paths = f"{HERE}:{HERE.parent / 'src'}"
        command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", file]
        return subprocess.run(
            command, capture_output=True, text=True, cwd=tmp_path, env={"MYPYPATH": paths, "PATH": ""}
        )

    right = check("right.py")
    assert right.stdout == "Success: no issues found in 1 source file\n", right.stdout + right.stderr
    found = check("wrong.py").stdout
    lines = [int(line.split(":")[1]) for line in found.splitlines() if ": error:" in line]
    assert lines == list(range(5, 5 + len(WRONG))), found
