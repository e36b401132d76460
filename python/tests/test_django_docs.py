"""The pages for Django name what there is."""

from __future__ import annotations

import re

import pytest

from support import HERE

pytest.importorskip("django")

PAGES = HERE.parent.parent / "docs" / "django"

pytestmark = pytest.mark.skipif(not PAGES.exists(), reason="NOT RUN: the pages are in the repository, not in the sdist")


def test_the_table_of_settings_is_that_of_the_package():
    from halyard.django.conf import DEFAULTS

    text = (PAGES / "README.md").read_text(encoding="utf-8").partition("## The setting")[2]
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    assert [key for row in rows for key in re.findall(r"`(\w+)`", row)] == list(DEFAULTS)


def test_the_table_of_commands_is_that_of_the_package():
    folder = HERE.parent / "src" / "halyard" / "django" / "management" / "commands"
    text = (PAGES / "tables.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `manage.py (\w+)", text, re.MULTILINE))
    assert named == {file.stem for file in folder.glob("halyard_*.py")}


def test_the_table_of_servers_is_that_of_the_tests():
    import test_cooperative
    import test_servers
    from ends import servers

    text = (PAGES / "servers.md").read_text(encoding="utf-8").partition("\n## ")[0]
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    table = "\n".join(row.partition(" | ")[0] for row in rows).lower().replace("_", "-")
    run = {
        re.split(r"[ -](?!wsgi)", name)[0]
        for each in (servers, test_cooperative, test_servers)
        for name in each.SERVERS
    }
    assert [name for name in sorted(run) if name not in table] == []
    for row in rows[2:]:
        named = re.findall(r"`(test_\w+\.py)`", row)
        assert named, row
        assert all((HERE / name).exists() for name in named), row


def test_every_page_is_linked_and_every_link_leads_somewhere():
    index = (PAGES / "README.md").read_text(encoding="utf-8")
    for page in PAGES.glob("*.md"):
        text = page.read_text(encoding="utf-8")
        assert page.name == "README.md" or f"({page.name})" in index
        for target in re.findall(r"\]\(([^)#]+)", text):
            assert (PAGES / target).exists(), f"{page.name}: {target}"


def test_what_pages_import_is_there():
    import importlib

    for page in PAGES.glob("*.md"):
        text = page.read_text(encoding="utf-8")
        for module, names in re.findall(r"^from (halyard[\w.]*) import ([\w, ]+)$", text, re.MULTILINE):
            if module == "halyard.django.rest_framework":
                continue  # needs settings; tests_gates.py imports it
            for name in names.split(", "):
                assert hasattr(importlib.import_module(module), name), f"{page.name}: {module}.{name}"
