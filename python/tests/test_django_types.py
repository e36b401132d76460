"""What type checkers make of a project that uses the package: mypy with django-stubs, and pyright."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from support import HERE

pytest.importorskip("django")

PROJECT = """
from typing import assert_type

from django.http import HttpResponse
from halyard import get_all_feature_flags_with_details_rust
from halyard.django import aflags_for, flags_for
from halyard.django.gates import flag_required
from halyard.django.http import HalyardRequest
from halyard.django.team import Team
from halyard.flags import FlagResult, Flags, Payload, Value


@flag_required("beta")
def view(request: HalyardRequest) -> HttpResponse:
    assert_type(request.flags, Flags)
    assert_type(request.flags.is_enabled("beta"), bool)
    assert_type(request.flags.value("colour"), Value | None)
    assert_type(request.flags.value("colour", "red"), Value)
    assert_type(request.flags["colour"], Value)
    assert_type(request.flags.get("colour"), FlagResult | None)
    assert_type(request.flags.payload("colour"), Payload)
    assert_type(dict(request.flags), dict[str, Value])
    assert_type([key for key in request.flags], list[str])
    return HttpResponse(status=200)


async def aview(request: HalyardRequest) -> HttpResponse:
    assert_type(await request.aflags(), Flags)
    assert_type(await aflags_for("ada", groups={"company": "acme"}, flag_keys=["beta"]), Flags)
    return HttpResponse(status=200)


assert_type(flags_for("ada", person_properties={"plan": "pro"}, hash_key_override="a", now=1.5), Flags)


# The types of the original's page.
flag_values: dict[str, str | bool]
reasons: dict[str, dict[str, object]]
payloads: dict[str, object]
errors: bool
details: dict[str, dict[str, object]] | None
properties: dict[str, str | int] = {"age": 42}
of_groups: dict[str, dict[str, str | int]] = {"company": {"seats": 5}}


def as_on_the_page(team: Team) -> None:
    global flag_values, reasons, payloads, errors, details
    flag_values, reasons, payloads, errors, details = get_all_feature_flags_with_details_rust(
        team, "user123", {"company": "acme"}, None, properties, of_groups, ["beta"]
    )
"""
WRONG = ['flags_for("ada", properties={})', 'flags_for("ada").valeu("beta")', 'flags_for("ada", groups="company")']


@pytest.fixture
def project(tmp_path):
    (tmp_path / "views.py").write_text(PROJECT)
    lines = [f"{line}  # wrong" for line in WRONG]
    (tmp_path / "wrong.py").write_text("\n".join(["from halyard.django import flags_for", *lines, ""]))
    return tmp_path


@pytest.mark.once
@pytest.mark.skipif(
    sys.version_info < (3, 11), reason="the stubs of Django for Python 3.10 are those of an older Django"
)
def test_mypy(project):
    def check(file):
        return subprocess.run(
            [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", file],
            capture_output=True,
            text=True,
            cwd=project,
            env={"MYPYPATH": str(HERE.parent / "src"), "PATH": ""},
        )

    assert check("views.py").stdout == "Success: no issues found in 1 source file\n"
    found = check("wrong.py").stdout
    assert [line.split(":")[1] for line in found.splitlines() if ": error:" in line] == ["2", "3", "4"], found


@pytest.mark.once
def test_pyright(project):
    (project / "pyrightconfig.json").write_text(
        json.dumps({"extraPaths": [str(HERE.parent / "src")], "typeCheckingMode": "standard"})
    )
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable],
        capture_output=True,
        text=True,
        cwd=project,
    )
    found = json.loads(done.stdout)["generalDiagnostics"]
    errors = [(each["file"].rpartition("/")[2], each["range"]["start"]["line"]) for each in found]
    assert errors == [("wrong.py", 1), ("wrong.py", 2), ("wrong.py", 3)], found
