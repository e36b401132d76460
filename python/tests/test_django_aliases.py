"""Which of Django's databases is asked for what."""

from __future__ import annotations

import pytest

pytest.importorskip("django")

from django.core.exceptions import ImproperlyConfigured

from halyard.django.databases import aliases

EVERY = ("default", "replica", "persons_db_reader", "persons_db_writer")


def test_d112_each_pool_has_the_alias_of_posthog():
    assert aliases({}, dict.fromkeys(EVERY)) == {
        "persons reader": "persons_db_reader",
        "persons writer": "persons_db_writer",
        "non-persons reader": "replica",
        "non-persons writer": "default",
    }


@pytest.mark.parametrize("missing", EVERY[1:])
def test_d112_an_alias_that_is_not_there_becomes_default(missing):
    chosen = aliases({}, {name: None for name in EVERY if name != missing})
    assert sorted(chosen.values()) == sorted(["default" if name == missing else name for name in EVERY])


def test_an_alias_that_was_named_has_to_be_there():
    with pytest.raises(ImproperlyConfigured, match=r"'replica_2'; DATABASES has default, replica$"):
        aliases({"persons_reader": "replica_2"}, dict.fromkeys(("default", "replica")))
