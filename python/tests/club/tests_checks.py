"""What `manage.py check` says about the settings around evaluation."""

import sys
import tempfile
from pathlib import Path

from django.test import SimpleTestCase, override_settings

from halyard.django.checks import check_settings
from halyard.django.more_checks import check_additions

WRONG = {
    "ANONYMOUS_COOKIE": ("halyard.E008", ["a b", "", 5, True, "a;b"]),
    "ANONYMOUS_ID": ("halyard.E008", [5, "nothing", True]),
    "REQUEST_OVERRIDES": ("halyard.E008", ["on", 1]),
    "REPORT_TO": ("halyard.E008", ["posthog", [1], None]),
    "TEST_TABLES": ("halyard.E008", [None, "no"]),
    "ADMIN": ("halyard.E008", [None, 3]),
    "ORIGINAL_IMPORT_PATH": ("halyard.E008", ["yes"]),
}


def found(**settings):
    with override_settings(HALYARD={"PROJECT_TOKEN": "phc_club", **settings}):
        return [(error.id, error.msg) for error in (*check_settings(), *check_additions())]


class ChecksTest(SimpleTestCase):
    def test_values_that_a_key_cannot_hold(self):
        for name, (number, values) in WRONG.items():
            for value in values:
                with self.subTest(name=name, value=value):
                    ((which, message),) = found(**{name: value})
                    self.assertEqual(which, number)
                    self.assertIn(f"HALYARD['{name}']", message)

    def test_names_that_lead_nowhere(self):
        self.assertEqual(
            found(REPORT_TO=["mixpanel"]),
            [("halyard.E010", "HALYARD['REPORT_TO'] has 'mixpanel'; there are posthog, opentelemetry, sentry.")],
        )
        for name in ("ANONYMOUS_ID", "REQUEST_OVERRIDES", "ADMIN"):
            ((number, message),) = found(**{name: "club.nothing"})
            self.assertEqual(number, "halyard.E004")
            self.assertIn(f"HALYARD['{name}'] cannot be imported", message)

    def test_modules_that_fail_when_they_are_imported(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "fails_at_import.py").write_text("1 / 0")
            sys.path.insert(0, folder)
            self.addCleanup(sys.path.remove, folder)
            for name in ("ANONYMOUS_ID", "REQUEST_OVERRIDES", "ADMIN", "DISTINCT_ID", "GROUPS"):
                self.assertEqual(
                    found(**{name: "fails_at_import.function"}),
                    [("halyard.E004", f"HALYARD['{name}'] cannot be imported: ZeroDivisionError: division by zero.")],
                )

    def test_what_is_right(self):
        self.assertEqual(
            found(
                ANONYMOUS_COOKIE=None,
                ANONYMOUS_ID=None,
                REQUEST_OVERRIDES=len,
                REPORT_TO=("posthog", "sentry"),
                ADMIN="club.views.flags",
            ),
            [],
        )
