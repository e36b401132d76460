"""Runs the project's tests on the database as it is: the schema is not Django's to create."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

import django
from django.conf import settings
from django.test.runner import DiscoverRunner


class Runner(DiscoverRunner):
    def setup_databases(self, **_):
        return []

    def teardown_databases(self, old_config, **_):
        pass


if __name__ == "__main__":
    # All aliases on one connection, as the test runner has it for mirrors.
    django.setup()
    from django.db import connections

    for alias in settings.DATABASES:
        if alias != "default":
            connections[alias] = connections["default"]
    sys.exit(bool(Runner(verbosity=1).run_tests(["shop"])))
