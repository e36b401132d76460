from __future__ import annotations

from django.apps import AppConfig
from django.core import checks
from django.core.signals import setting_changed
from django.db.models.signals import post_migrate


class HalyardConfig(AppConfig):
    """Makes the project's databases known to Halyard, and lets ``manage.py check`` look at the settings."""

    name = "halyard.django"
    label = "halyard"
    verbose_name = "Halyard"

    def ready(self) -> None:
        from . import conf, seen
        from .checks import check_settings
        from .more_checks import check_additions
        from .original_path import offer
        from .test_tables import make_tables

        checks.register(check_settings, "halyard")
        checks.register(check_additions, "halyard")
        conf.apply()
        if conf.setting("ORIGINAL_IMPORT_PATH"):
            offer()
        setting_changed.connect(conf.forget, dispatch_uid="halyard")
        setting_changed.connect(seen.forget, dispatch_uid="halyard seen")
        post_migrate.connect(make_tables, sender=self, dispatch_uid="halyard tables")
