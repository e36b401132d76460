from __future__ import annotations

from django.apps import AppConfig
from django.core import checks
from django.core.signals import setting_changed


class HalyardConfig(AppConfig):  # type: ignore[misc]
    """Makes the project's databases known to Halyard, and lets ``manage.py check`` look at the settings."""

    name = "halyard.django"
    label = "halyard"
    verbose_name = "Halyard"

    def ready(self) -> None:
        from . import conf
        from .checks import check_settings

        checks.register(check_settings, "halyard")
        conf.apply()
        setting_changed.connect(conf.forget, dispatch_uid="halyard")
